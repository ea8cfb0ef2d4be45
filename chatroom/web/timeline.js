/** The events of a room as far as they have been read: stretches of its journal. */

const MOST = 20000;

/** The index of the first of *events* whose seq is *seq* or more. */
export function place(events, seq) {
	let low = 0;
	let high = events.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (events[middle].seq < seq) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** A stretch covers all from `first` to `last`; it has fewer `events` than seqs where somebody is ignored. */
export class Timeline {
	stretches = [];

	get newest() {
		return this.stretches.at(-1);
	}

	/** Begin to hear what happens after *seq*. */
	listen(seq) {
		const { newest } = this;
		if (newest?.last === seq) return;
		if (newest && !newest.events.length) this.stretches.pop();
		this.stretches.push({ first: seq + 1, last: seq, events: [] });
	}

	append(event) {
		this.newest.events.push(event);
		this.newest.last = event.seq;
	}

	/** Add a page of history, which covers *first* to *last*. */
	cover(first, last, events) {
		let page = { first, last, events };
		const apart = this.stretches.filter((one) => {
			if (one.last < first - 1 || one.first > last + 1) return true;
			// What happened before our eyes has our refs, which the page has not: it goes first.
			const before = page.events.slice(0, place(page.events, one.first));
			const after = page.events.slice(place(page.events, one.last + 1));
			page = {
				first: Math.min(one.first, page.first),
				last: Math.max(one.last, page.last),
				events: [...before, ...one.events, ...after],
			};
			return false;
		});
		this.stretches = [...apart, page].sort((one, other) => one.first - other.first);
	}

	at(seq) {
		return this.stretches.find(({ first, last }) => first <= seq && seq <= last);
	}

	/** Forget what is old, while nobody reads it. */
	shorten() {
		const { newest } = this;
		const { events } = newest;
		if (events.length < MOST) return;
		events.splice(0, MOST / 2);
		newest.first = events[0].seq;
		this.stretches = [newest];
	}
}
