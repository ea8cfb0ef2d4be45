/** Row model: events as rows, by day and sender, with a line above new messages. */

import { isTalk, marksOf } from "./changes.js";
import { mentions } from "./linkify.js";
import { isPartOfKick, passing, sentence } from "./phrases.js";
import { nickKey } from "./rooms.js";
import { dayOf } from "./times.js";

/** @import { Passing, RoomEvent } from "./protocol" */
/** @import { MessageRow, NoticeRow, Row, View, Words } from "./rows" */
/** @import { Line, LocalRow } from "./types" */

/** Milliseconds after which a message repeats its sender's name. */
const HEAD_INTERVAL = 5 * 60 * 1000;

/**
 * @param {RoomEvent[]} events
 * @param {LocalRow[]} locals
 * @param {Line[]} pending
 * @param {View} view
 */
export function rowsOf(events, locals, pending, { nick, marker, end }) {
	/** @type {Row[]} */
	const rows = [];
	const start = events[0]?.seq ?? 0;
	const visible = locals.filter(({ after }) => after >= start - 1 && after <= end);
	const addLocals = (/** @type {number} */ before) => {
		while (visible.length && visible[0].after < before) {
			const [local] = visible.splice(0, 1);
			rows.push({ key: `l${local.id}`, signature: "", ...local });
		}
	};
	// Where the window begins after the marker, the line has been shown further up.
	let marked = marker === null || start > marker + 1;
	let day = "";
	for (const event of events) {
		addLocals(event.seq);
		if (dayOf(event.at) !== day) {
			day = dayOf(event.at);
			rows.push({ key: `d${event.seq}`, signature: day, kind: "day", text: day });
		}
		if (!marked && event.seq > Number(marker) && isTalk(event)) {
			marked = true;
			rows.push({ key: "unread", signature: "", kind: "unread", text: "New messages" });
		}
		if (isTalk(event)) rows.push(message(event, rows.at(-1), nick));
		else addNotice(rows, event, nick);
	}
	addLocals(Infinity);
	for (const row of rows) if (row.kind === "notice" && row.passages) row.text = passing([...row.passages.values()]);
	for (const line of pending) rows.push(pendingMessage(line, rows.at(-1), nick));
	return rows;
}

/**
 * @param {Words} event
 * @param {Row | undefined} before
 * @param {string} nick
 * @returns {MessageRow}
 */
function message(event, before, nick) {
	const { at, ref, seq, text } = event;
	const own = ref !== undefined || nickKey(event.nick) === nickKey(nick);
	const named = !own && mentions(nick, text);
	const previous = before?.kind === "message" ? before : undefined;
	const head = !previous || !continues(event, previous);
	const since = head ? at : previous.since;
	const key = ref ? `r${ref}` : `s${seq}`;
	return { key, signature: `${head}${named}${marksOf(event)}`, kind: "message", event, head, own, named, seq, since };
}

/**
 * Return whether *event* continues *before*, so the name is not repeated.
 * @param {Words} event
 * @param {MessageRow} before
 */
function continues({ type, nick, at }, before) {
	if (type === "acted" || before.event.type !== type) return false;
	if (nickKey(before.event.nick) !== nickKey(nick)) return false;
	// What is pending has no time yet.
	return !at || !before.since || Date.parse(at) - Date.parse(before.since) <= HEAD_INTERVAL;
}

/**
 * @param {Line} line
 * @param {Row | undefined} before
 * @param {string} nick
 * @returns {MessageRow}
 */
function pendingMessage({ ref, text }, before, nick) {
	const acted = /^\/me +/.exec(text)?.[0];
	const words = text.slice(acted?.length).replace(/^\/\//, "/");
	const row = message({ type: acted ? "acted" : "said", nick, text: words, ref }, before, nick);
	return { ...row, pending: ref, signature: "pending" };
}

/**
 * Add an event; joins and leaves share a line.
 * @param {Row[]} rows
 * @param {RoomEvent} event
 * @param {string} me
 */
function addNotice(rows, event, me) {
	const before = rows.at(-1);
	const notice = before?.kind === "notice" ? before : undefined;
	if (event.type === "joined" || event.type === "left") {
		if (!isPartOfKick(event, notice?.event)) addPassage(rows, event, notice);
		return;
	}
	const { seq, nick, type } = event;
	const text = sentence(event);
	// That something has been delivered to us, we know.
	if (!text || (type === "received" && nickKey(nick) === nickKey(me))) return;
	rows.push({ key: `s${seq}`, signature: seq, kind: "notice", text, event, seq });
}

/**
 * Add that somebody came or went, to the row before if that is about others who did.
 * @param {Row[]} rows
 * @param {Passing} event
 * @param {NoticeRow | undefined} before
 */
function addPassage(rows, event, before) {
	const { seq, nick, type, reason = "" } = event;
	const key = nickKey(nick);
	const passages = before?.passages ?? new Map();
	passages.set(key, { nick, first: passages.get(key)?.first ?? type, last: type, reason });
	if (before?.passages) before.signature = before.seq = seq;
	else rows.push({ key: `s${seq}`, signature: seq, kind: "notice", text: "", passages, event, seq });
}
