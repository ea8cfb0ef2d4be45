/** Search dialog; results open in their context. */

import { isolated } from "./bidi.js";
import { openDialog } from "./dialog.js";
import { button, h, say } from "./dom.js";
import { searched } from "./linkify.js";
import { counted } from "./room-phrases.js";
import { hue, rich } from "./row-view.js";
import { momentOf } from "./times.js";

/** @import { Log } from "./log.js" */
/** @import { Reply, Talk } from "./protocol" */
/** @import { Session } from "./session.js" */

const SYNTAX = 'Words, "phrases", in:lobby, from:ann, before:2026-11-23, after:yesterday';

const INDEXING = " Older messages are still being indexed; please search again in a few minutes.";

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
			dir: "auto",
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
	#show({ events, more, page, indexing }) {
		this.#results.append(...events.map((event) => this.#result(event)));
		this.#page = page;
		this.#more.hidden = !more;
		const count = this.#results.childElementCount;
		const summary = `${counted(count, "result")}${more ? ", and more" : ""}; newest first.`;
		say(this.#status, (count ? summary : "No results.") + (indexing ? INDEXING : ""));
	}

	/** @param {string} reason */
	#fail(reason) {
		this.#more.hidden = true;
		say(this.#status, reason);
	}

	/** @param {Talk} event */
	#result(event) {
		const { nick, at, text } = event;
		const sender = h("bdi", { class: "nick" }, nick);
		const content = [
			h("span", { class: "by" }, sender, " ", h("bdi", {}, this.#place(event)), ` · ${momentOf(at)}`),
			h("span", { class: "text", dir: "auto" }, rich(text, searched(this.#words), false)),
		];
		return h("li", {}, button(content, () => this.#open(event), { class: "choice hue", "--hue": hue(nick) }));
	}

	/** @param {Talk} event */
	#place({ room, to }) {
		if (!room.startsWith("@")) return `#${room}`;
		return `with ${isolated(this.#session.store.rooms.get(room)?.other ?? to ?? "")}`;
	}

	/** @param {Talk} event */
	async #open({ room, seq }) {
		this.#dialog.close();
		const shown = await this.#log.jump(room, seq, searched(this.#words));
		if (!shown) this.#session.store.note(`You are not in ${isolated(`#${room}`)}, or it has been deleted.`);
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
