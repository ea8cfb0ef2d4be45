/** The list of rooms and conversations, the head of the current one, and going into others. */

import { field, makeForm, openDialog } from "./dialog.js";
import { button, byId, h, say } from "./dom.js";
import { overRoom } from "./forms.js";
import { openMenu } from "./menu.js";
import { rich } from "./row.js";
import { counted, special } from "./words.js";

/** Show them in *nav*; returns what goes *step* places down the list, or to the next one with something new. */
export function makePlaces(chat, nav) {
	const list = nav.querySelector("ul");
	let shown = "";

	function place(room) {
		const { id, unread, calls, title, private: two } = room;
		return h(
			"li",
			{},
			h(
				"button",
				{
					type: "button",
					onclick: () => chat.select(room),
					class: `place${unread ? " news" : ""}${calls ? " called" : ""}`,
					"data-room": id,
					"aria-current": room === chat.current && "true",
					"aria-label": unread ? `${title}, ${unread} unread` : title,
				},
				h("span", { class: "mark" }, two ? "@" : "#"),
				h("span", { class: "name" }, two ? title : id),
				unread && h("span", { class: "badge" }, unread > 999 ? "999+" : String(unread)),
			),
		);
	}

	async function ask() {
		const join = async ({ room, key }) => {
			const known = chat.rooms.get(room.trim().replace(/^#/, "").toLowerCase());
			const { type, text } = known ? chat.select(known) ?? {} : await chat.ask({ type: "join", room: room.trim(), ...(key && { key }) });
			if (type === "refused") return text;
			dialog.close();
			return "";
		};
		const fields = [
			field("Room", "room", { required: true, maxlength: 33, autocapitalize: "none" }),
			field("Key (if locked)", "key"),
		];
		const form = makeForm("Join", fields, join);
		const open = h("ul", { class: "rows" });
		const dialog = openDialog("Join a room", form, h("h3", {}, "Open rooms"), open);
		const { rooms = [] } = await chat.ask({ type: "rooms" });
		const pick = (name) => () => {
			form.elements.room.value = name;
			form.requestSubmit();
		};
		const choice = ({ room, people, topic }) =>
			h("li", {}, button([h("b", {}, `#${room}`), ` ${counted(people, "person", "people")}`, topic && ` · ${topic}`], pick(room), { class: "choice" }));
		open.replaceChildren(...rooms.map(choice));
	}

	chat.on("rooms", () => {
		const { current, rooms } = chat;
		const about = [current.topic, ...special(current.settings)].filter(Boolean).join(" · ");
		const all = rooms.listed();
		const now = JSON.stringify([current.id, current.title, about, all.map(({ title, unread, calls }) => [title, unread, calls])]);
		if (now === shown) return;
		shown = now;
		say(byId("room-name"), current.title);
		byId("topic").replaceChildren(...rich(about));
		byId("topic").title = about;
		byId("room-menu").hidden = !current.id;
		const focused = document.activeElement.dataset.room;
		list.replaceChildren(...all.map(place));
		if (focused) list.querySelector(`[data-room="${CSS.escape(focused)}"]`)?.focus();
	});
	byId("join-room").addEventListener("click", ask);
	byId("room-menu").addEventListener("click", ({ currentTarget }) => {
		const { current } = chat;
		const { id, title } = current;
		const leave = [`Leave ${title}`, () => chat.send({ type: "leave", room: id })];
		const items = current.private ? [["Close conversation", () => chat.close(current)]] : [...overRoom(chat), null, leave];
		openMenu(currentTarget, title, items);
	});
	return (step, news) => {
		const rooms = chat.rooms.listed().filter((room) => !news || room.unread || room === chat.current);
		const at = rooms.indexOf(chat.current);
		const to = rooms.at((at + step) % rooms.length);
		if (to) chat.select(to);
	};
}
