/** Composer: the message box with drafts, history and sending. */

import { isolated } from "./bidi.js";
import { obstacle } from "./destination.js";
import { find } from "./dom.js";
import { Drafts } from "./drafts.js";
import { HeldInput } from "./held-input.js";
import { confidential, formFor, isBlank, isExit } from "./input.js";
import { isComposing } from "./keys.js";
import { edits, stepped } from "./recall.js";
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
	#held;
	/** What is not sent yet, by room. */
	#drafts = new Drafts("");
	/** Whose it is. */
	#person = "";
	/** @type {string | undefined} The id of the room that is written to; undefined: nobody is here. */
	#room;
	/** @type {string[]} What was sent from here, each once. */
	#sent = [];
	/** What was being written when a message was to be changed. */
	/** @type {string | undefined} */
	#aside;

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
		this.#box.addEventListener("input", () => (this.#box.value ? this.#changed() : this.#resume()));
		this.#box.addEventListener("keydown", (event) => this.#pressed(event));
		this.#held = new HeldInput(this.#box);
		// Before the chat is shown, nothing in it has a height; in another width, lines break elsewhere.
		new ResizeObserver(() => this.#fit()).observe(form.parentElement ?? form);
		this.#listenToStore();
	}

	#listenToStore() {
		const { store } = this.#session;
		store.on("room", () => this.#show());
		store.on("restore", ({ room, text }) => {
			if (room === this.#room && !this.#box.value) this.#put(text);
		});
		store.on("compose", (text) => {
			this.#put(text + this.#box.value);
			this.#box.setSelectionRange(text.length, text.length);
			this.focus();
		});
		store.on("rewrite", (text) => {
			this.#aside ??= this.#box.value;
			this.#put(text);
			this.focus();
		});
		store.on("held", (on) => this.#held.hold(on));
		store.on("out", () => {
			this.#sent = [];
			this.#aside = undefined;
			this.#held.hold(false);
			this.#put("");
			this.#room = undefined;
		});
	}

	/** Show what is being written in the current room; while that stays the same, the box is left alone. */
	#show() {
		const { current, person } = this.#session.store;
		const { id, title } = current;
		this.#box.placeholder = id ? `Message ${isolated(title)}` : "Type a command";
		this.#box.disabled = false;
		if (id === this.#room && person === this.#person) return;
		if (person !== this.#person) {
			// Whoever leaves the chat leaves nothing behind.
			if (!person) this.#drafts.clear();
			this.#drafts = new Drafts(person);
		}
		this.#room = id;
		this.#person = person;
		this.#aside = undefined;
		this.#put(this.#drafts.get(id));
	}

	focus() {
		this.#held.target.focus();
	}

	/** Return what was typed while input was held back, for the form that asks for it. */
	takeHeld() {
		return this.#held.take();
	}

	/** @param {string} text  Is put in at the cursor. */
	insert(text) {
		this.#box.setRangeText(text, this.#box.selectionStart, this.#box.selectionEnd, "end");
		this.#box.focus();
		this.#session.store.attention.typed();
		this.#changed();
	}

	/** @param {string} text */
	#put(text) {
		this.#box.value = text;
		this.#box.selectionStart = text.length;
		this.#changed();
	}

	/** Go back to what was being written. */
	#resume() {
		const text = this.#aside ?? "";
		this.#aside = undefined;
		this.#put(text);
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
		if (this.#room === undefined) return;
		const text = this.#aside ? `${this.#aside}\n${this.#box.value}` : this.#box.value;
		this.#drafts.set(this.#room, isBlank(text) || confidential(text) ? "" : text);
	}

	#send() {
		const text = this.#box.value;
		const { store } = this.#session;
		if (!text.trim()) return;
		if (isBlank(text)) {
			store.note("That has no visible characters, so it was not sent.");
			return;
		}
		if (isExit(text)) {
			store.emit("exit", store.current);
			return;
		}
		const form = formFor(text);
		try {
			const reason = obstacle(store.current, text);
			if (reason) throw new RangeError(reason);
			if (!form) this.#session.type(text);
		} catch (error) {
			if (!(error instanceof RangeError)) throw error;
			store.note(error.message);
			return;
		}
		if (!confidential(text)) this.#sent = [...this.#sent.filter((one) => one !== text), text];
		this.#resume();
		this.#log.toNewest();
		if (form) store.emit("password", form, "");
	}

	/** Empty the box, of which everything has been said. */
	clear() {
		this.#resume();
	}

	// Keys.

	/** @param {KeyboardEvent} event */
	#pressed(event) {
		const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
		const modified = ctrlKey || metaKey;
		if (isComposing(event) || shiftKey || altKey || !this.#keys[modified ? `Ctrl+${key}` : key]?.()) return;
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
			if (!this.#suggestions.isOpen) return this.#recall(edits(this.#session.store), 1);
			this.#suggestions.chooseNext();
			return true;
		},
		ArrowUp: () => {
			if (!this.#suggestions.isOpen) return this.#recall(edits(this.#session.store), -1);
			this.#suggestions.choosePrevious();
			return true;
		},
		"Ctrl+ArrowDown": () => this.#recall(this.#sent, 1),
		"Ctrl+ArrowUp": () => this.#recall(this.#sent, -1),
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
	 * Put in what comes before, or after, in *list*; unless there is something else in the box.
	 * @param {string[]} list
	 * @param {1 | -1} step
	 */
	#recall(list, step) {
		const next = stepped(list, this.#box.value, step);
		if (next) this.#put(next);
		else if (next !== undefined) this.#resume();
		return next !== undefined;
	}
}
