/** Switcher: goes to a room or a person by a few letters of the name. */

import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { fitting } from "./fuzzy.js";
import { converse } from "./going.js";
import { isComposing } from "./keys.js";
import { nickKey } from "./rooms.js";

/** @import { Session } from "./session.js" */

/** @typedef {{ name: string, go: () => unknown }} Place */

/** Most places in the list. */
const MAX_PLACES = 12;

/** @param {Session} session */
export function openSwitcher(session) {
	new Switcher(session);
}

class Switcher {
	#places;
	/** @type {Place[]} */
	#offers = [];
	#active = 0;
	#list = h("ul", { role: "listbox", id: "places", "aria-label": "Rooms and people" });
	#status = h("p", { role: "status", class: "hint" });
	#input;
	#dialog;

	/** @param {Session} session */
	constructor(session) {
		this.#places = placesOf(session);
		this.#input = h("input", {
			type: "text",
			role: "combobox",
			"aria-label": "Room or person",
			"aria-expanded": "true",
			"aria-controls": "places",
			"aria-autocomplete": "list",
			autocomplete: "off",
			autocapitalize: "none",
			dir: "auto",
			oninput: () => this.#update(),
			onkeydown: (/** @type {KeyboardEvent} */ event) => this.#pressed(event),
		});
		const onsubmit = (/** @type {SubmitEvent} */ event) => {
			event.preventDefault();
			this.#go(this.#active);
		};
		this.#dialog = openDialog("Go to", h("form", { onsubmit }, this.#input), this.#list, this.#status);
		this.#update();
	}

	#update() {
		this.#offers = fitting(this.#places, this.#input.value.trim()).slice(0, MAX_PLACES);
		const options = this.#offers.map(({ name }, index) =>
			h("li", { role: "option", id: `place${index}`, onclick: () => this.#go(index) }, h("bdi", {}, name)),
		);
		this.#list.replaceChildren(...options);
		this.#list.hidden = !options.length;
		this.#input.setAttribute("aria-expanded", String(options.length > 0));
		this.#status.textContent = options.length ? "" : "No room or person of that name.";
		this.#choose(0);
	}

	/** @param {number} index */
	#choose(index) {
		const count = this.#offers.length;
		this.#active = count ? (index + count) % count : 0;
		const options = [...this.#list.children];
		options.forEach((option, place) => option.setAttribute("aria-selected", String(place === this.#active)));
		options[this.#active]?.scrollIntoView({ block: "nearest" });
		if (count) this.#input.setAttribute("aria-activedescendant", `place${this.#active}`);
		else this.#input.removeAttribute("aria-activedescendant");
	}

	/** @param {KeyboardEvent} event */
	#pressed(event) {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (!step || isComposing(event)) return;
		this.#choose(this.#active + step);
		event.preventDefault();
	}

	/** @param {number} index */
	#go(index) {
		const place = this.#offers[index];
		if (!place) return;
		this.#dialog.close();
		place.go();
	}
}

/**
 * Return where one can go: rooms and conversations as they are listed, and then people.
 * @param {Session} session
 * @returns {Place[]}
 */
function placesOf(session) {
	const { store } = session;
	const listed = store.rooms.listed();
	const known = new Set([nickKey(store.nick), ...listed.map(({ other }) => nickKey(other))]);
	/** @type {Place[]} */
	const places = listed
		.filter((room) => room !== store.current)
		.map((room) => ({ name: room.private ? `@${room.title}` : room.title, go: () => store.select(room) }));
	for (const room of store.rooms.values()) {
		for (const [key, { nick }] of room.people) {
			if (known.has(key)) continue;
			known.add(key);
			places.push({ name: `@${nick}`, go: () => converse(session, nick) });
		}
	}
	return places;
}
