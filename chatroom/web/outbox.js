/** Outbox: unanswered lines, in order. */

import { confidential } from "./input.js";

/** @import { Command } from "./protocol" */
/** @import { Line } from "./types" */

/**
 * Lines by ref.
 * @extends {Map<string, Line>}
 */
export class Outbox extends Map {
	#count = 0;
	/** After a reload we are shown what we sent before it, so no ref may come twice. */
	#prefix = crypto.getRandomValues(new Uint32Array(2)).join("-");

	/**
	 * @param {Command} values
	 * @param {string} room
	 * @param {string} text
	 */
	put(values, room, text) {
		const ref = `${this.#prefix}-${++this.#count}`;
		const line = { ref, values, room, text };
		this.set(ref, line);
		return line;
	}

	/**
	 * Let go of the line with *ref*, and return it.
	 * @param {string | undefined} ref
	 */
	answered(ref) {
		if (ref === undefined) return undefined;
		const line = this.get(ref);
		this.delete(ref);
		return line;
	}

	/** Return what may be kept over a reload: nothing that holds a secret. */
	kept() {
		return [...this.values()].filter(({ values }) => !("password" in values) && !confidential(values.text ?? ""));
	}

	/** @param {Line[]} lines  What was kept. */
	restore(lines) {
		for (const line of lines) this.set(line.ref, line);
	}
}
