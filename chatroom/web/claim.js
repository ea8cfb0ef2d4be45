/** Sees to it that two tabs never go on with the same session: a tab that is duplicated has a copy of its token. */

const PATIENCE = 150;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("chatroom") : null;
let mine = "";

channel?.addEventListener("message", ({ data }) => {
  if (mine && data.asks === mine) channel.postMessage({ has: mine });
});

/**
 * Claim the session that *token* continues.
 * @returns {Promise<boolean>} false if another tab has it
 */
export async function claim(token) {
  if (channel) {
    const taken = await new Promise((resolve) => {
      channel.addEventListener("message", ({ data }) => data.has === token && resolve(true));
      channel.postMessage({ asks: token });
      setTimeout(() => resolve(false), PATIENCE);
    });
    if (taken) return false;
  }
  hold(token);
  return true;
}

/** From now on, the session of *token* is this tab's. */
export function hold(token) {
  mine = token;
}
