/** The room list, and the header of the current room. */

import { isolated } from "./bidi.js";
import { roomItems } from "./command-forms.js";
import { button, byId, fill, find, h, say } from "./dom.js";
import { openJoinDialog } from "./join-dialog.js";
import { openMenu } from "./menu.js";
import { roomNotes } from "./room-phrases.js";
import { rich } from "./row-view.js";

/** @import { Room } from "./rooms.js" */
/** @import { Session } from "./session.js" */
/** @import { MenuItem } from "./types" */

export class RoomList {
	#session;
	#store;
	#nav;
	/** What list and head were last made of, so that they are not made again for nothing. */
	#shown = "";

	/**
	 * @param {Session} session
	 * @param {HTMLElement} nav
	 */
	constructor(session, nav) {
		this.#session = session;
		this.#store = session.store;
		this.#nav = nav;
		this.#store.on("rooms", () => this.#update());
		byId("join-room").addEventListener("click", () => openJoinDialog(session));
		const menuButton = byId("room-menu");
		menuButton.addEventListener("click", () => this.#openMenu(menuButton));
	}

	/**
	 * Go down the list.
	 * @param {1 | -1} step  -1 goes up.
	 * @param {boolean} news  Whether only to rooms with something new.
	 */
	move(step, news) {
		const { current } = this.#store;
		const rooms = this.#store.rooms.listed().filter((room) => !news || room.unread || room === current);
		const room = rooms.at((rooms.indexOf(current) + step) % rooms.length);
		if (room) this.#store.select(room);
	}

	#update() {
		const { current, rooms } = this.#store;
		const { topic: subject, settings } = current;
		const about = [isolated(subject), ...roomNotes(settings)].filter(Boolean).join(" · ");
		const listed = rooms.listed();
		const numbers = listed.map(({ title, unread, calls }) => [title, unread, calls]);
		const shown = JSON.stringify([current.id, about, numbers]);
		if (shown === this.#shown) return;
		this.#shown = shown;
		const topic = byId("topic");
		say(byId("room-name"), current.title);
		topic.replaceChildren(...rich(about));
		topic.title = about;
		byId("room-menu").hidden = !current.id;
		fill(
			find(this.#nav, "ul"),
			listed.map((room) => this.#item(room)),
		);
	}

	/** @param {Room} room */
	#item(room) {
		const { id, unread, calls, title, private: two } = room;
		const classes = ["place", unread && "news", calls && "called"].filter(Boolean);
		const content = [
			h("span", { class: "mark" }, two ? "@" : "#"),
			h("bdi", { class: "name" }, two ? title : id),
			unread > 0 && h("span", { class: "badge" }, String(unread)),
		];
		return h(
			"li",
			{},
			button(content, () => this.#store.select(room), {
				class: classes.join(" "),
				"data-id": id,
				"aria-current": room === this.#store.current && "true",
				"aria-label": unread ? `${isolated(title)}, ${unread} unread` : title,
			}),
		);
	}

	/** @param {HTMLElement} opener */
	#openMenu(opener) {
		const { current } = this.#store;
		/** @type {MenuItem} */
		const close = ["Close conversation", () => this.#store.close(current)];
		/** @type {MenuItem} */
		const leave = [`Leave ${isolated(current.title)}`, () => this.#session.send({ type: "leave", room: current.id })];
		openMenu(opener, current.title, current.private ? [close] : [...roomItems(this.#session), null, leave]);
	}
}
