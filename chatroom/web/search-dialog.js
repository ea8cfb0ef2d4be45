/** Search dialog; results open in their context. */

import { openDialog } from "./dialog.js";
import { button, h, say } from "./dom.js";
import { searched } from "./linkify.js";
import { counted, momentOf } from "./phrases.js";
import { hue, rich } from "./row-view.js";

/** @import { Log } from "./log.js" */
/** @import { Reply, Talk } from "./protocol" */
/** @import { Session } from "./session.js" */

const SYNTAX = 'Words, "phrases", in:lobby, from:ann, before:2026-11-23, after:yesterday';

/**
 * @param {Session} session
 * @param {Log} log
 * @param {Reply<"found">} [found]  What is to be shown at once.
 */
export function openSearch(session, log, found) {
	new SearchDialog(session, log, found);
}

class SearchDialog {
	#session;
	#log;
	#results = h("ul", { "aria-label": "Results" });
	#status = h("p", { role: "status", class: "hint" }, SYNTAX);
	#more = button("More", () => this.#ask(this.#page + 1), { hidden: true });
	#dialog;
	/** The words that are searched for. */
	#words;
	/** The last page of results that is shown. */
	#page = 0;

	/**
	 * @param {Session} session
	 * @param {Log} log
	 * @param {Reply<"found">} [found]
	 */
	constructor(session, log, found) {
		this.#session = session;
		this.#log = log;
		this.#words = found?.words ?? "";
		this.#dialog = openDialog("Search", this.#form(), this.#status, this.#results, this.#more);
		this.#dialog.className = "wide";
		if (found) this.#show(found);
	}

	#form() {
		const input = h("input", {
			type: "search",
			"aria-label": "Search",
			placeholder: "What was said …",
			enterkeyhint: "search",
			value: this.#words,
		});
		const onsubmit = (/** @type {SubmitEvent} */ event) => {
			event.preventDefault();
			this.#results.replaceChildren();
			this.#more.hidden = true;
			this.#words = input.value.trim();
			if (this.#words) this.#ask(1);
		};
		return h("form", { role: "search", onsubmit }, input, h("button", { class: "primary" }, "Find"));
	}

	/** @param {number} page */
	async #ask(page) {
		const words = this.#words;
		say(this.#status, "Searching …");
		// Before the words, of which the last may be a phrase that has no end.
		const reply = await this.#session.ask({ type: "search", words: `page:${page} ${withoutPage(words)}` });
		// In the meantime something else may have been searched for.
		if (words !== this.#words) return;
		if (reply.type === "found") this.#show(reply);
		else if (reply.type === "refused") this.#fail(reply.text);
	}

	/** @param {Reply<"found">} found */
	#show({ events, more, page }) {
		this.#results.append(...events.map((event) => this.#result(event)));
		this.#page = page;
		this.#more.hidden = !more;
		const count = this.#results.childElementCount;
		const summary = `${counted(count, "result")}${more ? ", and more" : ""}; newest first`;
		say(this.#status, count ? summary : "No results.");
	}

	/** @param {string} reason */
	#fail(reason) {
		this.#more.hidden = true;
		say(this.#status, reason);
	}

	/** @param {Talk} event */
	#result(event) {
		const { nick, at, text } = event;
		const sender = h("span", { class: "nick" }, nick);
		const content = [
			h("span", { class: "by" }, sender, ` ${this.#place(event)} · ${momentOf(at)}`),
			h("span", { class: "text" }, rich(text, searched(this.#words), false)),
		];
		return h("li", {}, button(content, () => this.#open(event), { class: "choice hue", "--hue": hue(nick) }));
	}

	/** @param {Talk} event */
	#place({ room, to }) {
		if (!room.startsWith("@")) return `#${room}`;
		return `with ${this.#session.store.rooms.get(room)?.other ?? to}`;
	}

	/** @param {Talk} event */
	async #open({ room, seq }) {
		this.#dialog.close();
		const shown = await this.#log.jump(room, seq);
		if (!shown) this.#session.store.note(`You are not in #${room}, or it has been deleted.`);
	}
}

/**
 * Return the words of a search without the page that was asked for: the server would go by the last one.
 * @param {string} words
 */
const withoutPage = (words) =>
	words.replace(/page:(?:"[^"]*"|\S+)|(?:from|in|before|after):(?:"[^"]*"|\S+)|"[^"]*"?|\S+/g, (term) =>
		term.startsWith("page:") ? "" : term,
	);
