/** The list of rooms, the head of the current one, and going into others. */

import { overRoom } from "./command-forms.js";
import { field, makeForm, openDialog } from "./dialog.js";
import { button, byId, fill, h, say } from "./dom.js";
import { openMenu } from "./menu.js";
import { counted, special } from "./phrases.js";
import { rich } from "./row-view.js";

/** Show them in *nav*; returns what goes *step* places down the list, or to the next one with news. */
export function makePlaces(chat, nav) {
	let shown = "";

	function place(room) {
		const { id, unread, calls, title, private: two } = room;
		const content = [
			h("span", { class: "mark" }, two ? "@" : "#"),
			h("span", { class: "name" }, two ? title : id),
			unread && h("span", { class: "badge" }, String(unread)),
		];
		const given = {
			class: `place${unread ? " news" : ""}${calls ? " called" : ""}`,
			"data-id": id,
			"aria-current": room === chat.current && "true",
			"aria-label": unread ? `${title}, ${unread} unread` : title,
		};
		return h("li", {}, button(content, () => chat.select(room), given));
	}

	async function join({ room, key }) {
		const name = room.trim().replace(/^#/, "");
		const known = chat.rooms.get(name.toLowerCase());
		if (known) chat.select(known);
		else return (await chat.ask({ type: "join", room: name, ...(key && { key }) })).text;
	}

	async function ask() {
		const done = async (values) => (await join(values)) || (dialog.close(), byId("message").focus());
		const name = field("Room", "room", { required: true, maxlength: 33, autocapitalize: "none" });
		const form = makeForm("Join", [name, field("Key (if locked)", "key")], done);
		const list = h("ul", {});
		const dialog = openDialog("Join a room", form, h("h3", {}, "Open rooms"), list);
		const { rooms = [] } = await chat.ask({ type: "rooms" });
		const choice = ({ room, people, topic }) => {
			const text = ` ${counted(people, "person", "people")}${topic && ` · ${topic}`}`;
			return h("li", {}, button([h("b", {}, `#${room}`), text], () => pick(room), { class: "choice" }));
		};
		const pick = (room) => {
			form.elements.room.value = room;
			form.requestSubmit();
		};
		list.replaceChildren(...rooms.map(choice));
	}

	chat.on("rooms", () => {
		const { current, rooms } = chat;
		const about = [current.topic, ...special(current.settings)].filter(Boolean).join(" · ");
		const all = rooms.listed();
		const now = JSON.stringify([current.id, about, all.map(({ title, unread, calls }) => [title, unread, calls])]);
		if (now === shown) return;
		shown = now;
		say(byId("room-name"), current.title);
		byId("topic").replaceChildren(...rich(about));
		byId("topic").title = about;
		byId("room-menu").hidden = !current.id;
		fill(nav.querySelector("ul"), all.map(place));
	});
	byId("join-room").addEventListener("click", ask);
	byId("room-menu").addEventListener("click", ({ currentTarget }) => {
		const { current } = chat;
		const leave = [`Leave ${current.title}`, () => chat.send({ type: "leave", room: current.id })];
		const items = current.private ? [["Close conversation", () => chat.close(current)]] : [...overRoom(chat), null, leave];
		openMenu(currentTarget, current.title, items);
	});
	return (step, news) => {
		const rooms = chat.rooms.listed().filter((room) => !news || room.unread || room === chat.current);
		const to = rooms.at((rooms.indexOf(chat.current) + step) % rooms.length);
		if (to) chat.select(to);
	};
}
