/** What the browser keeps for us; where an access fails, the page goes on without. */

import { root } from "./dom.js";

function attempt(access) {
	try {
		return access();
	} catch {
		return null;
	}
}

/** Merely naming its *area* fails where storage is switched off. */
const kept = (area) => ({
	get: (name) => attempt(() => JSON.parse(window[area][`chatroom.${name}`])),
	set: (name, value) => attempt(() => (window[area][`chatroom.${name}`] = JSON.stringify(value))),
});

/** For good, and for all tabs. */
export const local = kept("localStorage");

/** For this tab, over a reload. */
export const tab = kept("sessionStorage");

/** How this person wants the page. */
export const settings = { theme: "system", desktop: false, sound: false, colours: true, notify: "mentions", members: true };
Object.assign(settings, local.get("settings"));

/** Change a setting, and let the page look as it is wanted. */
export function set(name, value) {
	settings[name] = value;
	local.set("settings", settings);
	const { theme, colours } = settings;
	Object.assign(root, { theme, colours });
}

// Two tabs must not go on with one session, and one that is duplicated has a copy of its token.

const PATIENCE = 150;
const channel = attempt(() => new BroadcastChannel("chatroom"));
let mine = "";
channel?.addEventListener("message", ({ data }) => mine && data.asks === mine && channel.postMessage({ has: mine }));

/** The session of *token* is this tab's. */
export const hold = (token) => (mine = token);

/** Whether another tab has it, as a promise. */
export const taken = (token) =>
	new Promise((resolve) => {
		channel?.addEventListener("message", ({ data }) => data.has === token && resolve(true));
		channel?.postMessage({ asks: token });
		setTimeout(resolve, channel ? PATIENCE : 0, false);
	});
