/** Join dialog: enter a room by name, or from the list of open rooms. */

import { field, makeForm, openDialog } from "./dialog.js";
import { button, byId, find, h } from "./dom.js";
import { counted } from "./phrases.js";

/** @import { ListedRoom } from "./protocol" */
/** @import { Session } from "./session.js" */
/** @import { Values } from "./types" */

/** Longest room name, in characters, with its `#`. */
const MAX_NAME = 33;

/** @param {Session} session */
export async function openJoinDialog(session) {
	const name = field("Room", "room", { required: true, maxlength: MAX_NAME, autocapitalize: "none", dir: "auto" });
	const key = field("Key (if locked)", "key");
	const form = makeForm("Join", [name, key], async (values) => {
		const problem = await join(session, values);
		if (problem) return problem;
		dialog.close();
		byId("message").focus();
	});
	const list = h("ul", {});
	const dialog = openDialog("Join a room", form, h("h3", {}, "Open rooms"), list);

	const choose = (/** @type {string} */ room) => {
		find(form, "[name=room]", HTMLInputElement).value = room;
		form.requestSubmit();
	};
	const reply = await session.ask({ type: "rooms" });
	if (reply.type === "rooms") list.replaceChildren(...reply.rooms.map((room) => choice(room, choose)));
}

/**
 * Switch to a room, or join it.
 * @param {Session} session
 * @param {Values} values
 * @returns {Promise<string | undefined>}  An error message, if any.
 */
async function join(session, { room, key }) {
	const { store } = session;
	const name = room.trim().replace(/^#/, "");
	const known = store.rooms.get(name.toLowerCase());
	if (known) {
		store.select(known);
		return undefined;
	}
	const reply = await session.ask({ type: "join", room: name, ...(key && { key }) });
	return reply.type === "refused" ? reply.text : undefined;
}

/**
 * @param {ListedRoom} room
 * @param {(name: string) => void} choose
 */
function choice({ room, people, topic }, choose) {
	const about = ` ${counted(people, "person", "people")}`;
	const content = [h("b", {}, h("bdi", {}, `#${room}`)), about, topic && " · ", topic && h("bdi", {}, topic)];
	return h("li", {}, button(content, () => choose(room), { class: "choice" }));
}
