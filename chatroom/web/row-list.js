/** Reconciles the log's elements with its rows; unchanged ones are not touched. */

import { h } from "./dom.js";
import { build, settle } from "./row-view.js";

/** @import { Anchor, Row } from "./types" */

export class RowList {
	#box;
	/** @type {Map<string, { signature: string | number, element: HTMLElement }>} */
	#shown = new Map();

	/** @param {HTMLElement} box */
	constructor(box) {
		this.#box = box;
	}

	clear() {
		this.#shown.clear();
		this.#box.replaceChildren();
	}

	/**
	 * Have these rows in the box, in this order.
	 * @param {Row[]} rows
	 * @param {string} nick  Who looks at them.
	 * @param {number} target  The seq of the row that stands out.
	 */
	update(rows, nick, target) {
		const wanted = new Map(rows.map((row) => [row.key, row]));
		for (const [key, { signature, element }] of this.#shown) {
			const row = wanted.get(key);
			if (row && (row.signature === signature || (signature === "pending" && settle(element, row)))) continue;
			element.remove();
			this.#shown.delete(key);
		}
		const shown = new Map();
		let spot = this.#box.firstChild;
		for (const row of rows) {
			const { key, signature } = row;
			const element = this.#shown.get(key)?.element ?? isolated(row, nick);
			element.classList.toggle("target", row.seq === target);
			if (element === spot) spot = spot.nextSibling;
			else this.#box.insertBefore(element, spot);
			shown.set(key, { signature, element });
		}
		this.#shown = shown;
	}

	/**
	 * Return the first row in view that is likely to stay.
	 * @returns {Anchor | null}
	 */
	anchor() {
		for (const [key, { element }] of this.#shown) {
			const offset = element.offsetTop - this.#box.scrollTop;
			if (offset + element.offsetHeight > 0 && element.dataset.seq) return { key, offset };
		}
		return null;
	}

	/**
	 * Return how far to scroll for a row to stand where it stood; null if it is gone.
	 * @param {Anchor | null} anchor
	 */
	scrollFor(anchor) {
		const element = anchor && this.#shown.get(anchor.key)?.element;
		return element ? element.offsetTop - anchor.offset : null;
	}
}

/**
 * Build a row; one that cannot be shown says so, and doesn't keep the others from being shown.
 * @param {Row} row
 * @param {string} nick
 */
function isolated(row, nick) {
	try {
		return build(row, nick);
	} catch (error) {
		queueMicrotask(() => {
			throw error;
		});
		return h("div", { class: "notice" }, "This message cannot be shown.");
	}
}
