/** Finds links and highlighted words in messages. */

import { HANGUL, SPACELESS, nickFinder, queryFinder } from "./scripts.js";
import { linkTo } from "./untrusted.js";

/** @import { Piece } from "./rows" */
/** @import { Finder } from "./scripts.js" */

/**
 * Only these link schemes: others may be harmful. Full-width, Arabic and other foreign punctuation ends a link, but for
 * the dots and apostrophes inside names.
 */
const LINK =
	/\b(?:https?:\/\/|mailto:)(?:[!#-;=?-~·’・･]|[^\s\0-\x7f\p{Po}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\u2014\u2015\uff5c\uff5e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069])+/giu;

/** Punctuation after a link that is not part of it. */
const PUNCTUATION = /[.,;:!?'*_~`|·’・･]/u;

/** A comma, directly before a script that has no spaces after commas. */
const COMMA = new RegExp(`[,;!][${SPACELESS}]`, "u");

/** A host whose last name begins in ASCII and goes on in another script: there it is text, for no such names exist. */
const HOST = new RegExp(`^https?://[^/?#]*?\\.[a-z]{2,}(?=[${SPACELESS}${HANGUL}][^/?#:.]*\\.*(?:[/?#:]|$))`, "iu");

/** @type {Record<string, string>} */
const OPENING = { ")": "(", "]": "[", "}": "{" };

/** Cache of `mention`: the same nick is looked for in every line. */
let latest = { nick: "", finder: nickFinder("") };

/**
 * Return what finds *nick* as a whole word, as the server does.
 * @param {string} nick
 */
export function mention(nick) {
	if (latest.nick !== nick) latest = { nick, finder: nickFinder(nick) };
	return latest.finder;
}

/**
 * Return whether *text* mentions *nick*.
 * @param {string} nick
 * @param {string} text
 */
export const mentions = (nick, text) => mention(nick).isIn(text);

/** Returns what finds the words of a search, or null. */
export const searched = queryFinder;

/**
 * Split *text* into pieces.
 * @param {string} text
 * @param {Finder | null | false} [mark]  What to highlight besides links.
 */
export function pieces(text, mark) {
	/** @type {Piece[]} */
	const made = [];
	let end = 0;
	for (const { 0: match, index } of text.matchAll(LINK)) {
		const link = trimmed(match);
		const href = linkTo(link);
		if (href === null) continue;
		made.push(...marked(text.slice(end, index), mark), { text: link, href });
		end = index + link.length;
	}
	return [...made, ...marked(text.slice(end), mark)];
}

/**
 * Return where the links in *text* are.
 * @param {string} text
 */
export function linkPlaces(text) {
	/** @type {[start: number, end: number][]} */
	const places = [];
	let end = 0;
	for (const { text: part, href } of pieces(text)) {
		end += part.length;
		if (href) places.push([end - part.length, end]);
	}
	return places;
}

/**
 * @param {string} text
 * @param {Finder | null | false} [mark]
 */
function marked(text, mark) {
	/** @type {Piece[]} */
	const made = [];
	let done = 0;
	for (const [start, end] of mark ? mark.places(text) : []) {
		made.push({ text: text.slice(done, start) }, { text: text.slice(start, end), mark: true });
		done = end;
	}
	return [...made, { text: text.slice(done) }].filter((piece) => piece.text);
}

/**
 * End *link* where it does: before a bracket that it does not open, and before punctuation at its end.
 * @param {string} link
 */
function trimmed(link) {
	const host = HOST.exec(link);
	if (host) return host[0];
	let end = unopened(link);
	const comma = link.slice(0, end).search(COMMA);
	if (comma >= 0) end = comma;
	while (PUNCTUATION.test(link[end - 1] ?? "")) end--;
	return link.slice(0, end);
}

/**
 * Return where the first bracket is that *link* closes but does not open, or its end.
 * @param {string} link
 */
function unopened(link) {
	/** @type {Record<string, number>} */
	const open = { "(": 0, "[": 0, "{": 0 };
	for (let place = 0; place < link.length; place++) {
		const char = link[place] ?? "";
		const opening = OPENING[char] ?? "";
		if (char in open) open[char] = (open[char] ?? 0) + 1;
		else if (opening && (open[opening] = (open[opening] ?? 0) - 1) < 0) return place;
	}
	return link.length;
}
