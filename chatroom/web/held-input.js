/**
 * Held input: a protected field in the place of the message box, while the server may be about to ask for a secret.
 *
 * What is typed there is neither shown nor kept nor sent; a form that asks for a password takes it.
 */

import { h } from "./dom.js";

/** Longest text that is held back, in characters. */
const MAX_LENGTH = 512;

export class HeldInput {
	#box;
	#field = h("input", {
		type: "password",
		id: "held",
		hidden: true,
		maxlength: MAX_LENGTH,
		autocomplete: "off",
		"aria-label": "Waiting for the server; what you type is held back",
		placeholder: "Waiting for the server…",
		onkeydown: (/** @type {KeyboardEvent} */ event) => this.#pressed(event),
	});

	/** @param {HTMLTextAreaElement} box */
	constructor(box) {
		this.#box = box;
		box.after(this.#field);
	}

	/** Where to type now. */
	get target() {
		return this.#field.hidden ? this.#box : this.#field;
	}

	/** @param {boolean} on */
	hold(on) {
		if (on !== this.#field.hidden) return;
		const focused = document.activeElement === this.target;
		this.#field.value = "";
		this.#field.readOnly = false;
		this.#field.hidden = !on;
		this.#box.hidden = on;
		if (focused) this.target.focus();
	}

	/** Return what was typed so far, and forget it. */
	take() {
		const { value } = this.#field;
		this.#field.value = "";
		return value;
	}

	/** @param {KeyboardEvent} event */
	#pressed(event) {
		if (event.key !== "Enter") return;
		// The form that opens next has its own button; what is typed after this is not part of the password.
		event.preventDefault();
		this.#field.readOnly = true;
	}
}
