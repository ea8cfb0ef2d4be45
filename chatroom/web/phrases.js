/** Phrases: events and replies in words, and times in the local zone. */

/** @import { Ban, Moderated, Person, Reply, RoomEvent, RoomSettings } from "./protocol" */
/** @import { EventPhrase, EventPhrases, ReplyPhrase, ReplyPhrases, TextRow } from "./types" */

// Times.

/** @param {Intl.DateTimeFormatOptions} options */
const formatter = (options) => {
	const { format } = new Intl.DateTimeFormat([], { ...options, hourCycle: "h23" });
	return (/** @type {string} */ at) => format(new Date(at));
};

const formatDay = formatter({ dateStyle: "full" });

/** Seconds of silence after which a person counts as idle. */
const IDLE_AFTER = 300;

/** Size of the day cache, in minutes: more than the log's window needs. */
const MAX_REMEMBERED_MINUTES = 5000;

/** @type {Map<string, string>} Cache: the day of each minute, because formatting is slow. */
const days = new Map();

/** Return the time of day of an event's `at`. */
export const timeOf = formatter({ timeStyle: "short" });

/** Return the day and time of an event's `at`. */
export const momentOf = formatter({ dateStyle: "medium", timeStyle: "short" });

/**
 * Return the day of an event's `at`.
 * @param {string} at
 */
export function dayOf(at) {
	const minute = at.slice(0, "2026-11-23T12:34".length);
	let day = days.get(minute);
	if (day === undefined) {
		if (days.size > MAX_REMEMBERED_MINUTES) days.clear();
		day = formatDay(at);
		days.set(minute, day);
	}
	return day;
}

// Parts of sentences.

/**
 * Count things: `3 lines`, `1 line`.
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export const counted = (count, one, many = `${one}s`) =>
	`${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** @param {string[]} names */
