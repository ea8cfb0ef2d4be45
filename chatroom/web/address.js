/** Address: follows the current room, and leads to another one by Back, Forward, a link or a typed address. */

import { isolated } from "./bidi.js";
import { converse, go } from "./going.js";
import { attempt } from "./storage.js";
import { roomInAddress } from "./untrusted.js";

/** @import { Room } from "./rooms.js" */
/** @import { Session } from "./session.js" */

export class Address {
	#session;
	#store;
	/** Whether an entry of this session is in the browser's history. */
	#begun = false;
	/** Where the address leads when we are in the chat again. */
	#wanted = "";

	/** @param {Session} session */
	constructor(session) {
		this.#session = session;
		this.#store = session.store;
		this.#store.on("room", () => this.#follow());
		this.#store.on("out", () => {
			this.#begun = false;
		});
		this.#store.on("state", () => {
			if (this.#store.state === "live" && !this.#begun) this.#begin();
		});
		addEventListener("popstate", ({ state }) => this.#went(state));
	}

	/** Have the current room in the address; another one makes a new entry in the history. */
	#follow() {
		const { current } = this.#store;
		if (!this.#begun || !current.id || idIn(history.state) === current.id) return;
		this.#write("pushState", current);
	}

	/** A session is resumed: go where the address leads, unless the page itself has written it. */
	honour() {
		if (idIn(history.state) === null) this.#wanted = roomInAddress(location.hash);
	}

	#begin() {
		this.#begun = true;
		this.#write("replaceState", this.#store.current);
		if (this.#wanted) this.#lead(this.#wanted);
		this.#wanted = "";
	}

	/** @param {unknown} state  Of the entry that the browser went to; null if the address was typed, or is that of a link. */
	#went(state) {
		if (!this.#begun) return;
		const id = idIn(state);
		if (id === null) {
			const named = roomInAddress(location.hash);
			this.#write("replaceState", this.#store.current);
			if (named) this.#lead(named);
			return;
		}
		const room = this.#store.rooms.get(id);
		if (room) this.#store.select(room);
		else if (id !== this.#store.current.id) {
			this.#write("replaceState", this.#store.current);
			this.#store.note(id.startsWith("@") ? "That conversation is over." : `You are no longer in ${isolated(`#${id}`)}.`);
		}
	}

	/** @param {string} name  Of a room; of a conversation, with an `@`. */
	#lead(name) {
		if (name.startsWith("@")) converse(this.#session, name.slice(1));
		else go(this.#session, name);
	}

	/**
	 * @param {"pushState" | "replaceState"} how
	 * @param {Room} room
	 */
	#write(how, { id, title }) {
		const name = title.replace(/^#/, "");
		const address = id ? `#${id.startsWith("@") ? "@" : ""}${encodeURIComponent(name)}` : location.pathname;
		// Browsers refuse when it comes too often.
		attempt(() => history[how]({ room: id }, "", address));
	}
}

/**
 * Return the id of the room in the state of an entry of the history; null if the page has not written it.
 * @param {unknown} state
 * @returns {string | null}
 */
function idIn(state) {
	const id = state && typeof state === "object" && "room" in state ? state.room : null;
	return typeof id === "string" ? id : null;
}
