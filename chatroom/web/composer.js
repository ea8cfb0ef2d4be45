/** Composer: the message box with drafts, history and sending. */

import { isolated } from "./bidi.js";
import { find } from "./dom.js";
import { confidential } from "./input.js";
import { isComposing } from "./keys.js";
import { local } from "./storage.js";
import { Suggestions } from "./suggestions.js";

/** @import { Log } from "./log.js" */
/** @import { Session } from "./session.js" */

/** Maximum height of the message box, relative to the window. */
const MAX_HEIGHT = 0.4;

export class Composer {
	#session;
	#log;
	#box;
	#suggestions;
	/** @type {Record<string, string>} What is not sent yet, by room. */
	#drafts = local.get("drafts") ?? {};
	/** The id of the room that is written to. */
	#room = "";
	/** @type {string[]} What was sent from here. */
	#written = [];
	/** The index of what is in the box among that; just beyond the last: something new. */
	#recalled = 0;

	/**
	 * @param {Session} session
	 * @param {Log} log
	 * @param {HTMLElement} form
	 */
	constructor(session, log, form) {
		this.#session = session;
		this.#log = log;
		this.#box = find(form, "textarea", HTMLTextAreaElement);
		const elements = { box: this.#box, list: find(form, "ul"), hint: find(form, "p") };
		this.#suggestions = new Suggestions(session.store, elements, () => this.#changed());
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			this.#send();
		});
		this.#box.addEventListener("input", () => this.#changed());
		this.#box.addEventListener("keydown", (event) => this.#pressed(event));
		// Before the chat is shown, nothing in it has a height; in another width, lines break elsewhere.
		new ResizeObserver(() => this.#fit()).observe(form.parentElement ?? form);
		this.#listenToStore();
	}

	#listenToStore() {
		const { store } = this.#session;
		store.on("room", () => {
			const { id, title } = store.current;
			this.#room = id;
			this.#box.placeholder = id ? `Message ${isolated(title)}` : "Type a command";
			this.#box.disabled = false;
			this.#recalled = this.#written.length;
			this.#put(this.#drafts[id] ?? "");
		});
		store.on("restore", ({ room, text }) => {
			if (room === this.#room && !this.#box.value) this.#put(text);
		});
		store.on("out", () => {
			this.#written = [];
			this.#drafts = {};
			this.#put("");
		});
	}

	focus() {
		this.#box.focus();
	}

	/** @param {string} text  Is put in at the cursor. */
	insert(text) {
		this.#box.setRangeText(text, this.#box.selectionStart, this.#box.selectionEnd, "end");
		this.#box.focus();
		this.#changed();
	}

	/** @param {string} text */
	#put(text) {
		this.#box.value = text;
		this.#box.selectionStart = text.length;
		this.#changed();
	}

	/** Make the box as high as what is in it. */
	#fit() {
		const { style } = this.#box;
		style.height = "auto";
		style.height = `${Math.min(this.#box.scrollHeight + 2, innerHeight * MAX_HEIGHT)}px`;
	}

	#changed() {
		this.#fit();
		this.#keepDraft();
		this.#suggestions.update(false);
	}

	/** Remember what is in the box, unless it holds a secret. */
	#keepDraft() {
		const text = this.#box.value;
		delete this.#drafts[this.#room];
		if (text.trim() && !confidential(text)) this.#drafts[this.#room] = text;
		local.set("drafts", this.#drafts);
	}

	#send() {
		const text = this.#box.value.trimEnd();
		if (!text) return;
		try {
			this.#session.type(text);
		} catch (error) {
			if (!(error instanceof RangeError)) throw error;
			this.#session.store.note(error.message);
			return;
		}
		if (!confidential(text) && this.#written.at(-1) !== text) this.#written.push(text);
		this.#recalled = this.#written.length;
		this.#put("");
		this.#log.toNewest();
	}

	// Keys.

	/** @param {KeyboardEvent} event */
	#pressed(event) {
		const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
		if (isComposing(event) || shiftKey || altKey || ctrlKey || metaKey || !this.#keys[key]?.()) return;
		event.preventDefault();
		event.stopPropagation();
	}

	/** @type {Record<string, () => boolean>} What each key does; each tells whether it has done anything. */
	#keys = {
		Enter: () => {
			if (this.#suggestions.isChosen) this.#suggestions.accept();
			else this.#send();
			return true;
		},
		Tab: () => {
			if (!this.#suggestions.isOpen) this.#suggestions.update(true);
			if (!this.#suggestions.isOpen) return false;
			this.#suggestions.acceptOrChoose();
			return true;
		},
		Escape: () => {
			const { isOpen } = this.#suggestions;
			this.#suggestions.close();
			return isOpen;
		},
		ArrowDown: () => {
			if (!this.#suggestions.isOpen) return this.#recall(1);
			this.#suggestions.chooseNext();
			return true;
		},
		ArrowUp: () => {
			if (!this.#suggestions.isOpen) return this.#recall(-1);
			this.#suggestions.choosePrevious();
			return true;
		},
		PageUp: () => {
			this.#log.page(-1);
			return true;
		},
		PageDown: () => {
			this.#log.page(1);
			return true;
		},
	};

	/**
	 * Put in what was written before, or after that; unless there is something else in the box.
	 * @param {1 | -1} step
	 */
	#recall(step) {
		const recalled = this.#written[this.#recalled] ?? "";
		const next = this.#recalled + step;
		if (this.#box.value !== recalled || next < 0 || next > this.#written.length) return false;
		this.#recalled = next;
		this.#put(this.#written[next] ?? "");
		return true;
	}
}
