/** Sees to it that two tabs never go on with one session: a tab that is duplicated has a copy of its token. */

const PATIENCE = 150;
let channel = null;
let mine = "";

try {
	channel = new BroadcastChannel("chatroom");
	channel.addEventListener("message", ({ data }) => mine && data.asks === mine && channel.postMessage({ has: mine }));
} catch {
	// Without it, the tab that is later takes the session over, and the other one is told.
}

/** From now on, the session of *token* is this tab's. */
export const hold = (token) => (mine = token);

/** Whether another tab has the session of *token*. @returns {Promise<boolean>} */
export const taken = (token) =>
	new Promise((resolve) => {
		channel?.addEventListener("message", ({ data }) => data.has === token && resolve(true));
		channel?.postMessage({ asks: token });
		setTimeout(resolve, channel ? PATIENCE : 0, false);
	});
