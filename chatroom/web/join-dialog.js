/** Join dialog: enter a room by name, or from the list of open rooms. */

import { field, makeForm, openDialog } from "./dialog.js";
import { button, find, h } from "./dom.js";
import { enter } from "./going.js";
import { counted } from "./room-phrases.js";

/** @import { ListedRoom } from "./protocol" */
/** @import { Session } from "./session.js" */

/** Longest room name, in characters, with its `#`. */
const MAX_NAME = 33;

/** @param {Session} session */
export async function openJoinDialog(session) {
	const name = field("Room", "room", { required: true, maxlength: MAX_NAME, autocapitalize: "none", dir: "auto" });
	const key = field("Key (if locked)", "key");
	const form = makeForm("Join", [name, key], async (values) => {
		const problem = await enter(session, values.room, values.key);
		if (problem) return problem;
		dialog.close();
	});
	const list = h("ul", {});
	const dialog = openDialog("Join a room", form, h("h3", {}, "Open rooms"), list);

	const choose = (/** @type {string} */ room) => {
		find(form, "[name=room]", HTMLInputElement).value = room;
		find(form, ".primary").click();
	};
	const reply = await session.ask({ type: "rooms" });
	if (reply.type === "rooms") list.replaceChildren(...reply.rooms.map((room) => choice(room, choose)));
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
