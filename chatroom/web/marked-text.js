/** Marked text: shows a message with its markup; all that was typed is in its elements, for those who copy it. */

import { h } from "./dom.js";
import { pieces } from "./linkify.js";
import { blocks } from "./markup.js";

/** @import { Block, Piece, Span } from "./rows" */
/** @import { Finder } from "./scripts.js" */

/** @typedef {(start: number, end: number) => (string | Node)[]} Show  Shows a part of the text, with links. */

/**
 * Return the node of a piece.
 * @param {Piece} piece
 * @param {boolean} [follow]  Whether a link can be followed.
 */
export function nodeOf({ text, href, mark }, follow = true) {
	if (href && follow) return h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, text);
	return mark ? h("mark", {}, text) : text;
}

/**
 * Return the nodes of *text*.
 * @param {string} text
 * @param {Finder | null | false} mark  Finds what stands out.
 * @returns {(string | Node)[]}
 */
export function markedText(text, mark) {
	const show = shower(text, mark);
	if (!/[*_`]|^>/m.test(text)) return show(0, text.length);
	return blocks(text).flatMap(({ style, spans }) => {
		const nodes = filled(spans).flatMap((span) => element(text, span, style, show));
		if (style === "quote") return [h("blockquote", { dir: "auto" }, nodes)];
		return style === "fence" ? [h("code", { class: "code", dir: "ltr" }, nodes)] : nodes;
	});
}

/**
 * Return what shows one part of *text* after the other.
 * @param {string} text
 * @param {Finder | null | false} mark
 * @returns {Show}
 */
function shower(text, mark) {
	const left = pieces(text, mark).reverse();
	let at = 0;
	return (start, end) => {
		const nodes = [];
		for (let piece = left.at(-1); piece && at < end; piece = left.at(-1)) {
			const stop = at + piece.text.length;
			if (stop > start) nodes.push(nodeOf({ ...piece, text: text.slice(Math.max(start, at), Math.min(end, stop)) }));
			if (stop > end) break;
			at = stop;
			left.pop();
		}
		return nodes;
	};
}

/**
 * Leave out what is empty.
 * @param {Span[]} spans
 */
const filled = (spans) => spans.filter(({ start, end }) => end > start);

/**
 * @param {string} text
 * @param {Span} span
 * @param {Block["style"]} block
 * @param {Show} show
 * @returns {(string | Node)[]}
 */
function element(text, { start, end, style }, block, show) {
	const part = text.slice(start, end);
	if (style === "sign") return [h("span", { class: "sign", hidden: true }, part)];
	if (block === "fence") return [part];
	if (style === "code") return [h("code", { dir: "ltr" }, part)];
	return style ? [h(style, {}, show(start, end))] : show(start, end);
}
