/** Emoji: their names, which the server has in one file, for a client in a terminal, too. */

import { untrustedNames } from "./untrusted.js";

/** @type {Record<string, string>} */
let known = {};
let asked = false;

/**
 * Return the emoji by name, as far as they are here; who asks for the first time has them fetched.
 * @param {() => void} [come]  Is called when they have come.
 */
export function emoji(come) {
	if (!asked) {
		asked = true;
		fetchNames().then(come, () => {
			asked = false;
		});
	}
	return known;
}

async function fetchNames() {
	const answer = await fetch("emoji.json");
	known = untrustedNames(await answer.json());
}
