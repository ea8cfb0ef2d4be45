/** Browser storage; the page works without it. What is read may be anything: `untrusted.js` gives it a shape. */

import { parsed } from "./untrusted.js";

/**
 * Try *access*; null if it fails.
 * @template T
 * @param {() => T} access
 */
export function attempt(access) {
	try {
		return access();
	} catch {
		return null;
	}
}

/** @param {"localStorage" | "sessionStorage"} area  Where storage is switched off, merely naming it fails. */
const storage = (area) => ({
	/**
	 * @param {string} name
	 * @returns {unknown}  undefined if there is none
	 */
	get: (name) => parsed(attempt(() => window[area].getItem(`chatroom.${name}`))) ?? undefined,

	/**
	 * @param {string} name
	 * @param {unknown} value
	 */
	set(name, value) {
		attempt(() => window[area].setItem(`chatroom.${name}`, JSON.stringify(value)));
	},

	/** @param {string} name */
	remove(name) {
		attempt(() => window[area].removeItem(`chatroom.${name}`));
	},

	/**
	 * Return the names that begin with *start*.
	 * @param {string} start
	 */
	names(start) {
		const all = attempt(() => Object.keys(window[area])) ?? [];
		const prefix = `chatroom.${start}`;
		return all.filter((one) => one.startsWith(prefix)).map((one) => one.slice("chatroom.".length));
	},
});

/** Permanent, for all tabs. */
export const local = storage("localStorage");

/** For this tab; survives a reload. */
export const tab = storage("sessionStorage");
