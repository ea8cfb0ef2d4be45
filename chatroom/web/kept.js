/** What the browser keeps for us; every access may fail, and then the page goes on without. */

import { root } from "./dom.js";

/** Have a store; merely naming its *area* fails where storage is switched off. */
const kept = (area) => ({
	get(name) {
		try {
			return JSON.parse(window[area].getItem(`chatroom.${name}`));
		} catch {
			return null;
		}
	},
	set(name, value) {
		try {
			window[area].setItem(`chatroom.${name}`, JSON.stringify(value));
		} catch {
			// Then memory has to do.
		}
	},
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
let channel;
let mine = "";

try {
	channel = new BroadcastChannel("chatroom");
	channel.addEventListener("message", ({ data }) => mine && data.asks === mine && channel.postMessage({ has: mine }));
} catch {
	// Then the later tab takes over.
}

/** The session of *token* is this tab's. */
export const hold = (token) => (mine = token);

/** Whether another tab has it, as a promise. */
export const taken = (token) =>
	new Promise((resolve) => {
		channel?.addEventListener("message", ({ data }) => data.has === token && resolve(true));
		channel?.postMessage({ asks: token });
		setTimeout(resolve, channel ? PATIENCE : 0, false);
	});
