/** What was asked and has not been answered: kept, in order, until the server says what became of it. */

import { confidential } from "./typed.js";

/** A line has its `ref`, the `values` that go over the wire, the id of its `room`, and the `text` to show. */
export class Outbox extends Map {
	#count = 0;
	// A page that is loaded anew is shown what was asked before, so no ref may come twice.
	#mark = crypto.getRandomValues(new Uint32Array(2)).join("-");

	/** Keep a command. */
	put(values, room, text) {
		const ref = `${this.#mark}-${++this.#count}`;
		const line = { ref, values, room, text };
		this.set(ref, line);
		return line;
	}

	/** Let the line marked *ref* go; returns it, if there was one. */
	answered(ref) {
		const line = this.get(ref);
		this.delete(ref);
		return line;
	}

	/** What may be kept over a reload: nothing that holds a secret. */
	kept() {
		return [...this.values()].filter(({ values }) => !("password" in values) && !confidential(values.text ?? ""));
	}

	/** Go on with what was *kept*. */
	restore(kept) {
		for (const line of kept) this.set(line.ref, line);
	}
}
