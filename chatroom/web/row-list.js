/** Reconciles the log's elements with its rows; unchanged ones are not touched. */

import { h } from "./dom.js";
import { build, emphasize, settle } from "./row-view.js";

/** @import { Anchor, Row, Target } from "./rows" */

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

	/** Have every row made anew the next time. */
	expire() {
		for (const shown of this.#shown.values()) shown.signature = NaN;
	}

	/**
	 * Have these rows in the box, in this order.
	 * @param {Row[]} rows
	 * @param {string} nick  Who looks at them.
	 * @param {Target} target  What stands out.
	 */
	update(rows, nick, target) {
		const wanted = new Map(rows.map((row) => [row.key, row]));
		for (const [key, { signature, element }] of this.#shown) {
			const row = wanted.get(key);
			if (row && (row.signature === signature || (signature === "pending" && alone(() => settle(element, row))))) continue;
			element.remove();
			this.#shown.delete(key);
		}
		const shown = new Map();
		let spot = this.#box.firstChild;
		for (const row of rows) {
			const { key, signature } = row;
			const element = this.#shown.get(key)?.element ?? alone(() => build(row, nick)) ?? unreadable();
			const hit = row.seq === target.seq;
			if (row.kind === "message" && hit !== element.classList.contains("target"))
				alone(() => emphasize(element, row, nick, hit ? target.mark : undefined));
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
 * Do something with one row; what goes wrong there doesn't keep the others from being shown.
 * @template T
 * @param {() => T} act
 */
function alone(act) {
	try {
		return act();
	} catch (error) {
		queueMicrotask(() => {
			throw error;
		});
		return undefined;
	}
}

const unreadable = () => h("div", { class: "notice" }, "This message cannot be shown.");
