/** Browser storage; the page works without it. */

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
	 * @returns {any}  null if there is none
	 */
	get: (name) => attempt(() => JSON.parse(window[area][`chatroom.${name}`])),

	/**
	 * @param {string} name
	 * @param {unknown} value
	 */
	set(name, value) {
		attempt(() => (window[area][`chatroom.${name}`] = JSON.stringify(value)));
	},

	/** @param {string} name */
	remove(name) {
		attempt(() => delete window[area][`chatroom.${name}`]);
	},
});

/** Permanent, for all tabs. */
export const local = storage("localStorage");

/** For this tab; survives a reload. */
export const tab = storage("sessionStorage");
