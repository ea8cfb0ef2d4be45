/** Address: follows the current room, and leads to another one by Back, Forward, a link or a typed address. */

import { isolated } from "./bidi.js";
import { converse, go } from "./going.js";
import { attempt } from "./storage.js";
import { messageAddress, messageInAddress, roomInAddress } from "./untrusted.js";

/** @import { Log } from "./log.js" */
/** @import { Room } from "./rooms.js" */
/** @import { Session } from "./session.js" */

export class Address {
	#session;
	#log;
	#store;
	/** Whether an entry of this session is in the browser's history. */
	#begun = false;
	/** Where the address leads when we are in the chat again. */
	#wanted = "";

	/** Whether the browser went to where we are going, so that its history stays as it is. */
	#travelling = false;
	/** Whether an address leads us, which has its entry already. */
	#leading = false;

	/**
	 * @param {Session} session
	 * @param {Log} log
	 */
	constructor(session, log) {
		this.#session = session;
		this.#log = log;
		this.#store = session.store;
		this.#store.on("room", () => this.#follow());
		this.#store.on("out", () => {
			this.#begun = false;
		});
		this.#store.on("state", () => {
			if (this.#store.state === "live" && !this.#begun) this.#begin();
		});
		this.#store.on("jumped", (room, seq, stays) => this.#jumped(room, seq, stays));
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
		const { current } = this.#store;
		const wanted = this.#wanted || roomInAddress(location.hash);
		const seq = messageInAddress(location.hash);
		const here = [current.id, `@${current.other.toLowerCase()}`].includes(wanted.toLowerCase());
		this.#begun = true;
		this.#write("replaceState", current);
		if (this.#wanted || (here && seq)) this.#lead(wanted, seq);
		this.#wanted = "";
	}

	/** @param {unknown} state  Of the entry that the browser went to; null if the address was typed, or is that of a link. */
	#went(state) {
		if (!this.#begun) return;
		const id = idIn(state);
		if (id === null) {
			const named = roomInAddress(location.hash);
			const seq = messageInAddress(location.hash);
			this.#write("replaceState", this.#store.current);
			if (named) this.#lead(named, seq);
			return;
		}
		const room = this.#store.rooms.get(id);
		if (room) this.#return(room, seqIn(state));
		else if (id !== this.#store.current.id) {
			this.#write("replaceState", this.#store.current);
			this.#store.note(id.startsWith("@") ? "That conversation is over." : `You are no longer in ${isolated(`#${id}`)}.`);
		}
	}

	/**
	 * Show what an entry of the browser's history is about.
	 * @param {Room} room
	 * @param {number} seq
	 */
	async #return(room, seq) {
		this.#travelling = true;
		if (seq) await this.#jump(room, seq);
		else if (room === this.#store.current) this.#log.toNewest();
		else this.#store.select(room);
		this.#travelling = false;
	}

	/**
	 * @param {string} name  Of a room; of a conversation, with an `@`.
	 * @param {number} seq  Of a message there; 0: none.
	 */
	async #lead(name, seq) {
		const { rooms } = this.#store;
		const known = name.startsWith("@") && rooms.get(name);
		if (known) this.#store.select(known);
		else if (name.startsWith("@")) await converse(this.#session, name.slice(1));
		else await go(this.#session, name);
		const { current } = this.#store;
		const there = name.startsWith("@") ? current.private : current.id === name.replace(/^#/, "").toLowerCase();
		if (!seq || !there) return;
		this.#leading = true;
		await this.#jump(current, seq);
		this.#leading = false;
	}

	/**
	 * Show a message, or say that it is not there.
	 * @param {Room} room
	 * @param {number} seq
	 */
	async #jump(room, seq) {
		const shown = await this.#log.jump(room.id, seq, null);
		if (!shown && room === this.#store.current)
			this.#store.note(`There is no message ${seq} in ${isolated(room.title)}, or it is not kept any more.`);
	}

	/**
	 * Have the message that is shown in the address.
	 * @param {Room} room
	 * @param {number} seq  0: none is shown any more, which makes no entry of its own.
	 * @param {boolean} stays  Whether its room was the current one before, which has an entry of its own.
	 */
	#jumped(room, seq, stays) {
		if (!this.#begun || this.#travelling || seqIn(history.state) === seq) return;
		this.#write(stays && seq && !this.#leading ? "pushState" : "replaceState", room, seq);
	}

	/**
	 * @param {"pushState" | "replaceState"} how
	 * @param {Room} room
	 * @param {number} [seq]
	 */
	#write(how, { id, other }, seq = 0) {
		const named = id.startsWith("@") ? `@${other}` : id;
		const address = !id ? location.pathname : messageAddress(named, seq).replace(/\/0$/, "");
		// Browsers refuse when it comes too often.
		attempt(() => history[how]({ room: id, seq }, "", address));
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

/**
 * Return the seq of the message in such a state; 0: none.
 * @param {unknown} state
 * @returns {number}
 */
const seqIn = (state) => (state && typeof state === "object" && "seq" in state ? Number(state.seq) || 0 : 0);
