/** Outbox: unanswered lines, in order; one that the server cannot take is let go. */

import { asksForSecret, confidential } from "./input.js";

/** @import { Command } from "./protocol" */
/** @import { Line, Mark } from "./types" */

/** How often the server may close the connection because of a line, before the line is let go. */
const MAX_STRIKES = 2;

/** Closing codes that refuse what was sent (RFC 6455 section 7.4.1): protocol error, wrong data, too big, server error. */
const REFUSING = new Set([1002, 1003, 1007, 1009, 1011]);

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
	 * @param {string} text
	 * @param {Mark} mark  Where it was typed.
	 */
	put(values, text, { room, keys }) {
		const ref = `${this.#prefix}-${++this.#count}`;
		const asks = values.type === "line" && asksForSecret(values.text ?? "");
		const line = { ref, values, room, text, keys, asks, strikes: 0 };
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

	/** Return the line that the server answers next. */
	get first() {
		return /** @type {Line | undefined} */ (this.values().next().value);
	}

	/** Whether the first line is sent alone, because the connection was closed after it. */
	get suspicious() {
		return Boolean(this.first?.strikes);
	}

	/** Return what is to be sent now, after a connection was made or a suspicious line was answered. */
	due() {
		const lines = [...this.values()];
		return this.suspicious ? lines.slice(0, 1) : lines;
	}

	/**
	 * The connection was closed while lines were unanswered; return the line that was let go because of that, if any.
	 * @param {number | undefined} code  The WebSocket's closing code.
	 */
	closed(code) {
		const { first } = this;
		if (!first || code === undefined || !REFUSING.has(code)) return undefined;
		first.strikes++;
		if (first.strikes < MAX_STRIKES) return undefined;
		this.delete(first.ref);
		return first;
	}

	/** Let go of the lines that ask for a secret, and return them: they are not done later, when nobody expects it. */
	forgetAsking() {
		const lines = [...this.values()].filter((line) => line.asks);
		for (const { ref } of lines) this.delete(ref);
		return lines;
	}

	/** Whether a line that may ask for a secret is unanswered. */
	get asking() {
		return [...this.values()].some((line) => line.asks);
	}

	/** Return what may be kept over a reload: nothing that holds a secret, or asks for one. */
	kept() {
		const secret = (/** @type {Line} */ line) =>
			"password" in line.values || confidential(line.values.text ?? "") || line.asks;
		return [...this.values()].filter((line) => !secret(line));
	}

	/** @param {Line[]} lines  What was kept. */
	restore(lines) {
		for (const line of lines) this.set(line.ref, line);
	}
}
