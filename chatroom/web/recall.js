/** Recall: what the arrow keys bring back into the message box: one's own messages, to edit them, and what was sent. */

import { isTalk } from "./changes.js";

/** @import { Store } from "./store.js" */

/** Messages that can be brought back. */
const MOST = 100;

/**
 * Return the commands that edit our messages in the current room, the newest last.
 * @param {Store} store
 */
export const edits = (store) =>
	(store.current.timeline.newest?.events ?? [])
		.flatMap((event) => (isTalk(event) && !event.bot && !event.deleted && store.isMe(event.nick) ? [event] : []))
		.slice(-MOST)
		.map(({ seq, text }) => `/edit ${seq} ${text}`);

/**
 * Return what comes before or after *text* in *list*, whose end is an empty box; undefined if *text* is none of it.
 * @param {string[]} list
 * @param {string} text
 * @param {1 | -1} step
 */
export function stepped(list, text, step) {
	const here = text ? list.lastIndexOf(text) : list.length;
	const there = here + step;
	return here < 0 || there < 0 || there > list.length ? undefined : (list[there] ?? "");
}
