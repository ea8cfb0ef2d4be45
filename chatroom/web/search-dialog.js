/** Search, and each result shown among what was said around it. */

import { openDialog } from "./dialog.js";
import { button, h, say } from "./dom.js";
import { searched } from "./linkify.js";
import { counted, momentOf } from "./phrases.js";
import { hue, rich } from "./row-view.js";

/** Open the search, with what was *found* already. */
export function openSearch(chat, log, found) {
	const results = h("ul", { "aria-label": "Results" });
	const status = h("p", { role: "status", class: "hint" }, 'Words, "phrases", in:lobby, from:ann, before:2026-11-23, after:yesterday');
	const input = h("input", { type: "search", "aria-label": "Search", placeholder: "What was said …", enterkeyhint: "search", value: found?.words });
	const more = button("More", () => ask(page + 1), { hidden: true });
	let asked = found?.words;
	let page = 0;

	const result = ({ room, seq, nick, at, text, to }) => {
		const where = room.startsWith("@") ? `with ${chat.rooms.get(room)?.other ?? to}` : `#${room}`;
		const go = async () => {
			dialog.close();
			if (!(await log.jump(room, seq))) chat.note(`You are not in #${room}, or it is no longer kept.`);
		};
		const by = h("span", { class: "by" }, h("span", { class: "nick" }, nick), ` ${where} · ${momentOf(at)}`);
		const content = [by, h("span", { class: "text" }, rich(text, searched(asked), false))];
		return h("li", {}, button(content, go, { class: "choice hue", "--hue": hue(nick) }));
	};
	const show = ({ events, more: further, page: number, text }) => {
		results.append(...(events ?? []).map(result));
		const count = results.childElementCount;
		page = number;
		more.hidden = !further;
		say(status, text ?? (count ? `${counted(count, "result")}${further ? ", and more" : ""}; newest first` : "Nothing was found."));
	};
	const ask = async (number) => {
		const words = asked;
		say(status, "Searching …");
		const answer = await chat.ask({ type: "search", words: `${words} page:${number}` });
		if (words === asked) show(answer);
	};
	const begin = (event) => {
		event.preventDefault();
		results.replaceChildren();
		more.hidden = true;
		asked = input.value.trim();
		if (asked) ask(1);
	};
	const form = h("form", { role: "search", onsubmit: begin }, input, h("button", { class: "primary" }, "Find"));
	const dialog = openDialog("Search", form, status, results, more);
	dialog.className = "wide";
	if (found) show(found);
}
