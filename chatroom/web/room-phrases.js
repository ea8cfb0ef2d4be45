/** Room phrases: a room's settings in words, and numbers as sentences need them. */

/** @import { RoomSettings, SettingChanged } from "./protocol" */

/**
 * Count things: `3 lines`, `1 line`.
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export const counted = (count, one, many = `${one}s`) =>
	`${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** @type {[unit: string, seconds: number][]} */
const UNITS = [
	["day", 86400],
	["hour", 3600],
	["minute", 60],
	["second", 1],
];

/** @param {number} seconds */
export function duration(seconds) {
	const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ["second", 1];
	return counted(Math.round(seconds / size), unit);
}

/** @param {string | undefined} seconds */
const slowMode = (seconds) => `one line per person every ${duration(Number(seconds))}`;

/**
 * Describe a room's settings that are not default.
 * @param {RoomSettings} settings
 */
export function roomNotes({ lock, private: hidden, unlisted, moderated, freetopic, slow, limit }) {
	const notes = [];
	if (lock) notes.push(lock === "key" ? "locked with a key" : "invite-only");
	if (hidden) notes.push("private");
	if (moderated) notes.push("moderated");
	if (unlisted) notes.push("unlisted");
	if (freetopic) notes.push("everyone may set the topic");
	if (limit) notes.push(`at most ${counted(Number(limit), "person", "people")}`);
	if (slow) notes.push(slowMode(slow));
	return notes;
}

/** @type {Record<string, string>} */
const SETTINGS = {
	"lock key": "locked this room with a key",
	"lock invited": "made this room invite-only",
	"lock ": "unlocked this room",
	"private on": "made this room private",
	"private ": "made this room public",
	"moderated on": "let only some speak in this room",
	"moderated ": "let everyone speak in this room",
	"unlisted on": "left this room out of the list of rooms",
	"unlisted ": "put this room into the list of rooms",
	"freetopic on": "let everyone set the topic of this room",
	"freetopic ": "let only operators set the topic of this room",
	"slow ": "turned off slow mode",
	"limit ": "let any number of people into this room",
};

/**
 * Word that somebody changed a setting.
 * @param {SettingChanged} event
 */
export function settingDone({ setting, value }) {
	const done =
		setting === "limit"
			? `limited this room to ${counted(Number(value), "person", "people")}`
			: `turned on slow mode: ${slowMode(value)}`;
	return SETTINGS[`${setting} ${value}`] ?? done;
}
