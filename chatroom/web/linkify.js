/** Finds links and highlighted words in messages. */

import { linkTo } from "./untrusted.js";

/** @import { Piece } from "./types" */

/** Only these link schemes: others may be harmful. */
const LINK = /\b(?:https?:\/\/|mailto:)[^\s<>"]+/giu;

/** Punctuation after a link that is not part of it. */
const PUNCTUATION = /[.,;:!?\]}'*_~`|…”’»]/u;

/** Cache of `mention`: the same nick is looked for in every line. */
let latest = { nick: "", pattern: /(?:)/giu };

/**
 * Return a pattern that matches *nick* as a whole word, as the server does.
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
 * Return whether *text* mentions *nick*.
 * @param {string} nick
 * @param {string} text
 */
export const mentions = (nick, text) => text.search(mention(nick)) >= 0;

/**
 * Return a pattern for the words of a search, or null.
 * @param {string} query  The typed search, including filters.
 */
export function searched(query) {
	const words = query.replace(/\b(?:from|in|before|after|page):(?:"[^"]*"|\S+)/gu, "").match(/[\p{L}\p{N}_]+/gu);
	return words && new RegExp(words.join("|"), "giu");
}

/**
 * Split *text* into pieces.
 * @param {string} text
 * @param {RegExp | null | false} [mark]  What to highlight besides links.
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
 * Strip trailing punctuation from *link*, but keep balanced brackets.
 * @param {string} link
 */
function trimmed(link) {
	let unopened = link.split(")").length - link.split("(").length;
	let end = link.length;
	while (link[end - 1] === ")" ? unopened-- > 0 : PUNCTUATION.test(link[end - 1] ?? "")) end--;
	return link.slice(0, end);
}