const enumerate = (names) => [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(" and ");

/** @param {string | false | undefined} note */
const inBrackets = (note) => (note ? ` (${note})` : "");

/** @type {[unit: string, seconds: number][]} */
const UNITS = [
	["day", 86400],
	["hour", 3600],
	["minute", 60],
	["second", 1],
];

/** @param {number} seconds */
function duration(seconds) {
	const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ["second", 1];
	return counted(Math.round(seconds / size), unit);
}

/** @param {string | undefined} seconds */
const slowMode = (seconds) => `one line per person every ${duration(Number(seconds))}`;

/**
 * Describe a room's settings that are not default.
 * @param {RoomSettings} settings
 */
export function roomNotes({ lock, private: hidden, slow }) {
	const notes = [];
	if (lock) notes.push(lock === "key" ? "locked with a key" : "invite-only");
	if (hidden) notes.push("private");
	if (slow) notes.push(slowMode(slow));
	return notes;
}

// Events.

/** @param {string} done */
const moderated = (done) => (/** @type {Moderated} */ { target, reason, until, at }) => {
	const length = until && duration((Date.parse(until) - Date.parse(at)) / 1000);
	return `${done} ${target}${length ? ` for ${length}` : ""}${inBrackets(reason)}`;
};

/** @type {Record<string, string>} */
const SETTINGS = {
	"lock key": "locked this room with a key",
	"lock invited": "made this room invite-only",
	"lock ": "unlocked this room",
	"private on": "made this room private",
	"private ": "made this room public",
	"slow ": "turned off slow mode",
};

/** @type {EventPhrases} */
const EVENTS = {
	joined: () => "joined",
	left: ({ reason }) => `left${inBrackets(reason)}`,
	renamed: (event) => `is now known as ${event.new}`,
	topic: ({ topic }) => (topic ? `set the topic: ${topic}` : "removed the topic"),
	kicked: moderated("kicked"),
	banned: moderated("banned"),
	unbanned: moderated("unbanned"),
	muted: moderated("muted"),
	unmuted: moderated("unmuted"),
	invited: moderated("invited"),
	setting: ({ setting, value }) => SETTINGS[`${setting} ${value}`] ?? `turned on slow mode: ${slowMode(value)}`,
	role: ({ target, role }) => (role ? `made ${target} an operator` : `removed ${target} as operator`),
	received: () => "has received your messages",
	recorded: ({ act, where, text }) => `${act}${where && ` in #${where}`}: ${text}`,
};

/**
 * Word an event as a sentence; "" if it is unknown.
 * @param {RoomEvent} event
 */
export function sentence(event) {
	const predicate = /** @type {EventPhrase | undefined} */ (EVENTS[event.type]);
	return predicate ? `${event.nick} ${predicate(event)}` : "";
}

// Replies.

/** @param {Person} person */
function described({ nick, role, connected, idle, away }) {
	const notes = [];
	if (role === "operator" || role === "admin") notes.push(role);
	if (away !== null) notes.push(away ? `away: ${away}` : "away");
	if (!connected) notes.push("reconnecting");
	else if (idle >= IDLE_AFTER) notes.push(`idle for ${duration(idle)}`);
	return nick + inBrackets(notes.join(", "));
}

/** @param {Ban} ban */
function ban({ target, kind, by, at, until, reason }) {
	const done = kind === "mute" ? "muted" : "banned";
	const end = until ? `until ${momentOf(until)}` : "forever";
	return `${target}, ${done} by ${by} on ${momentOf(at)}, ${end}${inBrackets(reason)}`;
}

/** @param {string | boolean | string[] | null} value */
function preference(value) {
	if (typeof value === "boolean") return value ? "on" : "off";
	return enumerate([value ?? []].flat()) || "–";
}

/**
 * Say that there is more.
 * @param {number | boolean} more
 * @param {string} [command]  Shows it.
 */
const further = (more, command) => more && `… and ${more} more${command ? `: ${command}` : ""}`;

/** @type {Record<string, string>} */
const DOORS = { line: "nc or telnet", json: "a client", web: "the web" };

/** @type {ReplyPhrases} */
const REPLIES = {
	notice: ({ text }) => [text],
	refused: ({ text }) => [text],
	nick: ({ nick }) => [`You are now known as ${nick}.`],
	who: ({ room, people, page, more }) => [
		`In #${room} (${people.length + more}): ${enumerate(people.map(described)) || "nobody"}.`,
		further(more, `/who ${room} ${page + 1}`),
	],
	whois: ({ person, rooms, since, account, address }) => [
		`${described(person)} is in ${enumerate(rooms.map((room) => `#${room}`)) || "no room"}, ` +
			`here since ${momentOf(since)} via ${DOORS[person.door] ?? person.door}.`,
		account && `Logged in as ${account}.`,
		address && `Address: ${address}`,
	],
	rooms: ({ rooms, page, more }) => [
		...rooms.map(
			({ room, people, topic }) =>
				/** @type {TextRow} */ ([`#${room}`, `${counted(people, "person", "people")} ${topic}`]),
		),
		further(more, `/rooms ${page + 1}`),
	],
	topic_is: ({ room, topic }) => [topic ? `The topic of #${room}: ${topic}` : `#${room} has no topic.`],
	seen: ({ nick, here, at }) => {
		const when = at ? `on ${momentOf(at)}` : "at an unknown time";
		return [`${nick} ${here ? "is here now" : `was last here ${when}`}.`];
	},
	logged_in: ({ account, role }) => [
		`Logged in as ${account}${inBrackets(role === "admin" && role)}.`,
	],
	logged_out: ({ reason }) => [`You are a guest again. ${reason}`],
	bans: ({ bans, more }) => [
		bans.length ? "Banned or muted:" : "No bans or mutes.",
		...bans.map(ban),
		further(more),
	],
	preferences: ({ type, ref, changed, ...all }) => {
		const names = changed.length ? changed : /** @type {typeof changed} */ (Object.keys(all));
		return names.map((name) => [name, preference(all[name])]);
	},
	audit: ({ events }) => ["Moderation log:", ...events.map((event) => `${momentOf(event.at)} ${sentence(event)}`)],
	time: ({ at }) => [`${dayOf(at)}, ${timeOf(at)}`],
	help: ({ commands }) => commands,
};

/**
 * Word a reply in rows: lines, or pairs of a term and its meaning; undefined if there is nothing to say.
 * @param {Reply} reply
 */
export function replyRows(reply) {
	const worded = /** @type {ReplyPhrase | undefined} */ (REPLIES[reply.type]);
	return /** @type {TextRow[] | undefined} */ (worded?.(reply).filter(Boolean));
}
