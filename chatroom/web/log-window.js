/** The window of the log: a few hundred events of one stretch of a room's timeline. No DOM access. */

import { indexOfSeq } from "./timeline.js";

/** @import { Room } from "./rooms.js" */
/** @import { Slice } from "./rows" */
/** @import { Session } from "./session.js" */
/** @import { Stretch } from "./types" */

/** Maximum events in the window. */
const MAX_EVENTS = 240;

/** Events by which it moves. */
export const STEP = 80;

/** Events per history request: the server's maximum. */
const PAGE = 200;

export class LogWindow {
	/** Whether the newest event is being followed. */
	following = true;
	/** Whether all that has been read is inside, for printing. */
	whole = false;
	/** @type {number | null} The seq that the window begins at; null: as far back as one step goes. */
	#first = null;
	/** The seq that it ends at; Infinity: whatever happens comes in. */
	#last = Infinity;
	#session;
	#grown;
	#reading = false;

	/**
	 * @param {Session} session
	 * @param {Room} room
	 * @param {() => void} grown  Is called when history that was missing has come.
	 */
	constructor(session, room, grown) {
		this.#session = session;
		this.room = room;
		this.#grown = grown;
	}

	/** Whether what happens now comes in. */
	get open() {
		return this.#last === Infinity;
	}

	/** The seq up to which something can be shown. */
	get end() {
		return this.#last;
	}

	/**
	 * Work out what is inside; null as long as nothing has been read at all.
	 * @returns {Slice | null}
	 */
	slice() {
		const { timeline } = this.room;
		const stretch = (!this.open && timeline.at(this.#last)) || timeline.newest;
		if (!stretch) return null;
		const { events } = stretch;
		if (this.whole) {
			const atTop = stretch.first <= (this.room.oldest ?? 0);
			return { events, from: 0, to: events.length, stretch, atTop, atEnd: stretch === timeline.newest };
		}
		const to = this.open ? events.length : indexOfSeq(events, this.#last + 1);
		if (this.#first === null || this.#first < stretch.first || this.#first > stretch.last + 1)
			this.#beginAt(to - STEP, stretch);
		let from = indexOfSeq(events, Number(this.#first));
		if (this.following && to - from > MAX_EVENTS) {
			from = to - STEP;
			this.#beginAt(from, stretch);
		} else if (this.open && to - from > 2 * MAX_EVENTS) {
			// Nobody looks at the end, so it need not be there.
			this.#last = events[from + MAX_EVENTS].seq;
			return this.slice();
		}
		const atTop = from === 0 && Number(this.#first) <= stretch.first;
		const atEnd = stretch === timeline.newest && to === events.length;
		return { events, from, to, stretch, atTop, atEnd };
	}

	/**
	 * @param {number} index
	 * @param {Stretch} stretch
	 */
	#beginAt(index, { events, first }) {
		this.#first = index > 0 ? events[index].seq : first;
	}

	/**
	 * Have *seq* in the middle.
	 * @param {Stretch} stretch  Covers it.
	 * @param {number} seq
	 */
	center({ events, first, last }, seq) {
		const at = indexOfSeq(events, seq);
		const end = last === this.room.seen ? Infinity : last;
		this.#first = events[at - STEP]?.seq ?? first;
		this.#last = events[at + STEP]?.seq ?? end;
		this.following = false;
	}

	/**
	 * Reach further back.
	 * @returns {boolean}  Whether that changes anything now.
	 */
	extendUp() {
		const slice = this.whole ? null : this.slice();
		if (!slice) return false;
		const { events, from, to, stretch, atTop } = slice;
		if (atTop) {
			const { oldest } = this.room;
			if (oldest === null || stretch.first > oldest) this.#readBefore(stretch.first);
			return false;
		}
		const start = Math.max(0, from - STEP);
		this.#beginAt(start, stretch);
		if (to - start > MAX_EVENTS) this.#last = events[start + MAX_EVENTS - 1].seq;
		return true;
	}

	/**
	 * Reach further on.
	 * @returns {boolean}  Whether that changes anything now.
	 */
	extendDown() {
		const slice = this.open || this.whole ? null : this.slice();
		if (!slice) return false;
		const { events, from, to, stretch } = slice;
		const newest = stretch === this.room.timeline.newest;
		if (to === events.length && !newest) {
			this.#readBefore(stretch.last + 1 + STEP, stretch.last + 1);
			return false;
		}
		const end = Math.min(events.length, to + STEP);
		if (end < events.length) this.#last = events[end - 1].seq;
		else this.#last = newest ? Infinity : stretch.last;
		if (end - from > MAX_EVENTS) this.#first = events[end - MAX_EVENTS].seq;
		return true;
	}

	/**
	 * @param {number} seq
	 * @param {number} [down]
	 */
	async #readBefore(seq, down) {
		const { room } = this;
		if (this.#reading || this.#session.store.state !== "live" || room.empty) return;
		this.#reading = true;
		const { oldest } = room;
		const found = await this.read(seq, PAGE, down);
		this.#reading = false;
		if (found || oldest !== room.oldest) this.#grown();
	}

	/**
	 * Read the *count* events before the seq *before* from the server, fewer if they are long, but *down* to that seq.
	 * @param {number} before
	 * @param {number} count
	 * @param {number} [down]
	 * @returns {Promise<boolean>}  Whether there are any.
	 */
	async read(before, count, down = before) {
		const { room } = this;
		const reply = await this.#session.ask({ type: "history", room: room.id, before, count, all: true });
		if (reply.type !== "history") return false;
		const { events, more } = reply;
		const last = Math.min(before - 1, room.seen);
		// Where somebody is ignored there are fewer events than seqs.
		const first = more ? reply.first : (events[0]?.seq ?? last + 1);
		if (!more) room.oldest = first;
		if (first > last) return false;
		room.timeline.cover(first, last, events);
		if (more && first > down) await this.read(first, count, down);
		return true;
	}
}
