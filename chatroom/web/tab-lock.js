/**
 * Tab lock: keeps two tabs from resuming the same session.
 *
 * A duplicated tab has a copy of the session storage, including the session's token.
 * So before resuming, a tab asks the others whether one of them has the session.
 */

import { attempt } from "./storage.js";

/** Milliseconds to wait for answers of other tabs. */
const ANSWER_TIMEOUT = 150;

const channel = attempt(() => new BroadcastChannel("chatroom"));
let held = "";

channel?.addEventListener("message", ({ data }) => {
	if (held && data.asks === held) channel.postMessage({ has: held });
});

/**
 * Claim the session with *token* for this tab; "": none.
 * @param {string} token
 */
export function holdSession(token) {
	held = token;
}

/**
 * Ask whether another tab has the session with *token*.
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
