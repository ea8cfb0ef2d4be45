/** Row view: makes the element of a row. */

import { isolates } from "./bidi.js";
import { marksOf } from "./changes.js";
import { h } from "./dom.js";
import { mention, pieces } from "./linkify.js";
import { markedText, nodeOf } from "./marked-text.js";
import { nickKey } from "./rooms.js";
import { momentOf, timeOf } from "./times.js";

/** @import { MessageRow, NoticeRow, ReplyRow, Row, Words } from "./rows" */
/** @import { Finder } from "./scripts.js" */

/** 2^32 divided by the golden ratio: sums multiplied by it are spread far apart (Fibonacci hashing). */
const GOLDEN = 0x9e3779b1;

/**
 * Return the hue of *nick*, in degrees: the same on every screen.
 * @param {string} nick
 */
export function hue(nick) {
	let sum = 0;
	for (const letter of nickKey(nick)) sum = Math.imul(sum + Number(letter.codePointAt(0)), GOLDEN);
	return (sum >>> 0) % 360;
}

/**
 * Return *text* as nodes; its isolated parts are elements.
 * @param {string} text
 * @param {Finder | null | false} [mark]  Finds what stands out.
 * @param {boolean} [follow]  Whether links can be followed.
 */
export const rich = (text, mark, follow = true) =>
	isolates(text).flatMap((part, index) => {
		const nodes = linked(part, mark, follow);
		return index % 2 ? [h("bdi", {}, nodes)] : nodes;
	});

/**
 * @param {string} text
 * @param {Finder | null | false | undefined} mark
 * @param {boolean} follow
 */
const linked = (text, mark, follow) =>
	pieces(text, mark).map((piece) => nodeOf(piece, follow));

/**
 * @param {Row} row
 * @param {string} nick  Who looks at it.
 */
export function build(row, nick) {
	const element = elementOf(row, nick);
	if (row.seq) element.dataset.seq = String(row.seq);
	return element;
}

/**
 * @param {Row} row
 * @param {string} nick
 * @returns {HTMLElement}
 */
function elementOf(row, nick) {
	switch (row.kind) {
		case "message":
			return message(row, nick);
		case "notice":
			return notice(row);
		case "day":
		case "unread":
			return separator(row.kind, row.text);
		case "edge":
			return h("div", { class: "edge" }, rich(row.text));
		default:
			return reply(row);
	}
}

/**
 * Update a pending element to the stored *row*.
 * @param {HTMLElement} element
 * @param {Row} row
 * @returns {boolean}  False if more than that has changed.
 */
export function settle(element, row) {
	if (row.kind !== "message" || row.pending || marksOf(row.event)) return false;
	const { event, head, seq } = row;
	const { classList, dataset } = element;
	const text = element.querySelector(".text")?.textContent;
	if (classList.contains("head") !== head || text !== event.text) return false;
	delete dataset.ref;
	dataset.seq = String(seq);
	classList.remove("pending");
	element.querySelector(".state")?.remove();
	element.querySelector("time")?.replaceWith(time(event.at));
	return true;
}

/**
 * Have a message stand out or not, and the words in it that were searched for.
 * @param {HTMLElement} element
 * @param {MessageRow} row
 * @param {string} nick  Who looks at it.
 * @param {Finder | null} [searched]  Without it, the message is as always.
 */
export function emphasize(element, { event, own }, nick, searched) {
	element.classList.toggle("target", searched !== undefined);
	if (event.deleted) return;
	element.querySelector(".text")?.replaceChildren(...words(event.text, searched ?? (!own && mention(nick))));
}

/**
 * Return whether *text* is all code: several lines, of which one is indented, and none says where code begins.
 * @param {string} text
 */
const isCode = (text) => /\n(?: {2}|\t)|^(?: {2}|\t).*\n/.test(text) && !/^```/m.test(text);

/**
 * Return what somebody said as nodes.
 * @param {string} text
 * @param {Finder | null | false} mark
 */
const words = (text, mark) => (isCode(text) ? rich(text, mark) : markedText(text, mark));

/** @param {string | undefined} at */
const time = (at) => (at ? h("time", { datetime: at, title: momentOf(at) }, timeOf(at)) : h("time", {}));

/**
 * @param {MessageRow} row
 * @param {string} nick
 */
function message({ event, head, own, named, pending }, nick) {
	const { type, nick: sender, text, at, bot, deleted, edited } = event;
	// A bot may have a label behind its nick, which no person can have.
	const [name] = sender.split(" (");
	const shown = bot && name === sender ? `${sender} (bot)` : sender;
	const acted = type === "acted";
	const classes = { message: true, hue: true, head, own, mention: named, pending, acted, noticed: type === "noticed" };
	const given = Object.entries(classes).filter(([, present]) => present);
	const code = isCode(text);
	const shape = code ? { class: "text code", dir: "ltr" } : { class: "text", dir: "auto" };
	const [initial] = sender;
	return h(
		"article",
		{
			class: given.map(([name]) => name).join(" "),
			"--hue": hue(name),
			"data-ref": pending,
			"data-initial": initial,
		},
		h("div", { class: "by" }, h("bdi", { class: "nick", "data-nick": name }, shown), " ", time(at), " "),
		answered(event),
		deleted
			? h("div", { class: "text deleted" }, `Deleted by ${deleted}`)
			: h("div", shape, words(text, !own && mention(nick))),
		edited && h("span", { class: "state" }, "edited"),
		reactions(event),
		pending && h("span", { class: "state" }, "sending…"),
	);
}

/** @param {Words} event */
const answered = ({ re, quote }) =>
	re && h("div", { class: "answered", dir: "auto" }, quote ? `${quote.nick}: ${quote.text || "a deleted message"}` : "an old message");

/** @param {Words} event */
const reactions = ({ reactions }) =>
	reactions?.length &&
	h(
		"ul",
		{ class: "reactions", "aria-label": "Reactions" },
		...reactions.map(({ emoji, nicks }) => h("li", { title: nicks.join(", ") }, emoji, " ", h("span", {}, String(nicks.length)))),
	);

/** @param {NoticeRow} row */
const notice = ({ text, event }) => h("div", { class: "notice" }, rich(text), " ", time(event.at));

/**
 * @param {string} kind
 * @param {string} text
 */
const separator = (kind, text) =>
	h("div", { class: kind, role: "separator", "aria-label": text }, h("span", { "aria-hidden": "true" }, text));

/** @param {ReplyRow} row */
function reply({ kind, rows }) {
	const lines = rows.map((row) =>
		Array.isArray(row)
			? h("p", {}, h("b", {}, rich(row[0])), " ", rich(row[1]))
			: h("p", { dir: "auto" }, rich(row)),
	);
	return h("div", { class: kind }, lines);
}
