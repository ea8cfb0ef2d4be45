/** Focus: whoever chooses a room, or types anywhere on the page, is in the message box. */

import { root } from "./dom.js";

/** @import { Composer } from "./composer.js" */
/** @import { Store } from "./store.js" */

/** Where focusing the box would open a keyboard over the log. */
const TOUCH = matchMedia("(hover: none) and (pointer: coarse)");

/** What takes keys itself. */
const TAKES_KEYS = "input, textarea, select, [contenteditable], dialog, [role=menu], [role=listbox]";

/** Keys of input methods and dead keys, with which a letter begins. */
const BEGINNINGS = new Set(["Process", "Dead", "Unidentified"]);

export class Focus {
	#composer;
	/** The room that was chosen last. */
	#room = "";

	/**
	 * @param {Store} store
	 * @param {Composer} composer
	 */
	constructor(store, composer) {
		this.#composer = composer;
		store.on("room", () => {
			const { id } = store.current;
			if (id !== this.#room) this.toBox();
			this.#room = id;
		});
		// Wherever it was typed: an answer doesn't move the page then.
		addEventListener("input", () => store.attention.typed(), { capture: true });
		addEventListener("keydown", (event) => this.#pressed(event));
		addEventListener("paste", (event) => this.#pasted(event));
	}

	/** Have the focus in the message box, as soon as no dialog is open; but not where a keyboard would come up. */
	toBox() {
		if (TOUCH.matches) return;
		const dialog = document.querySelector("dialog[open]");
		if (dialog) dialog.addEventListener("close", () => this.#composer.focus(), { once: true });
		else this.#composer.focus();
	}

	/** @param {KeyboardEvent} event */
	#pressed(event) {
		const { key, ctrlKey, altKey, metaKey, target, defaultPrevented } = event;
		// With AltGr, which some systems report as Ctrl and Alt, letters are written.
		const shortcut = (ctrlKey || altKey || metaKey) && !event.getModifierState("AltGraph");
		if (shortcut || defaultPrevented || !isElsewhere(target)) return;
		// A space scrolls, or presses a button. The box has the focus before the browser writes the letter.
		if ((key !== " " && [...key].length === 1) || BEGINNINGS.has(key)) this.#composer.focus();
	}

	/** @param {ClipboardEvent} event */
	#pasted(event) {
		const text = event.clipboardData?.getData("text/plain");
		if (!text || !isElsewhere(event.target)) return;
		event.preventDefault();
		this.#composer.insert(text);
	}
}

/**
 * Return whether what is typed at *target* would go nowhere.
 * @param {EventTarget | null} target
 */
const isElsewhere = (target) =>
	root.view === "chat" &&
	target instanceof Element &&
	!target.closest(TAKES_KEYS) &&
	!document.querySelector("dialog[open]");
