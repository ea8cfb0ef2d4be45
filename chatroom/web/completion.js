/** Completion of the word before the cursor. */

import { confidential } from "./input.js";

/** @import { Completion, Suggestion, Vocabulary } from "./types" */

/** Maximum number of offers; commands are not limited. */
const MAX_OFFERS = 8;

/** The beginning of the name of an emoji; one letter may be the mouth of a smiley. */
const EMOJI = /^:[a-z_]{2,}$/;

/**
 * Return the offers for the end of *before*, the text up to the cursor.
 * @param {string} before
 * @param {Vocabulary} known
 * @param {boolean} asked  Whether the person asked for it; otherwise nicks need an `@`.
 * @returns {Completion}
 */
export function complete(before, known, asked) {
	const words = before.split(/\s/);
	const word = words.pop() ?? "";
	const commands = Object.entries(known.commands).sort();
	if (!words.length && /^\/(?!\/)/.test(word)) return { word, usage: [], offers: commandOffers(word, commands) };

	if (EMOJI.test(word) && !confidential(before)) return { word, usage: [], offers: emojiOffers(word.slice(1), known.emoji) };

	const usage = commands.find(([usage]) => nameOf(usage) === words[0]?.toLowerCase()) ?? [];
	const mark = /^[#@]/.exec(word)?.[0] ?? "";
	const argument = argumentOf(usage[0], words.length);
	const { names, end = " " } = candidates(argument, mark, known, asked && word !== "" && !confidential(before), !words.length);
	const start = word.slice(mark.length);
	const fitting = names.filter((name) => startsWith(name, start)).sort().slice(0, MAX_OFFERS);
	const kept = mark === "#" ? mark : "";
	return { word, usage, offers: fitting.map((name) => ({ text: kept + name + end, label: name })) };
}

/** @param {string} usage */
const nameOf = (usage) => usage.split(" ")[0];

/**
 * @param {string} name
 * @param {string} start
 */
const startsWith = (name, start) => name.toLowerCase().startsWith(start.toLowerCase());

/**
 * @param {string} word
 * @param {[usage: string, help: string][]} commands
 * @returns {Suggestion[]}
 */
function commandOffers(word, commands) {
	const fitting = commands.filter(([usage]) => startsWith(nameOf(usage), word));
	return fitting.map(([usage, help]) => ({ text: `${nameOf(usage)} `, label: usage, help }));
}

/**
 * Names that begin with *start* come first.
 * @param {string} start
 * @param {Record<string, string>} emoji
 * @returns {Suggestion[]}
 */
function emojiOffers(start, emoji) {
	const fitting = Object.keys(emoji).filter((name) => name.includes(start));
	fitting.sort((one, other) => Number(other.startsWith(start)) - Number(one.startsWith(start)));
	return fitting.slice(0, MAX_OFFERS).map((name) => ({ text: `${emoji[name]} `, label: emoji[name], help: `:${name}:` }));
}

/**
 * Return the name of the argument at *place*, counted from 1; the last one may be of several words.
 * @param {string | undefined} usage
 * @param {number} place
 */
function argumentOf(usage, place) {
	const names = usage?.split(" ").slice(1) ?? [];
	const name = names[Math.min(place, names.length) - 1] ?? "";
	return name.replace(/[[\]]/g, "");
}

/**
 * Find the candidates for a word.
 * @param {string} argument  The argument's name in the usage; "" in what is said.
 * @param {string} mark  The prefix of the word: `#`, `@` or nothing.
 * @param {Vocabulary} known
 * @param {boolean} asked  Whether nicks without an `@` are offered, too.
 * @param {boolean} first  Whether it is the first word, where a nick is an address.
 * @returns {{ names: string[], end?: string }}
 */
function candidates(argument, mark, { commands, nicks, rooms }, asked, first) {
	// In a usage, what is in small letters is typed as it is: `all|mentions|none`.
	if (/^[a-z|]+$/.test(argument)) return { names: argument.split("|") };
	if (argument === "COMMAND") return { names: Object.keys(commands).map((usage) => nameOf(usage).slice(1)) };
	if (argument === "ROOM" || mark === "#") return { names: rooms };
	if (argument === "NICK" || mark === "@" || asked) return { names: nicks, end: first ? ": " : " " };
	return { names: [] };
}
