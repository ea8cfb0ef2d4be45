/** Suggestions: the completion list above the message box. */

import { complete } from "./completion.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";

/** @import { Store } from "./store.js" */
/** @import { Suggestion } from "./types" */

export class Suggestions {
	#store;
	#box;
	#list;
	#hint;
	#accepted;
	/** @type {Suggestion[]} */
	#offers = [];
	/** The word that they would take the place of. */
	#word = "";
	/** The index of the chosen one; -1: none. */
	#active = -1;

	/**
	 * @param {Store} store
	 * @param {{ box: HTMLTextAreaElement, list: HTMLElement, hint: HTMLElement }} elements
	 * @param {() => void} accepted  Is called when the text in the box has changed.
	 */
	constructor(store, { box, list, hint }, accepted) {
		this.#store = store;
		this.#box = box;
		this.#list = list;
		this.#hint = hint;
		this.#accepted = accepted;
		// The box keeps the focus when an offer is clicked.
		list.addEventListener("mousedown", (event) => event.preventDefault());
		box.addEventListener("blur", () => this.close());
	}

	get isOpen() {
		return this.#offers.length > 0;
	}

	get isChosen() {
		return this.#active >= 0;
	}

	/**
	 * Offer what fits the text before the cursor.
	 * @param {boolean} asked  Whether the person wants it now.
	 */
	update(asked) {
		const before = this.#box.value.slice(0, this.#box.selectionStart);
		const { word, usage, offers } = complete(before, this.#known(), asked);
		this.#word = word;
		this.#hint.hidden = !usage.length;
		if (usage.length) this.#hint.replaceChildren(h("b", {}, usage[0]), ` ${usage[1]}`);
		const complied = offers.length === 1 && offers[0].text.trim() === before.trim();
		this.#show(document.activeElement === this.#box && !complied ? offers : []);
	}

	/** Work out what words there are; the people nearest to the current room come first. */
	#known() {
		const { current, nick, rooms, commands } = this.#store;
		const everywhere = [current, ...rooms.values()];
		const people = everywhere.flatMap((room) => [room.other, ...[...room.people.values()].map((one) => one.nick)]);
		const nicks = [...new Set(people)].filter((one) => one && one !== nick);
		const wanted = this.#box.value.includes(":");
		return { commands, nicks, rooms: rooms.names(), emoji: wanted ? emoji(() => this.update(false)) : {} };
	}

	/**
	 * Put the chosen offer, or the first one, in the place of the word.
	 * @param {number} [index]
	 */
	accept(index = Math.max(0, this.#active)) {
		const end = this.#box.selectionStart;
		this.#box.setRangeText(this.#offers[index].text, end - this.#word.length, end, "end");
		this.#accepted();
	}

	close() {
		this.#show([]);
	}

	/** There is only one offer, or one has been chosen: accept it; otherwise choose the first. */
	acceptOrChoose() {
		if (this.#offers.length === 1 || this.isChosen) this.accept();
		else this.#choose(0);
	}

	chooseNext() {
		this.#choose(this.#active + 1);
	}

	choosePrevious() {
		this.#choose(this.#active < 1 ? this.#offers.length - 1 : this.#active - 1);
	}

	/** @param {Suggestion[]} offers */
	#show(offers) {
		this.#offers = offers;
		this.#list.hidden = !offers.length;
		const options = offers.map(({ label, help }, index) =>
			h(
				"li",
				{ role: "option", id: `offer${index}`, onclick: () => this.accept(index) },
				h("b", { dir: "auto" }, label),
				help && ` ${help}`,
			),
		);
		this.#list.replaceChildren(...options);
		this.#choose(-1);
	}

	/** @param {number} index  Beyond the last offer comes the first; -1 chooses none. */
	#choose(index) {
		const count = this.#offers.length;
		this.#active = count && index !== -1 ? (index + count) % count : -1;
		const options = [...this.#list.children];
		options.forEach((option, place) => option.setAttribute("aria-selected", String(place === this.#active)));
		options[this.#active]?.scrollIntoView({ block: "nearest" });
		if (this.isChosen) this.#box.setAttribute("aria-activedescendant", `offer${this.#active}`);
		else this.#box.removeAttribute("aria-activedescendant");
	}
}
