/** Fuzzy search: finds names by some of their letters, in their order. */

/** A letter of the name that begins a word is worth more; so is one that follows the letter found before it. */
const AT_START = 3;
const ADJACENT = 2;

/**
 * Return those of *places* whose names have the letters of *typed*, the best first; equal ones stay in their order.
 * @template {{ name: string }} P
 * @param {P[]} places
 * @param {string} typed
 * @returns {P[]}
 */
export function fitting(places, typed) {
	const wanted = folded(typed);
	return places
		.map((place) => ({ place, score: scoreOf(folded(place.name), wanted) }))
		.filter(({ score }) => score >= 0)
		.sort((one, other) => other.score - one.score)
		.map(({ place }) => place);
}

/** @param {string} text */
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * Return how well *wanted* fits *name*; -1: not at all.
 * @param {string} name
 * @param {string} wanted
 */
function scoreOf(name, wanted) {
	if (!wanted) return 0;
	const whole = name.indexOf(wanted);
	// Whole is better than scattered, and earlier is better than later.
	if (whole >= 0) return wanted.length * (AT_START + ADJACENT) + 1 / (whole + 1);
	let score = 0;
	let at = -1;
	for (const letter of wanted) {
		const found = name.indexOf(letter, at + 1);
		if (found < 0) return -1;
		if (!/[\p{L}\p{N}]/u.test(name[found - 1] ?? "")) score += AT_START;
		if (found === at + 1) score += ADJACENT;
		at = found;
	}
	return score;
}
