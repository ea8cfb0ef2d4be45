/** The log's edges: what is further up, and what is not stored yet. */

import { isolated } from "./bidi.js";
import { isCommand } from "./input.js";

/** @import { Room } from "./rooms.js" */
/** @import { Slice } from "./rows" */
/** @import { Store } from "./store.js" */
/** @import { Line } from "./types" */

/**
 * Return the pending lines of *room* that are shown before they are stored.
 *
 * Speech is shown while pending; commands only while there is no connection.
 * @param {Store} store
 * @param {Room} room
 * @returns {Line[]}
 */
export function pendingLines({ outbox, state }, room) {
	const said = (/** @type {string} */ text) => !isCommand(text) || /^\/me /.test(text);
	return [...outbox.values()].filter((line) => line.room === room.id && (state !== "live" || said(line.text)));
}

/**
 * Make the top row, which says what is further up.
 * @param {Room} room
 * @param {Slice | null} slice
 */
export function edge(room, slice) {
	const text = edgeText(room, slice);
	return { key: `e${text}`, signature: "", kind: /** @type {const} */ ("edge"), text };
}

/**
 * @param {Room} room
 * @param {Slice | null} slice
 */
function edgeText({ id, title, oldest, empty, private: two }, slice) {
	if (!id) return "You are not in a room. Join one, and say hello.";
	if (empty) return `Only ${isolated(title)} and you will read what is said here.`;
	if (!slice?.atTop) return "";
	if (oldest === null || slice.stretch.first > oldest) return "Older messages are on their way…";
	if (oldest > 1) return "Older messages have been deleted.";
	return `This is the beginning of ${two ? "this conversation" : isolated(title)}.`;
}
