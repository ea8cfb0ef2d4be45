/** Finds links in what people say, and words that are to stand out. */

/** @import { Piece } from "./types" */

/** Links of these three kinds only: others may do harm. */
const LINK = /\b(?:https?:\/\/|mailto:)[^\s<>"]+/giu;

/** What may end a sentence around a link, and is not part of it. */
const PUNCTUATION = /[.,;:!?\]}'*_~`|…”’»]/u;

/** The last pattern made by `mention`, since one nick is looked for in every line. */
let latest = { nick: "", pattern: /(?:)/giu };

/**
 * Return the pattern that finds *nick* as a word of its own, as the server does.
 * @param {string} nick
 */
export function mention(nick) {
	if (latest.nick !== nick) {
		const escaped = nick.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
		latest = { nick, pattern: new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, "giu") };
	}
	return latest.pattern;
}

/**
 * Tell whether *text* names *nick*.
 * @param {string} nick
 * @param {string} text
 */
export const mentions = (nick, text) => text.search(mention(nick)) >= 0;

/**
 * Return the pattern that finds the words of a search; null if there are none.
 * @param {string} query  The search as it was typed, filters included.
 */
export function searched(query) {
	const words = query.replace(/\b(?:from|in|before|after|page):(?:"[^"]*"|\S+)/gu, "").match(/[\p{L}\p{N}_]+/gu);
	return words && new RegExp(words.join("|"), "giu");
}

/**
 * Split *text* into pieces, which together make up the whole of it.
 * @param {string} text
 * @param {RegExp | null | false} [mark]  Finds what is to stand out beside links.
 */
export function pieces(text, mark) {
	/** @type {Piece[]} */
	const made = [];
	let end = 0;
	for (const { 0: match, index } of text.matchAll(LINK)) {
		const link = trimmed(match);
		if (!URL.canParse(link)) continue;
		made.push(...marked(text.slice(end, index), mark), { text: link, href: new URL(link).href });
		end = index + link.length;
	}
	return [...made, ...marked(text.slice(end), mark)];
}

/**
 * @param {string} text
 * @param {RegExp | null | false} [mark]
 */
function marked(text, mark) {
	/** @type {Piece[]} */
	const made = [];
	let end = 0;
	for (const { 0: match, index } of mark ? text.matchAll(mark) : []) {
		made.push({ text: text.slice(end, index) }, { text: match, mark: true });
		end = index + match.length;
	}
	return [...made, { text: text.slice(end) }].filter((piece) => piece.text);
}

/**
 * Leave out of *link* what ends the sentence around it; a bracket that was opened inside stays.
 * @param {string} link
 */
function trimmed(link) {
	let unopened = link.split(")").length - link.split("(").length;
	let end = link.length;
	while (link[end - 1] === ")" ? unopened-- > 0 : PUNCTUATION.test(link[end - 1] ?? "")) end--;
	return link.slice(0, end);
}
