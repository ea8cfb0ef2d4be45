/** Markup: finds `code`, *bold*, _italic_, quotes and fenced code in messages. The text itself stays as it is. */

import { linkPlaces } from "./linkify.js";

/** @import { Block, Span } from "./rows" */

/** A line that begins or ends fenced code; what follows the marks names a language. */
const FENCE = /^```[\w+#.-]{0,20}\s*$/;

const QUOTE = /^>(?: |$)/;

/** Characters of words: a mark beside one is part of the word, as in `snake_case` and `2*3*4`. */
const WORD = /[\p{L}\p{N}\p{M}_*`]/u;

/** @type {Record<string, Span["style"]>} */
const STYLES = { "*": "strong", _: "em", "`": "code" };

/**
 * Split *text* into blocks, which together are all of it.
 * @param {string} text
 * @returns {Block[]}
 */
export function blocks(text) {
	const lines = text.split("\n");
	const links = linkPlaces(text);
	/** @type {Block[]} */
	const made = [];
	// What begins after the last fence has no end.
	const lastFence = lines.map((line) => line.trimEnd()).lastIndexOf("```");
	let start = 0;
	for (let at = 0; at < lines.length; ) {
		let to = at + 1;
		/** @type {Block["style"]} */
		let style = "";
		if (FENCE.test(lines[at]) && at < lastFence) {
			style = "fence";
			while (lines[to].trimEnd() !== "```") to++;
			to++;
		} else if (QUOTE.test(lines[at])) style = "quote";
		let length = 0;
		for (const line of lines.slice(at, to)) length += line.length + 1;
		const end = Math.min(start + length, text.length);
		const spans = style === "fence" ? fenceSpans(text, start, end) : lineSpans(text, start, end, links, style === "quote");
		const before = made.at(-1);
		if (before && before.style === style && style !== "fence") for (const span of spans) before.spans.push(span);
		else made.push({ style, spans });
		start = end;
		at = to;
	}
	return made;
}

/**
 * Return the parts of fenced code: between its first and its last line.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @returns {Span[]}
 */
function fenceSpans(text, start, end) {
	const from = text.indexOf("\n", start) + 1;
	// The last line, and the end of the one before it.
	const to = Math.max(from, text.lastIndexOf("\n```", end));
	return [sign(start, from), { start: from, end: to, style: "" }, sign(to, end)];
}

/**
 * @param {number} start
 * @param {number} end
 * @returns {Span}
 */
const sign = (start, end) => ({ start, end, style: "sign" });

/**
 * Return the parts of one line, with the end of it.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {[number, number][]} links
 * @param {boolean} quoted
 * @returns {Span[]}
 */
function lineSpans(text, start, end, links, quoted) {
	const line = text.slice(start, end);
	if (!quoted && !/[*_`]/.test(line)) return [{ start, end, style: "" }];
	/** @type {Span[]} */
	const made = [];
	let done = start;
	if (quoted) made.push(sign(start, (done = Math.min(start + 2, end))));
	for (const { start: from, end: to, style } of styled(line, start, links)) {
		if (from < done) continue;
		made.push({ start: done, end: from, style: "" });
		made.push(sign(from, from + 1), { start: from + 1, end: to - 1, style }, sign(to - 1, to));
		done = to;
	}
	return [...made, { start: done, end, style: "" }];
}

/**
 * Find what marks enclose in a line: code first; nothing inside anything else.
 * @param {string} line
 * @param {number} offset  Of the line in the text.
 * @param {[number, number][]} links
 * @returns {Span[]}  With their marks.
 */
function styled(line, offset, links) {
	const code = enclosed(line, offset, "`", links);
	const taken = [...links, ...code.map(({ start, end }) => /** @type {[number, number]} */ ([start, end]))].sort(
		([one], [other]) => one - other,
	);
	const others = [...enclosed(line, offset, "*", taken), ...enclosed(line, offset, "_", taken)];
	const codes = new Set(code);
	/** @type {Span[]} */
	const kept = [];
	// What encloses code stays as it was typed, and so does what begins in something else.
	for (const span of [...code, ...others].sort((one, other) => one.start - other.start)) {
		const before = kept.at(-1);
		if (!before || span.start >= before.end) kept.push(span);
		else if (codes.has(span)) kept.splice(-1, 1, span);
	}
	return kept;
}

/**
 * Find what two marks of one kind enclose; the work grows as the line does, whatever is in it.
 * @param {string} line
 * @param {number} offset
 * @param {string} mark
 * @param {[number, number][]} taken  Where no mark counts, in order.
 * @returns {Span[]}
 */
function enclosed(line, offset, mark, taken) {
	/** @type {Span[]} */
	const found = [];
	let open = -1;
	let next = 0;
	for (let at = line.indexOf(mark); at >= 0; at = line.indexOf(mark, at + 1)) {
		while (next < taken.length && taken[next][1] <= at + offset) next++;
		if (next < taken.length && taken[next][0] <= at + offset) continue;
		const before = line[at - 1] ?? " ";
		const after = line[at + 1] ?? " ";
		if (open >= 0 && closes(mark, before, line.slice(at + 1, at + 3)) && at > open + 1) {
			found.push({ start: open + offset, end: at + 1 + offset, style: STYLES[mark] });
			open = -1;
		} else if (opens(mark, line.slice(Math.max(0, at - 2), at), after)) open = at;
	}
	return found;
}

/**
 * @param {string} mark
 * @param {string} before  The two units before it.
 * @param {string} after
 */
const opens = (mark, before, after) =>
	mark === "`" ? !before.endsWith(mark) && after !== mark : after !== mark && /\S/.test(after) && !WORD.test(last(before));

/**
 * @param {string} mark
 * @param {string} before
 * @param {string} after  The two units after it.
 */
const closes = (mark, before, after) =>
	mark === "`"
		? before !== mark && !after.startsWith(mark)
		: before !== mark && /\S/.test(before) && !WORD.test(Array.from(after)[0] ?? " ");

/** @param {string} text */
const last = (text) => Array.from(text).at(-1) ?? " ";
