/** The events of one room as far as they have been read: stretches of its journal, in the order of `seq`. */

const MOST = 12000;
const KEPT = 8000;
const NEWEST = 300;

/**
 * A stretch that has been read without a hole: all of *first* to *last*.  There may be fewer events than
 * seqs, for what people who are ignored say is not sent.
 * @typedef {{first: number, last: number, events: object[]}} Stretch
 */

export class Timeline {
  /** @type {Stretch[]} apart from each other, oldest first; what happens now is added to the last one */
  stretches = [];

  /** Begin to hear what happens after *seq*. */
  listen(seq) {
    if (this.newest?.last === seq) return;
    if (this.newest && this.newest.last < this.newest.first) this.stretches.pop();
    this.stretches.push({ first: seq + 1, last: seq, events: [] });
  }

  /** The stretch that is still growing. */
  get newest() {
    return this.stretches.at(-1);
  }

  /** Add *event*, which has just happened. */
  append(event) {
    const { newest } = this;
    newest.events.push(event);
    newest.last = event.seq;
    if (newest.events.length > MOST) this.trim(event.seq);
  }

  /**
   * Add a page of history.
   * @param {number} first the first seq that it covers, which may have no event
   * @param {number} last the last one
   * @param {object[]} events in order
   */
  cover(first, last, events) {
    const apart = [];
    const met = [];
    for (const one of this.stretches) (one.last < first - 1 || one.first > last + 1 ? apart : met).push(one);
    let page = { first, last, events };
    // What happened before our eyes carries our own marks, which the page does not.
    for (const one of met) page = joined(one, page);
    this.stretches = [...apart, page].sort((one, other) => one.first - other.first);
  }

  /** Find the stretch that *seq* lies in. */
  at(seq) {
    return this.stretches.find((one) => one.first <= seq && seq <= one.last);
  }

  /** Forget what is far from *seq*, which is being read, if there is too much. */
  trim(seq) {
    const { newest } = this;
    this.stretches = this.stretches.flatMap((one) => {
      const { first, last, events } = one;
      if (events.length <= MOST) return [one];
      const from = Math.max(0, Math.min(place(events, seq) - KEPT / 2, events.length - KEPT));
      const to = from + KEPT;
      const kept = {
        first: from ? events[from].seq : first,
        last: to < events.length ? events[to - 1].seq : last,
        events: events.slice(from, to),
      };
      if (one !== newest || to === events.length) return [kept];
      const end = events.slice(Math.max(to, events.length - NEWEST));
      return end[0].seq === kept.last + 1 ? [one] : [kept, { first: end[0].seq, last, events: end }];
    });
  }
}

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

/** Make one of two stretches that touch or overlap; what only *other* has is added. */
function joined(one, other) {
  const before = other.events.slice(0, place(other.events, one.first));
  const after = other.events.slice(place(other.events, one.last + 1));
  return {
    first: Math.min(one.first, other.first),
    last: Math.max(one.last, other.last),
    events: [...before, ...one.events, ...after],
  };
}
