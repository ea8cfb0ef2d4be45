/** Takes apart what people say: links, and words that are to stand out. */

// Of these three kinds only: others may do harm.
const LINK = /\b(?:https?:\/\/|mailto:)[^\s<>"]+/giu;
let named = {};

/** What finds *nick* as a word of its own, as the server does. */
export function mention(nick) {
	const bare = nick.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
	if (named.nick !== nick) named = { nick, mark: new RegExp(`(?<![\\p{L}\\p{N}_])${bare}(?![\\p{L}\\p{N}_])`, "giu") };
	return named.mark;
}

/** Whether *text* names *nick*. */
export const mentions = (nick, text) => text.search(mention(nick)) >= 0;

/** What finds the words of a search as it was typed; null if there are none. */
export function searched(typed) {
	const words = typed.replace(/\b(?:from|in|before|after|page):(?:"[^"]*"|\S+)/gu, "").match(/[\p{L}\p{N}_]+/gu);
	return words && new RegExp(words.join("|"), "giu");
}

/**
 * Take *text* apart; *mark* finds what is to stand out beside links.
 * @returns {{text: string, href?: string, mark?: boolean}[]} which make up the whole of it
 */
export function pieces(text, mark) {
	const made = [];
	let end = 0;
	for (const { 0: all, index } of text.matchAll(LINK)) {
		const link = trimmed(all);
		if (!URL.canParse(link)) continue;
		made.push(...marked(text.slice(end, index), mark), { text: link, href: new URL(link).href });
		end = index + link.length;
	}
	return [...made, ...marked(text.slice(end), mark)];
}

function marked(text, mark) {
	const made = [];
	let end = 0;
	for (const { 0: found, index } of mark ? text.matchAll(mark) : []) {
		made.push({ text: text.slice(end, index) }, { text: found, mark: true });
		end = index + found.length;
	}
	return [...made, { text: text.slice(end) }].filter((piece) => piece.text);
}

/** Leave out of a link what ends the sentence around it. */
function trimmed(link) {
	let lonely = link.split(")").length - link.split("(").length;
	let end = link.length;
	while (link[end - 1] === ")" ? lonely-- > 0 : /[.,;:!?\]}'*_~`|…”’»]/u.test(link[end - 1])) end--;
	return link.slice(0, end);
}
