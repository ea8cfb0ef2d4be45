/** Phrases: events and replies in words. */

import { isolated } from "./bidi.js";
import { isTalk } from "./changes.js";
import { doorName, doorNames } from "./doors.js";
import { counted, duration, settingDone } from "./room-phrases.js";
import { dayOf, momentOf, timeOf } from "./times.js";

/** @import { Ban, Moderated, Person, Reply, RoomEvent, Talk } from "./protocol" */
/** @import { Passage } from "./rows" */
/** @import { EventPhrase, EventPhrases, ReplyPhrase, ReplyPhrases, TextRow } from "./types" */

/** Seconds of silence after which a person counts as idle. */
const IDLE_AFTER = 300;

/** Names in one line about many people. */
const MAX_NAMED = 12;

// Parts of sentences.

/** @param {string[]} names */
const enumerate = (names) => [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(" and ");

/**
 * Name the first, and count the rest.
 * @param {string[]} names
 */
function named(names) {
	const more = names.length - MAX_NAMED;
	return enumerate(more > 1 ? [...names.slice(0, MAX_NAMED), counted(more, "other")] : names);
}

/** @param {string | false | undefined} note */
const inBrackets = (note) => (note ? ` (${isolated(note)})` : "");

/** @param {string} room */
const roomName = (room) => isolated(`#${room}`);

// Events.

/** @param {string} done */
const moderated = (done) => (/** @type {Moderated} */ { target, reason, until, at }) => {
	const length = until && duration(Math.round((Date.parse(until) - Date.parse(at)) / 1000));
	return `${done} ${isolated(target)}${length ? ` for ${length}` : ""}${inBrackets(reason)}`;
};

/** @type {EventPhrases} */
const EVENTS = {
	joined: () => "joined",
	left: ({ reason }) => `left${inBrackets(reason)}`,
	renamed: (event) => `is now known as ${isolated(event.new)}`,
	topic: ({ topic }) => (topic ? `set the topic: ${isolated(topic)}` : "removed the topic"),
	kicked: moderated("kicked"),
	banned: moderated("banned"),
	unbanned: moderated("unbanned"),
	muted: moderated("muted"),
	unmuted: moderated("unmuted"),
	invited: moderated("invited"),
	setting: settingDone,
	role: ({ target, role }) => {
		if (role === "voice") return `gave ${isolated(target)} a voice`;
		if (role === "no voice") return `took the voice of ${isolated(target)}`;
		return role ? `made ${isolated(target)} an operator` : `removed ${isolated(target)} as operator`;
	},
	deleted: ({ author, by_author: own, reason }) =>
		`deleted a message${own ? "" : ` of ${isolated(author)}`}${inBrackets(reason)}`,
	received: () => "has received your messages",
	recorded: ({ act, where, text }) => `${act}${where && ` in ${roomName(where)}`}: ${isolated(text)}`,
};

/**
 * Word an event as a sentence; "" if it is unknown.
 * @param {RoomEvent} event
 */
export function sentence(event) {
	const predicate = /** @type {EventPhrase | undefined} */ (EVENTS[event.type]);
	return predicate ? `${isolated(event.nick)} ${predicate(event)}` : "";
}

/** @type {Record<string, string>} What somebody did in all, by the first and the last that they did. */
const PASSAGES = {
	"joined joined": "joined",
	"joined left": "joined and left",
	"left joined": "left and came back",
	"left left": "left",
};

/**
 * Word who came and went, those together who did the same.
 * @param {Passage[]} passages
 */
export function passing(passages) {
	/** @type {Map<string, string[]>} */
	const groups = new Map();
	for (const { nick, first, last, reason } of passages) {
		const did = PASSAGES[`${first} ${last}`] + inBrackets(last === "left" && reason);
		const nicks = groups.get(did) ?? [];
		groups.set(did, nicks);
		nicks.push(isolated(nick));
	}
	return [...groups].map(([did, nicks]) => `${named(nicks)} ${did}`).join(" · ");
}

/**
 * Return whether *event* only repeats that somebody has left, which the kick just *before* it says.
 * @param {RoomEvent} event
 * @param {RoomEvent | undefined} before
 */
export const isPartOfKick = (event, before) =>
	event.type === "left" && before?.type === "kicked" && before.target === event.nick;

/**
 * Word an event as a line with its time: `12:34 <ann> hello`.
 * @param {RoomEvent} event
 */
export function lineOf(event) {
	const time = timeOf(event.at);
	const nick = isolated(event.nick);
	if (!isTalk(event)) return `${time} -- ${sentence(event)}`;
	const speaker = { acted: `* ${nick}`, noticed: `-${nick}-`, said: `<${nick}>`, whispered: `<${nick}>` }[event.type];
	return `${time} ${speaker} ${outcome(event)}`;
}

/** @param {Talk} message */
const outcome = ({ text, deleted, edited }) => (deleted ? "(deleted)" : `${isolated(text)}${edited ? " (edited)" : ""}`);

/**
 * Word events as lines, under the day of each, and with their numbers if these are wanted.
 * @param {RoomEvent[]} events
 * @param {boolean} [numbers]
 */
function linesOf(events, numbers) {
	const days = events.map(({ at }) => dayOf(at));
	const line = (/** @type {RoomEvent} */ event) => `${numbers ? `${event.seq} ` : ""}${lineOf(event)}`;
	return events.flatMap((event, index) => [...(days[index] === days[index - 1] ? [] : [days[index]]), line(event)]);
}

// Replies.

/** @param {Person} person */
function described({ nick, role, connected, idle, away }) {
	const notes = [];
	if (role && role !== "guest" && role !== "account") notes.push(role);
	if (away !== null) notes.push(away ? `away: ${away}` : "away");
	if (!connected) notes.push("reconnecting");
	else if (idle >= IDLE_AFTER) notes.push(`idle for ${duration(idle)}`);
	return isolated(nick) + inBrackets(notes.join(", "));
}

/** @param {Ban} ban */
function ban({ target, kind, by, at, until, reason }) {
	const done = kind === "mute" ? "muted" : "banned";
	const end = until ? `until ${momentOf(until)}` : "forever";
	return `${isolated(target)}, ${done} by ${isolated(by)} on ${momentOf(at)}, ${end}${inBrackets(reason)}`;
}

/** @param {string | boolean | string[] | null} value */
function preference(value) {
	if (typeof value === "boolean") return value ? "on" : "off";
	return enumerate([value ?? []].flat().map(isolated)) || "–";
}

/**
 * Say that there is more.
 * @param {number | boolean} more
 * @param {string} [command]  Shows it.
 */
const further = (more, command) => more && `… and ${more} more${command ? `: ${command}` : ""}`;

/** @type {ReplyPhrases} */
const REPLIES = {
	notice: ({ text }) => [text],
	refused: ({ text }) => [text],
	nick: ({ nick }) => [`You are now known as ${isolated(nick)}.`],
	who: ({ room, people, page, more }) => [
		`In ${roomName(room)} (${people.length + more}): ${enumerate(people.map(described)) || "nobody"}.`,
		further(more, `/who ${room} ${page + 1}`),
	],
	whois: ({ person, rooms, since, account, address }) => [
		`${described(person)} is in ${enumerate(rooms.map(roomName)) || "no room"}, ` +
			`here since ${momentOf(since)} via ${enumerate(doorNames(person))}.`,
		account && `Logged in as ${isolated(account)}.`,
		address && `Address: ${address}`,
	],
	rooms: ({ rooms, page, more }) => [
		...rooms.map(
			({ room, people, topic }) =>
				/** @type {TextRow} */ ([`#${room}`, `${counted(people, "person", "people")} ${isolated(topic)}`]),
		),
		further(more, `/rooms ${page + 1}`),
	],
	topic_is: ({ room, topic }) => [topic ? `The topic of ${roomName(room)}: ${isolated(topic)}` : `${roomName(room)} has no topic.`],
	history: ({ room, events, more, numbers, earlier_than }) => [
		events.length
			? `History${room.startsWith("@") ? "" : ` of ${roomName(room)}`}:`
			: earlier_than
				? `Nothing was said before ${earlier_than}.`
				: more
					? "Nothing new has been said."
					: "There is no history.",
		...linesOf(events, numbers),
	],
	unread: ({ rooms }) =>
		rooms.length
			? rooms.map(({ room, nick, unread, mentions }) =>
					nick
						? `${isolated(nick)}: ${unread} private`
						: `${roomName(room)}: ${unread} new${mentions ? `, ${mentions} mentions you` : ""}`,
				)
			: ["You have read everything."],
	conversations: ({ conversations }) => [
		conversations.length
			? `You have private conversations with ${enumerate(conversations.map(({ nick }) => isolated(nick)))}.`
			: "You have no private conversations.",
	],
	sessions: ({ sessions }) => [
		"Your sessions:",
		...sessions.map(
			({ number, door, since, connected, current, address }) =>
				/** @type {TextRow} */ ([
					`${number}: ${doorName(door)}`,
					[`since ${momentOf(since)}`, current ? "this one" : !connected && "reconnecting", address].filter(Boolean).join(", "),
				]),
		),
		"/sessions end N ends one of them.",
	],
	seen: ({ nick, here, at }) => {
		const when = at ? `on ${momentOf(at)}` : "at an unknown time";
		return [`${isolated(nick)} ${here ? "is here now" : `was last here ${when}`}.`];
	},
	logged_in: ({ account, role, new_password }) => [
		new_password
			? "Your password is changed."
			: `Logged in as ${isolated(account)}${inBrackets(role === "admin" && role)}.`,
	],
	logged_out: ({ reason }) => [`You are a guest again. ${reason}`],
	bans: ({ bans, more }) => [
		bans.length ? "Banned or muted:" : "No bans or mutes.",
		...bans.map(ban),
		further(more),
	],
	preferences: ({ type, ref, changed, asked = [], ...all }) => {
		const named = [changed, asked].find((one) => one.length);
		const names = named ?? /** @type {typeof changed} */ (Object.keys(all));
		return names.map((name) => [name, preference(all[name])]);
	},
	audit: ({ events }) => ["Moderation log:", ...linesOf(events)],
	time: ({ at }) => [`${dayOf(at)}, ${timeOf(at)}`],
	help: ({ commands, groups = [], more = 0 }) => [
		...commands.flatMap((row, index) => {
			const begins = commands.length > 1 && groups[index] !== groups[index - 1];
			return begins ? [`${groups[index]}:`, row] : [row];
		}),
		more && `/help all lists ${more} more, for other roles.`,
	],
};

/**
 * Word a reply in rows: lines, or pairs of a term and its meaning; undefined if there is nothing to say.
 * @param {Reply} reply
 */
export function replyRows(reply) {
	const worded = /** @type {ReplyPhrase | undefined} */ (REPLIES[reply.type]);
	return /** @type {TextRow[] | undefined} */ (worded?.(reply).filter(Boolean));
}
