/** Words for people: what happened, what the server answers, and times in the reader's zone. */

const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const clock = new Intl.DateTimeFormat([], time);
const calendar = new Intl.DateTimeFormat([], { dateStyle: "full" });
const both = new Intl.DateTimeFormat([], { year: "numeric", month: "short", day: "numeric", ...time });
const days = new Map();

/** The time of day of *at*, which is as events have it. */
export const timeOf = (at) => clock.format(new Date(at));

/** The day and time of *at*. */
export const momentOf = (at) => both.format(new Date(at));

/** The day of *at*; remembered by minutes, for a calendar is slow. */
export function dayOf(at) {
	const minute = at.slice(0, 16);
	if (!days.has(minute)) {
		if (days.size > 5000) days.clear();
		days.set(minute, calendar.format(new Date(at)));
	}
	return days.get(minute);
}

/** `3 lines`, `1 line`. */
export const counted = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** `ann, bob and carol`. */
const listed = (names) => [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(" and ");

const why = (reason) => (reason ? ` (${reason})` : "");

function spoken(seconds) {
	for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]])
		if (seconds >= size) return counted(Math.round(seconds / size), unit);
	return counted(Math.round(seconds), "second");
}

const howLong = ({ until, at }) => (until ? ` for ${spoken((new Date(until) - new Date(at)) / 1000)}` : "");
const away = (text) => `away${text && `: ${text}`}`;
const pace = (seconds) => `one line every ${spoken(Number(seconds))}`;

const SETTINGS = {
	"lock key": "locked this room with a key",
	"lock invited": "locked this room: only who is invited may enter",
	"lock ": "unlocked this room",
	"private on": "made this room private",
	"private ": "made this room public",
	"slow ": "ended the slow mode",
};

const EVENTS = {
	joined: () => "joined",
	left: ({ reason }) => `left${why(reason)}`,
	renamed: (event) => `is ${event.new} now`,
	topic: ({ topic }) => (topic ? `set the topic: ${topic}` : "removed the topic"),
	kicked: ({ target, reason }) => `kicked ${target}${why(reason)}`,
	banned: (event) => `banned ${event.target}${howLong(event)}${why(event.reason)}`,
	unbanned: ({ target }) => `unbanned ${target}`,
	muted: (event) => `muted ${event.target}${howLong(event)}${why(event.reason)}`,
	unmuted: ({ target }) => `unmuted ${target}`,
	setting: ({ setting, value }) => SETTINGS[`${setting} ${value}`] ?? `made this room slow: ${pace(value)}`,
	invited: ({ target }) => `invited ${target}`,
	role: ({ nick, target, role }) =>
		nick === target
			? `is ${role ? "an operator now" : "no longer an operator"}`
			: role ? `made ${target} an operator` : `removed ${target} as operator`,
	received: () => "has received your messages",
	recorded: ({ act, where, text }) => `${act}${where && ` in #${where}`}: ${text}`,
};

/** Tell what happened; "" for what a newer server knows and we do not. */
export function told(event) {
	if (event.type === "gap") return `… ${counted(event.last - event.first + 1, "line")} skipped`;
	return event.type in EVENTS ? `${event.nick} ${EVENTS[event.type](event)}` : "";
}

/** What is special about a room with these *settings*. */
export const special = ({ lock, private: hidden, slow }) =>
	[lock && (lock === "key" ? "locked with a key" : "for the invited only"), hidden && "private", slow && pace(slow)].filter(Boolean);

/** One entry of a list of bans. */
export const banned = ({ target, kind, by, at, until, reason }) =>
	`${target}, ${kind === "mute" ? "muted" : "banned"} by ${by} on ${momentOf(at)}, ` +
	(until ? `until ${momentOf(until)}` : "for good") + why(reason);

function person(one) {
	const { nick, role, connected, idle } = one;
	const notes = [
		/operator|admin/.test(role) && role,
		one.away !== null && away(one.away),
		connected ? idle >= 300 && `silent for ${spoken(idle)}` : "reconnecting",
	].filter(Boolean);
	return nick + why(notes.join(", "));
}

const NOTIFIED = { all: "everything", none: "nothing" };

const PREFERENCES = {
	ignore: ({ ignore }) => (ignore.length ? `You ignore ${listed(ignore)}.` : "You ignore nobody."),
	notify: ({ notify }) => `You are notified of ${NOTIFIED[notify] ?? "your nick and private messages"}.`,
	color: ({ color }) => `Colours are ${color ? "on" : "off"}.`,
	plain: ({ plain }) => `Plain words are ${plain ? "on" : "off"}, for the doors that have them.`,
	away: (preferences) => (preferences.away === null ? "You are not away." : `You are ${away(preferences.away)}.`),
};

const REPLIES = {
	notice: ({ text }) => [text],
	refused: ({ text }) => [text],
	nick: ({ nick }) => [`You are ${nick} now.`],
	who: ({ room, people }) => [`In #${room} (${people.length}): ${listed(people.map(person))}.`],
	whois: ({ person: one, rooms, since, account, address }) => [
		`${person(one)} is in ${listed(rooms.map((room) => `#${room}`)) || "no room"}, ` +
			`here since ${momentOf(since)}, through the ${one.door} door.`,
		account && `Logged in to the account ${account}.`,
		address && `Address: ${address}`,
	],
	rooms: ({ rooms }) => rooms.map(({ room, people, topic }) => [`#${room}`, `${counted(people, "person", "people")} ${topic}`]),
	topic_is: ({ room, topic }) => [topic ? `The topic of #${room}: ${topic}` : `#${room} has no topic.`],
	seen: ({ nick, here, at }) => [
		here ? `${nick} is here now.` : at ? `${nick} was last here on ${momentOf(at)}.` : `Nobody knows when ${nick} was here.`,
	],
	logged_in: ({ account, role }) => [`You are logged in to the account ${account}${role === "admin" ? ", as an admin" : ""}.`],
	logged_out: ({ reason }) => [`You are a guest again. ${reason}`],
	bans: ({ bans, more }) =>
		bans.length ? [...bans.map(banned), more && `… and ${more} more`] : ["Nobody is banned or muted."],
	preferences: (reply) => Object.keys(PREFERENCES)
		.filter((name) => !reply.changed.length || reply.changed.includes(name))
		.map((name) => PREFERENCES[name](reply)),
	audit: ({ events }) => (events.length ? events.map((one) => `${momentOf(one.at)} ${told(one)}`) : ["The audit log is empty."]),
	time: ({ at }) => [`${dayOf(at)}, ${timeOf(at)}`],
	help: ({ commands }) => commands,
};

/** Word a reply: lines, or pairs of a term and what it means; undefined for what is not told in words. */
export const answer = (reply) => REPLIES[reply.type]?.(reply).filter(Boolean);
