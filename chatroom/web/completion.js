/** What may become of the word before the cursor. */

const MOST = 8;

/**
 * Work out what to offer for the end of *before*, the text up to the cursor; a bare nick only if *asked*.
 * @returns {{word: string, usage: string[], offers: {text: string, label: string, help?: string}[]}} what to offer for
 *   `word`, and how the command that is being typed is used
 */
export function complete(before, { commands, nicks, rooms }, asked) {
	const words = before.split(/\s/);
	const word = words.pop();
	const all = Object.entries(commands).sort();
	const starts = (name, start = word) => name.toLowerCase().startsWith(start.toLowerCase());
	if (!words.length && /^\/(?!\/)/.test(word)) {
		const offers = all.filter(([usage]) => starts(usage.split(" ")[0]));
		return { word, usage: [], offers: offers.map(([label, help]) => ({ text: `${label.split(" ")[0]} `, label, help })) };
	}
	const usage = all.find(([one]) => one.split(" ")[0] === words[0]?.toLowerCase()) ?? [];
	const names = usage[0]?.split(" ").slice(1) ?? [];
	// The last argument may be of several words.
	const kind = names[Math.min(words.length, names.length) - 1]?.replace(/[[\]]/g, "") ?? "";
	const mark = /^[#@]/.exec(word)?.[0] ?? "";
	let found = [];
	let end = " ";
	if (/^[a-z|]+$/.test(kind)) found = kind.split("|");
	else if (kind === "COMMAND") found = all.map(([one]) => one.split(" ")[0].slice(1));
	else if (kind === "ROOM" || mark === "#") found = rooms;
	else if (kind === "NICK" || mark === "@" || (asked && word && !/PASSWORD|OLD|NEW|KEY/.test(kind))) {
		found = nicks;
		if (!words.length) end = ": ";
	}
	const fitting = found.filter((name) => starts(name, word.slice(mark.length))).sort().slice(0, MOST);
	return { word, usage, offers: fitting.map((name) => ({ text: (mark === "#" ? mark : "") + name + end, label: name })) };
}
