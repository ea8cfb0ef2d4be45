/**
 * Sees to it that two tabs never go on with one session.
 *
 * A tab that is duplicated has a copy of everything that the first one keeps for itself, the session's token included.
 * So before a tab goes on with a session, it asks the others whether one of them has it.
 */

import { attempt } from "./storage.js";

/** Milliseconds in which the other tabs must have answered. */
const ANSWER_TIMEOUT = 150;

const channel = attempt(() => new BroadcastChannel("chatroom"));
let held = "";

channel?.addEventListener("message", ({ data }) => {
	if (held && data.asks === held) channel.postMessage({ has: held });
});

/**
 * From now on this tab has the session with *token*; with "", none.
 * @param {string} token
 */
export function holdSession(token) {
	held = token;
}

/**
 * Find out whether another tab has the session with *token*.
 * @param {string} token
 * @returns {Promise<boolean>}
 */
export function isHeldElsewhere(token) {
	if (!channel) return Promise.resolve(false);
	return new Promise((resolve) => {
		channel.addEventListener("message", ({ data }) => data.has === token && resolve(true));
		channel.postMessage({ asks: token });
		setTimeout(resolve, ANSWER_TIMEOUT, false);
	});
}
