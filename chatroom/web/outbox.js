/** What has not been answered yet, in order. */

import { confidential } from "./input.js";

/** Lines by `ref`, with the `values` that go over the wire, the id of the `room`, and the `text` to show. */
export class Outbox extends Map {
	#count = 0;
	// After a reload one is shown what one asked before, so no ref may come twice.
	#mark = crypto.getRandomValues(new Uint32Array(2)).join("-");

	put(values, room, text) {
		const ref = `${this.#mark}-${++this.#count}`;
		this.set(ref, { ref, values, room, text });
		return this.get(ref);
	}

	/** Let the line marked *ref* go; returns it. */
	answered(ref) {
		const line = this.get(ref);
		this.delete(ref);
		return line;
	}

	/** What may be kept over a reload: nothing that holds a secret. */
	kept() {
		return [...this.values()].filter(({ values }) => !("password" in values) && !confidential(values.text ?? ""));
	}

	restore(kept) {
		for (const line of kept) this.set(line.ref, line);
	}
}
