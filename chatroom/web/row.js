/** Makes the element of one row of the log. */

import { h } from "./dom.js";
import { mention, pieces } from "./pieces.js";
import { key } from "./rooms.js";
import { momentOf, timeOf } from "./words.js";

const HUES = 12;

/** The class for the colour of *nick*: the same on every screen. */
export function hue(nick) {
	let sum = 0;
	for (const letter of key(nick)) sum = Math.imul(sum ^ letter.codePointAt(0), 0x01000193);
	return `hue${((sum ^ (sum >>> 15)) >>> 0) % HUES}`;
}

/** *text* as nodes: links can be followed if *follow*, and what *mark* finds stands out. */
export const rich = (text, mark, follow = true) =>
	pieces(text, mark).map((piece) => {
		if (piece.href && follow)
			return h("a", { href: piece.href, target: "_blank", rel: "noopener noreferrer nofollow" }, piece.text);
		return piece.mark ? h("mark", {}, piece.text) : piece.text;
	});

/** Make the element of *row*, as whoever is called *nick* sees it. */
export function build(row, nick) {
	const element = (KINDS[row.kind] ?? reply)(row, nick);
	if (row.seq) element.dataset.seq = row.seq;
	return element;
}

/** Make what was pending look like *row*, which is stored: all but its place stays; returns false if it cannot be. */
export function settle(element, { event, pending, head, seq }) {
	const same = element.querySelector(".text").textContent === event.text && element.matches(".head") === head;
	if (pending || !same) return false;
	delete element.dataset.ref;
	element.dataset.seq = seq;
	element.classList.remove("pending");
	element.querySelector(".state").remove();
	element.querySelector("time").replaceWith(moment(event.at));
	return true;
}

const moment = (at) => (at ? h("time", { datetime: at, title: momentOf(at) }, timeOf(at)) : h("time", {}));

function message({ event: { type, nick: by, text, at }, head, own, named, pending }, nick) {
	const looks = { head, own, mention: named, pending, acted: type === "acted" };
	const code = /\n/.test(text) && /^(?: {2}|\t)/m.test(text);
	return h(
		"article",
		{
			class: ["message", hue(by), ...Object.keys(looks).filter((name) => looks[name])].join(" "),
			"data-ref": pending,
			"data-initial": [...by][0],
		},
		h("div", { class: "by" }, h("span", { class: "nick", "data-nick": by }, by), " ", moment(at), " "),
		h("div", { class: code ? "text code" : "text" }, rich(text, own ? null : mention(nick))),
		pending && h("span", { class: "state" }, "sending…"),
	);
}

const separator = ({ kind, text }) =>
	h("div", { class: kind, role: "separator", "aria-label": text }, h("span", { "aria-hidden": "true" }, text));

const reply = ({ kind, rows }) =>
	h("div", { class: kind }, rows.map((row) => h("p", {}, Array.isArray(row) ? [h("b", {}, row[0]), ` ${row[1]}`] : rich(row))));

const KINDS = {
	message,
	day: separator,
	unread: separator,
	notice: ({ text, event }) => h("div", { class: "notice" }, rich(text), " ", event.at && moment(event.at)),
	edge: ({ text }) => h("div", { class: "edge" }, text),
};
