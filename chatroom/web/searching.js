/** Search: what was said where one may read, and each result shown among what was said around it. */

import { check, openDialog } from "./dialog.js";
import { button, h, say } from "./dom.js";
import { searched } from "./pieces.js";
import { hue, rich } from "./row.js";
import { counted, momentOf } from "./words.js";

/** Open the search, with what was *found* already. */
export function openSearch(chat, log, found) {
	const { current } = chat;
	const results = h("ul", { class: "rows", "aria-label": "Results" });
	const status = h("p", { role: "status", class: "hint" }, 'Words, "phrases", from:ann, in:lobby, before:2026-11-23, after:yesterday');
	const input = h("input", { type: "search", "aria-label": "Search", placeholder: "What was said …", enterkeyhint: "search", value: found?.words });
	const more = button("More", () => ask(page + 1), { hidden: true });
	let asked = "";
	let page = 0;

	const result = ({ room, seq, nick, at, text, to }) => {
		const where = room.startsWith("@") ? `with ${chat.rooms.get(room)?.other ?? to}` : `#${room}`;
		const go = async () => {
			dialog.close();
			if (!(await log.jump(room, seq))) chat.note("refusal", `To see that, you have to be in #${room}; or it is no longer kept.`);
		};
		const by = h("span", { class: "by" }, h("span", { class: "nick" }, nick), ` ${where} · ${momentOf(at)}`);
		return h("li", {}, button([by, h("span", { class: "text" }, rich(text, searched(asked), false))], go, { class: `choice ${hue(nick)}` }));
	};
	const show = (answer) => {
		if (answer.type !== "found") return say(status, answer.text);
		results.append(...answer.events.map(result));
		const count = results.childElementCount;
		({ page } = answer);
		more.hidden = !answer.more;
		return say(status, count ? `${counted(count, "result")}${answer.more ? ", and more" : ""}; newest first` : "Nothing was found.");
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
		if (asked && here.control.checked) asked += ` in:${current.id}`;
		if (asked) ask(1);
	};
	const here = check(`Only in ${current.title}`, false, begin);
	here.hidden = current.private || !current.id;
	const form = h("form", { role: "search", onsubmit: begin }, input, h("button", { class: "primary" }, "Find"), here);
	const dialog = openDialog("Search", form, status, results, more);
	dialog.className = "wide";
	if (found) {
		asked = found.words;
		show(found);
	}
}
