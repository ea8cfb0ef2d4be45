/** Words for people: what happened, what the server answers, and times in the reader's zone. */

const format = (given) => {
	const { format: form } = new Intl.DateTimeFormat([], { ...given, hourCycle: "h23" });
	return (at) => form(new Date(at));
};
const calendar = format({ dateStyle: "full" });
const days = new Map();

/** The time of day of *at*, as events have it. */
export const timeOf = format({ timeStyle: "short" });

/** The day and time of *at*. */
export const momentOf = format({ dateStyle: "medium", timeStyle: "short" });

/** The day of *at*; remembered by minutes, for a calendar is slow. */
export function dayOf(at) {
	const minute = at.slice(0, 16);
	if (days.size > 5000) days.clear();
	if (!days.has(minute)) days.set(minute, calendar(at));
	return days.get(minute);
}

/** `3 lines`, `1 line`. */
export const counted = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

const listed = (names) => [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(" and ");
const why = (reason) => (reason ? ` (${reason})` : "");
const away = (text) => `away${text && `: ${text}`}`;

function spoken(seconds) {
	for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]])
		if (seconds >= size) return counted(Math.round(seconds / size), unit);
	return counted(Math.round(seconds), "second");
}

const pace = (seconds) => `one line per person every ${spoken(Number(seconds))}`;

const withWhy = (done) => ({ target, reason, until, at }) =>
	`${done} ${target}${until ? ` for ${spoken((new Date(until) - new Date(at)) / 1000)}` : ""}${why(reason)}`;

const SETTINGS = {
	"lock key": "locked this room with a key",
	"lock invited": "made this room invite-only",
	"lock ": "unlocked this room",
	"private on": "made this room private",
	"private ": "made this room public",
	"slow ": "turned off slow mode",
};

const EVENTS = {
	joined: () => "joined",
	left: ({ reason }) => `left${why(reason)}`,
	renamed: (event) => `is now known as ${event.new}`,
	topic: ({ topic }) => (topic ? `set the topic: ${topic}` : "removed the topic"),
	kicked: withWhy("kicked"),
	banned: withWhy("banned"),
	unbanned: withWhy("unbanned"),
	muted: withWhy("muted"),
	unmuted: withWhy("unmuted"),
	invited: withWhy("invited"),
	setting: ({ setting, value }) => SETTINGS[`${setting} ${value}`] ?? `turned on slow mode: ${pace(value)}`,
	role: ({ target, role }) => (role ? `made ${target} an operator` : `removed ${target} as operator`),
	received: () => "has received your messages",
	recorded: ({ act, where, text }) => `${act}${where && ` in #${where}`}: ${text}`,
};

/** Tell what happened; "" for what a newer server knows and we do not. */
export const told = (event) => (event.type in EVENTS ? `${event.nick} ${EVENTS[event.type](event)}` : "");

/** What is special about a room with these settings. */
export const special = ({ lock, private: hidden, slow }) =>
	[lock && (lock === "key" ? "locked with a key" : "invite-only"), hidden && "private", slow && pace(slow)].filter(Boolean);

const banned = ({ target, kind, by, at, until, reason }) =>
	`${target}, ${kind === "mute" ? "muted" : "banned"} by ${by} on ${momentOf(at)}, ` +
	(until ? `until ${momentOf(until)}` : "forever") + why(reason);

function person({ nick, role, connected, idle, away: text }) {
	const silent = idle >= 300 && `idle for ${spoken(idle)}`;
	const notes = [/operator|admin/.test(role) && role, text !== null && away(text), connected ? silent : "reconnecting"];
	return nick + why(notes.filter(Boolean).join(", "));
}

const DOORS = { line: "nc or telnet", json: "a client", web: "the web" };

const valued = (value) => (typeof value === "boolean" ? (value ? "on" : "off") : listed([value ?? []].flat()) || "–");

const further = (more, how = "") => more && `… and ${more} more${how}`;

const REPLIES = {
	notice: ({ text }) => [text],
	refused: ({ text }) => [text],
	nick: ({ nick }) => [`You are now known as ${nick}.`],
	who: ({ room, people, page, more }) => [
		`In #${room} (${people.length + more}): ${listed(people.map(person)) || "nobody"}.`,
		further(more, `: /who ${room} ${page + 1}`),
	],
	whois: ({ person: one, rooms, since, account, address }) => [
		`${person(one)} is in ${listed(rooms.map((room) => `#${room}`)) || "no room"}, ` +
			`here since ${momentOf(since)} via ${DOORS[one.door]}.`,
		account && `Logged in as ${account}.`,
		address && `Address: ${address}`,
	],
	rooms: ({ rooms, page, more }) => [
		...rooms.map(({ room, people, topic }) => [`#${room}`, `${counted(people, "person", "people")} ${topic}`]),
		further(more, `: /rooms ${page + 1}`),
	],
	topic_is: ({ room, topic }) => [topic ? `The topic of #${room}: ${topic}` : `#${room} has no topic.`],
	seen: ({ nick, here, at }) => [`${nick} ${here ? "is here now" : `was last here ${at ? `on ${momentOf(at)}` : "at an unknown time"}`}.`],
	logged_in: ({ account, role }) => [`Logged in as ${account}${why(role === "admin" && role)}.`],
	logged_out: ({ reason }) => [`You are a guest again. ${reason}`],
	bans: ({ bans, more }) => [bans.length ? "Banned or muted:" : "No bans or mutes.", ...bans.map(banned), further(more)],
	preferences: ({ type, ref, changed, ...all }) =>
		(changed.length ? changed : Object.keys(all)).map((name) => [name, valued(all[name])]),
	audit: ({ events }) => ["Moderation log:", ...events.map((one) => `${momentOf(one.at)} ${told(one)}`)],
	time: ({ at }) => [`${dayOf(at)}, ${timeOf(at)}`],
	help: ({ commands }) => commands,
};

/** Word a reply: lines, or pairs of a term and its meaning. */
export const answer = (reply) => REPLIES[reply.type]?.(reply).filter(Boolean);
