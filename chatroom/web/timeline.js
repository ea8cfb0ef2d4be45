/** Timeline: the known events of a room, as stretches of its journal. */

import { changed } from "./changes.js";

/** @import { Change, RoomEvent } from "./protocol" */
/** @import { Stretch } from "./types" */

/** Maximum events held per room; beyond that, the older half is dropped while not shown. */
const MAX_EVENTS = 20_000;

/**
 * Return the index of the first of *events* whose seq is *seq* or more, by bisection.
 * @param {RoomEvent[]} events
 * @param {number} seq
 */
export function indexOfSeq(events, seq) {
	let low = 0;
	let high = events.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (events[middle].seq < seq) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** The timeline of one room: the live stretch, and others from searches and jumps. */
export class Timeline {
	/** @type {Stretch[]} */
	stretches = [];

	/** The stretch that grows; none before the first `listen`. */
	get newest() {
		return this.stretches.at(-1);
	}

	/**
	 * Begin to take what happens after *seq*.
	 * @param {number} seq
	 */
	listen(seq) {
		const { newest } = this;
		if (newest?.last === seq) return;
		if (newest && !newest.events.length) this.stretches.pop();
		this.stretches.push({ first: seq + 1, last: seq, events: [] });
	}

	/** @param {RoomEvent} event  What has just happened. */
	append(event) {
		if (!this.newest) this.listen(event.seq - 1);
		const newest = /** @type {Stretch} */ (this.newest);
		newest.events.push(event);
		newest.last = event.seq;
	}

	/** @param {Change} change  Of an earlier message. */
	amend(change) {
		for (const stretch of this.stretches) stretch.events = stretch.events.map((event) => changed(event, change));
	}

	/**
	 * Add a page of history, which covers *first* to *last*.
	 * @param {number} first
	 * @param {number} last
	 * @param {RoomEvent[]} events
	 */
	cover(first, last, events) {
		let page = { first, last, events };
		const apart = this.stretches.filter((one) => {
			if (one.last < first - 1 || one.first > last + 1) return true;
			// Where both have an event, ours is kept: it may be our own, and only then has it our ref.
			const before = page.events.slice(0, indexOfSeq(page.events, one.first));
			const after = page.events.slice(indexOfSeq(page.events, one.last + 1));
			page = {
				first: Math.min(one.first, page.first),
				last: Math.max(one.last, page.last),
				events: [...before, ...one.events, ...after],
			};
			return false;
		});
		this.stretches = [...apart, page].sort((one, other) => one.first - other.first);
	}

	/**
	 * Return the stretch that covers *seq*, if it has been read.
	 * @param {number} seq
	 */
	at(seq) {
		return this.stretches.find(({ first, last }) => first <= seq && seq <= last);
	}

	/**
	 * Return what has happened after *seq*, if all of it is here.
	 * @param {number} seq
	 */
	since(seq) {
		const { newest } = this;
		if (!newest || newest.first > seq + 1) return undefined;
		return newest.events.slice(indexOfSeq(newest.events, seq + 1));
	}

	/**
	 * Return the event *seq*, if it has been read.
	 * @param {number} seq
	 */
	event(seq) {
		const events = this.at(seq)?.events ?? [];
		const found = events[indexOfSeq(events, seq)];
		return found?.seq === seq ? found : undefined;
	}

	/** Let go of what is old, if there is too much. */
	shorten() {
		const { newest } = this;
		if (!newest || newest.events.length < MAX_EVENTS) return;
		newest.events.splice(0, MAX_EVENTS / 2);
		newest.first = newest.events[0].seq;
		this.stretches = [newest];
	}
}
