/** Compares text in any script: the same rules as in the server's `words.py`, `mentions.py` and search index. */

/** Blocks of scripts without spaces between words: Thai, Lao, Burmese, Khmer, Tai, Chinese, Japanese, Yi. */
export const SPACELESS =
	"\\u0e00-\\u0eff\\u1000-\\u109f\\ua9e0-\\ua9ff\\uaa60-\\uaa7f\\u1780-\\u17ff\\u19e0-\\u19ff\\u1950-\\u19df" +
	"\\u1a20-\\u1aaf\\uaa80-\\uaadf\\u{11700}-\\u{1174f}\\u2e80-\\u2fdf\\u3005-\\u3007\\u3021-\\u3029\\u3038-\\u303b" +
	"\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}\\u3041-\\u30ff\\u31f0-\\u31ff\\uff66-\\uff9f" +
	"\\u{1aff0}-\\u{1b16f}\\u3105-\\u312f\\u31a0-\\u31bf\\ua000-\\ua4cf\\u{16fe0}-\\u{18d8f}";

/** Korean: it has spaces, but particles are attached to its words. */
export const HANGUL = "\\u1100-\\u11ff\\u3130-\\u318f\\ua960-\\ua97f\\uac00-\\ud7ff";

/** Characters of words with spaces around them. */
const LETTER = `(?![${SPACELESS}${HANGUL}])[\\p{L}\\p{N}\\p{M}_]`;

/** What Arabic and Hebrew write before a word without a space; one of them may precede a nick. */
const PREFIX = "[وفبلكהובלמשכ]";

/** A character with what belongs to it: marks, the rest of a Korean syllable. */
const CHARACTER =
	/[^\p{M}\u1160-\u11ff\uff9e\uff9f][\p{M}\u1160-\u11ff\uff9e\uff9f]*|[\p{M}\u1160-\u11ff\uff9e\uff9f]+/gu;

/** What may be missing: accents, the vowels of Hebrew and Arabic. */
const OPTIONAL = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]/gu;

/** What changes only how a word looks, and the skin tones of emoji. */
const UNSEEN =
	/[\u00ad\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff\u{1f3fb}-\u{1f3ff}]/gu;

const WORD = new RegExp(
	`\\p{RI}{2}|[0-9]\\u20e3|\\p{Nd}+|[${SPACELESS}${HANGUL}]+|(?:(?![${SPACELESS}${HANGUL}])[\\p{L}\\p{M}\\p{Nl}\\p{No}])+` +
		"|\\p{ExtPict}(?:\\u200d?\\p{ExtPict})*",
	"gu",
);

/** @param {string} text */
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/gu, "\\$&");

/**
 * Fold case. A final sigma is one of three.
 * @param {string} text
 */
const caseless = (text) => text.toUpperCase().toLowerCase().replaceAll("ς", "σ");

/**
 * What a nick is compared by.
 * @param {string} text
 */
const folded = (text) => caseless(text.normalize("NFKC")).normalize("NFKC");

/**
 * What a word is searched by.
 * @param {string} text
 */
const bare = (text) => caseless(text.normalize("NFKD")).replace(OPTIONAL, "").replace(UNSEEN, "").normalize("NFC");

/** Finds something in texts. */
export class Finder {
	#pattern;
	#fold;

	/**
	 * @param {string} pattern
	 * @param {(text: string) => string} fold  How the pattern is compared with a text.
	 */
	constructor(pattern, fold) {
		this.#pattern = new RegExp(pattern, "gu");
		this.#fold = fold;
	}

	/** @param {string} text */
	isIn(text) {
		return this.#fold(text).search(this.#pattern) >= 0;
	}

	/**
	 * Return the places in *text*, each the start and the end.
	 * @param {string} text
	 */
	places(text) {
		if (!this.isIn(text)) return [];
		// Together characters fold to what the text folds to; so each place there is known here.
		let compared = "";
		/** @type {[number, number][]} */
		const owners = [];
		for (const { 0: character, index } of text.matchAll(CHARACTER)) {
			const made = this.#fold(character);
			const end = index + character.length;
			const before = owners.at(-1);
			// What cannot be seen belongs to what is before it.
			if (!made && before) before[1] = end;
			for (let left = made.length; left; left--) owners.push([index, end]);
			compared += made;
		}
		/** @type {[number, number][]} */
		const found = [];
		for (const { 0: match, index } of compared.matchAll(this.#pattern)) {
			const first = owners[index];
			const last = owners[index + match.length - 1];
			if (match && first && last) found.push([first[0], last[1]]);
		}
		return found;
	}
}

/**
 * Return what finds mentions of *nick*, as whole words.
 * @param {string} nick
 */
export function nickFinder(nick) {
	const name = folded(nick);
	if (!name) return new Finder("(?!)", folded);
	const spaceless = `^[${SPACELESS}]`;
	const begins = new RegExp(spaceless, "u").test(name)
		? ""
		: new RegExp(`^[${HANGUL}]`, "u").test(name)
			? `(?<![${HANGUL}])`
			: `(?:(?<!${LETTER})|(?<=(?<![\\p{L}\\p{N}\\p{M}_])${PREFIX}))`;
	const ends = new RegExp(`[${SPACELESS}${HANGUL}]$`, "u").test(name) ? "" : `(?!${LETTER})`;
	return new Finder(`${begins}${escaped(name)}(?!\\p{M})${ends}`, folded);
}

/**
 * Return what finds the words of a search, or null if it has none.
 * @param {string} query  The typed search, including filters.
 */
export function queryFinder(query) {
	const patterns = [];
	for (const { 1: phrase, 2: word } of query
		.replace(/\b(?:from|in|before|after|page):(?:"[^"]*"|\S+)/gu, "")
		.matchAll(/"([^"]*)"?|(\S+)/gu)) {
		const words = bare(phrase ?? word ?? "").match(WORD);
		if (words) patterns.push(words.map(wordPattern).join("[^\\p{L}\\p{N}\\p{M}]*"));
	}
	return patterns.length ? new Finder(patterns.join("|"), bare) : null;
}

/** @param {string} word */
function wordPattern(word) {
	if (/^\p{Nd}+$/u.test(word)) return `(?<!\\p{Nd})${word}(?!\\p{Nd})`;
	const letter = `(?!\\p{Nd}|_)${LETTER}`;
	return new RegExp(`^${LETTER}`, "u").test(word) ? `(?<!${letter})${escaped(word)}(?!${letter})` : escaped(word);
}
