/** Panels: rooms and members beside the log, or over it in a narrow window. */

import { byId, find } from "./dom.js";
import { set, settings } from "./settings.js";

/** Width of a narrow window, as in the style sheet. */
const NARROW = "(max-width: 760px)";

const PANELS = /** @type {const} */ (["rooms", "members"]);

/** @typedef {(typeof PANELS)[number]} Panel */

export class Panels {
	#narrow = matchMedia(NARROW);
	/** @type {Panel | ""} */
	#over = "";

	constructor() {
		for (const panel of PANELS) byId(`show-${panel}`).addEventListener("click", () => this.#toggle(panel));
		byId("veil").addEventListener("click", () => this.close());
		this.#narrow.addEventListener("change", () => this.close());
		this.close();
	}

	/** The one that is over the log, if any. */
	get over() {
		return this.#over;
	}

	/** See the log again. */
	close() {
		this.#layOut("");
	}

	/** @param {Panel} panel */
	#toggle(panel) {
		if (!this.#narrow.matches) set("members", !settings.members);
		this.#layOut(this.#narrow.matches && this.#over !== panel ? panel : "");
		if (this.#over) find(byId(panel), "button").focus();
	}

	/** @param {Panel | ""} over */
	#layOut(over) {
		this.#over = over;
		for (const panel of PANELS) {
			const beside = panel === "rooms" || settings.members;
			const open = this.#narrow.matches ? over === panel : beside;
			byId("chat").classList.toggle(`with-${panel}`, open);
			byId(`show-${panel}`).setAttribute("aria-expanded", String(open));
		}
		byId("veil").hidden = !over;
	}
}
