/** Makes the element of one row of the log. */

import { h } from "./dom.js";
import { mention, pieces } from "./linkify.js";
import { momentOf, timeOf } from "./phrases.js";
import { key } from "./rooms.js";

/** The hue of *nick*, in degrees: the same on every screen. */
export function hue(nick) {
	let sum = 0;
	for (const letter of key(nick)) sum = Math.imul(sum + letter.codePointAt(0), 0x9e3779b1);
	return (sum >>> 0) % 360;
}

/** *text* as nodes: links can be followed if *follow*, and what *mark* finds stands out. */
export const rich = (text, mark, follow = true) =>
	pieces(text, mark).map((piece) => {
		if (piece.href && follow)
			return h("a", { href: piece.href, target: "_blank", rel: "noopener noreferrer nofollow" }, piece.text);
		return piece.mark ? h("mark", {}, piece.text) : piece.text;
	});

/** Make the element of *row*, as *nick* sees it. */
export function build(row, nick) {
	const element = (KINDS[row.kind] ?? reply)(row, nick);
	if (row.seq) element.dataset.seq = row.seq;
	return element;
}

/** Make what was pending look like *row*, which is stored; false if more than that has changed. */
export function settle(element, { event, pending, head, seq }) {
	const { classList, dataset } = element;
	if (pending || classList.contains("head") !== head || element.querySelector(".text").textContent !== event.text) return false;
	delete dataset.ref;
	dataset.seq = seq;
	classList.remove("pending");
	element.querySelector(".state").remove();
	element.querySelector("time").replaceWith(moment(event.at));
	return true;
}

const moment = (at) => (at ? h("time", { datetime: at, title: momentOf(at) }, timeOf(at)) : h("time", {}));

function message({ event: { type, nick: by, text, at }, head, own, named, pending }, nick) {
	const looks = { message: true, hue: true, head, own, mention: named, pending, acted: type === "acted" };
	const code = /\n/.test(text) && /^(?: {2}|\t)/m.test(text);
	return h(
		"article",
		{
			class: Object.keys(looks).filter((name) => looks[name]).join(" "),
			"--hue": hue(by),
			"data-ref": pending,
			"data-initial": [...by][0],
		},
		h("div", { class: "by" }, h("span", { class: "nick", "data-nick": by }, by), " ", moment(at), " "),
		h("div", { class: code ? "text code" : "text" }, rich(text, !own && mention(nick))),
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
	notice: ({ text, event: { at } }) => h("div", { class: "notice" }, rich(text), " ", moment(at)),
	edge: ({ text }) => h("div", { class: "edge" }, text),
};
