/** Changes: what is a message, and what becomes of it when it is edited, deleted or reacted to. */

/** @import { Change, RoomEvent, Talk } from "./protocol" */

/** Characters of a message that a quote repeats, as the server does it. */
const QUOTED = 40;

/**
 * Return whether *event* is speech.
 * @param {RoomEvent} event
 * @returns {event is Talk}
 */
export const isTalk = (event) =>
	event.type === "said" || event.type === "acted" || event.type === "noticed" || event.type === "whispered";

/**
 * Return whether *event* changes an earlier message.
 * @param {RoomEvent} event
 * @returns {event is Change}
 */
export const isChange = (event) => event.type === "edited" || event.type === "deleted" || event.type === "reacted";

/**
 * Return what becomes of *event* by a later *change* in its room.
 * @template {RoomEvent} T
 * @param {T} event
 * @param {Change} change
 * @returns {T}
 */
export function changed(event, change) {
	if (!isTalk(event)) return event;
	if (event.seq === change.re) return { ...event, ...differences(event, change) };
	if (event.re !== change.re || !event.quote || change.type === "reacted") return event;
	return { ...event, quote: { ...event.quote, text: change.type === "edited" ? beginning(change.text) : "" } };
}

/**
 * @param {Talk} event
 * @param {Change} change
 * @returns {Partial<Talk>}
 */
function differences(event, change) {
	if (event.deleted) return {};
	if (change.type === "deleted") return { text: "", deleted: change.nick, edited: false, reactions: [] };
	// What has been deleted since is edited, or reacted to, without a word.
	if (change.type === "edited") return change.text ? { text: change.text, edited: true } : {};
	return change.emoji ? { reactions: reactions(event.reactions ?? [], change) } : {};
}

/**
 * @param {NonNullable<Talk["reactions"]>} before
 * @param {Extract<Change, { type: "reacted" }>} change
 */
function reactions(before, { emoji, nick, added }) {
	const others = before.find((one) => one.emoji === emoji)?.nicks.filter((one) => one !== nick) ?? [];
	const nicks = added ? [...others, nick] : others;
	const known = before.some((one) => one.emoji === emoji);
	const all = known ? before.map((one) => (one.emoji === emoji ? { emoji, nicks } : one)) : [...before, { emoji, nicks }];
	return all.filter(({ nicks }) => nicks.length);
}

/** @param {string} text */
function beginning(text) {
	const [first, ...more] = text.split("\n");
	const letters = [...first];
	if (letters.length > QUOTED) return `${letters.slice(0, QUOTED).join("").trimEnd()}…`;
	return more.length ? `${first}…` : first;
}

/**
 * Return a text that differs whenever what *event* shows beside its words does; "" for most messages.
 * @param {Partial<Talk>} event
 */
export const marksOf = ({ text, edited, deleted, reactions, re, quote }) =>
	edited || deleted || reactions?.length || re ? JSON.stringify([text, edited, deleted, reactions, re, quote]) : "";
