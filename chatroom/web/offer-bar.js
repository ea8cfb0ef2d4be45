/** Offer bar: what the page would have done by itself, had nobody been typing; one press does it. */

import { isolated } from "./bidi.js";
import { button, byId, h } from "./dom.js";
import { go } from "./going.js";

/** @import { Session } from "./session.js" */
/** @import { Offer } from "./types" */

export class OfferBar {
	#bar = byId("offer");

	/** @param {Session} session */
	constructor(session) {
		const { store } = session;
		store.on("offer", (offer) => this.#show(offer));
		store.on("dropped", (room) => {
			const title = isolated(room.title);
			const close = () => store.leaveView(room);
			if (room.private) this.#show({ text: `The conversation with ${title} is over.`, label: "Close", act: close });
			else this.#show({ text: `You are no longer in ${title}.`, label: "Join again", act: () => go(session, room.id) });
		});
		store.on("room", () => {
			if (!store.current.gone) this.#hide();
		});
		store.on("out", () => this.#hide());
	}

	/** @param {Offer} offer */
	#show({ text, label, act }) {
		const accept = () => {
			this.#hide();
			act();
		};
		const dismiss = button("×", () => this.#hide(), { class: "plain small", "aria-label": "Dismiss" });
		this.#bar.replaceChildren(h("span", {}, text), button(label, accept, { class: "small" }), dismiss);
		this.#bar.hidden = false;
	}

	#hide() {
		this.#bar.hidden = true;
		this.#bar.replaceChildren();
	}
}
