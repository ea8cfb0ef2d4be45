/** Words for people: what happened in a room, what the server answers, and times, as the reader's zone has them. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const calendar = new Intl.DateTimeFormat(undefined, { weekday: "long", year: "numeric", month: "long", day: "numeric" });
const both = new Intl.DateTimeFormat(undefined, {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** The time of day of *at*, as events have it. */
export const timeOf = (at) => clock.format(new Date(at));

const days = new Map();

/** The day of *at*, in words; what is of one day has the same. */
export function dayOf(at) {
  // Nearly all of what is shown at a time is of a few minutes, and a calendar is slow.
  const minute = at.slice(0, 16);
  if (!days.has(minute)) {
    if (days.size > 5000) days.clear();
    days.set(minute, calendar.format(new Date(at)));
  }
  return days.get(minute);
}

/** Day and time of *at*. */
export const momentOf = (at) => both.format(new Date(at));

/** *count* things: `3 people`. */
export const counted = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** Names as people write them: `ann, bob and carol`; beyond *most* the rest are counted. */
export function listed(names, most = 8) {
  const shown = names.length > most ? [...names.slice(0, most), counted(names.length - most, "other")] : names;
  return shown.length > 1 ? `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}` : (shown[0] ?? "");
}

const why = (reason) => (reason ? ` (${reason})` : "");

/** How long, in words: `10 minutes`. */
export function spoken(seconds) {
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]])
    if (seconds >= size) return counted(Math.round(seconds / size), unit);
  return counted(Math.round(seconds), "second");
}

const howLong = ({ until, at }) => (until ? ` for ${spoken((Date.parse(until) - Date.parse(at)) / 1000)}` : "");

const SETTINGS = {
  "lock key": (room) => `locked ${room} with a key`,
  "lock invited": (room) => `locked ${room}: only who is invited may enter`,
  "lock ": (room) => `unlocked ${room}`,
  "private on": (room) => `made ${room} private`,
  "private ": (room) => `made ${room} public`,
  "slow ": (room) => `ended the slow mode of ${room}`,
};

const EVENTS = {
  joined: ({ nick }) => `${nick} joined`,
  left: ({ nick, reason }) => `${nick} left${why(reason)}`,
  renamed: ({ nick, new: now }) => `${nick} is ${now} now`,
  topic: ({ nick, topic }) => (topic ? `${nick} set the topic: ${topic}` : `${nick} removed the topic`),
  kicked: ({ nick, target, reason }) => `${nick} kicked ${target}${why(reason)}`,
  banned: (event) => `${event.nick} banned ${event.target}${howLong(event)}${why(event.reason)}`,
  unbanned: ({ nick, target }) => `${nick} unbanned ${target}`,
  muted: (event) => `${event.nick} muted ${event.target}${howLong(event)}${why(event.reason)}`,
  unmuted: ({ nick, target }) => `${nick} unmuted ${target}`,
  setting: ({ nick, room, setting, value }) => {
    const done = SETTINGS[`${setting} ${value}`]?.(`#${room}`);
    if (done) return `${nick} ${done}`;
    if (setting === "slow") return `${nick} made #${room} slow: one line every ${spoken(Number(value))}`;
    return `${nick} set ${setting} of #${room} to ${value}`;
  },
  invited: ({ nick, target, room }) => `${nick} invited ${target} to #${room}`,
  role: ({ nick, target, role, room }) => {
    const operator = `an operator of #${room}`;
    if (nick === target) return `${nick} is ${role ? operator : `no longer ${operator}`}${role ? " now" : ""}`;
    return role ? `${nick} made ${target} ${operator}` : `${nick} removed ${target} as ${operator}`;
  },
  received: ({ nick }) => `${nick} has received your messages`,
  recorded: ({ nick, act, where, text }) => `${nick}, ${act}${where ? ` in #${where}` : ""}: ${text}`,
  gap: ({ first, last }) => `… ${counted(last - first + 1, "line")} skipped: no longer kept, or too many`,
};

/** Tell what happened; "" for what a newer server knows and we do not. */
export const told = (event) => EVENTS[event.type]?.(event) ?? "";

/** What is special about a room, in short sentences. */
export function specialties({ lock, private: hidden, slow }) {
  return [
    lock === "key" && "Locked: only who has its key, or was invited, may enter.",
    lock === "invited" && "Locked: only who was invited may enter.",
    hidden && "Private: only its members know of it.",
    slow && `Slow: one line every ${spoken(Number(slow))}.`,
  ].filter(Boolean);
}

function person({ nick, role, away, connected, idle }) {
  const notes = [
    role === "operator" || role === "admin" ? role : "",
    away === null ? "" : `away${away && `: ${away}`}`,
    connected ? (idle >= 300 ? `silent for ${spoken(idle)}` : "") : "reconnecting",
  ].filter(Boolean);
  return nick + (notes.length ? ` (${notes.join(", ")})` : "");
}

const NOTIFIED = { all: "everything that is said", mentions: "your nick and private messages", none: "nothing" };

const PREFERENCES = {
  ignore: ({ ignore }) => (ignore.length ? `You ignore ${listed(ignore, 200)}.` : "You ignore nobody."),
  notify: ({ notify }) => `You are notified of ${NOTIFIED[notify] ?? NOTIFIED.mentions}.`,
  color: ({ color }) => `Colours are ${color ? "on" : "off"}.`,
  plain: ({ plain }) => `Plain words are ${plain ? "on" : "off"}; this page always speaks to screen readers.`,
  away: ({ away }) => (away === null ? "You are not away." : `You are away${away && `: ${away}`}.`),
};

/** One entry of a list of bans. */
export const banned = ({ target, kind, by, at, until, reason }) =>
  `${target}, ${kind === "mute" ? "muted" : "banned"} by ${by} on ${momentOf(at)}, ` +
  `${until ? `until ${momentOf(until)}` : "for good"}${why(reason)}`;

const REPLIES = {
  notice: ({ text }) => [text],
  refused: ({ text }) => [text],
  nick: ({ nick }) => [`You are ${nick} now.`],
  who: ({ room, people }) => [`In #${room} (${people.length}): ${listed(people.map(person), 500)}`],
  whois: ({ person: one, rooms, since, account, address }) => [
    `${one.nick} is in ${rooms.length ? listed(rooms.map((room) => `#${room}`), 50) : "no room"}; here since ` +
      `${momentOf(since)}, through the ${one.door} door, ` +
      `${one.connected ? `silent for ${spoken(one.idle)}` : "reconnecting"}.`,
    ...(account ? [`Logged in to the account ${account}${one.role === "admin" ? ", an admin's" : ""}.`] : []),
    ...(one.away === null ? [] : [`Away${one.away && `: ${one.away}`}.`]),
    ...(address ? [`Address: ${address}`] : []),
  ],
  rooms: ({ rooms }) =>
    rooms.length
      ? rooms.map(({ room, people, topic }) => [`#${room}`, counted(people, "person", "people") + (topic && `: ${topic}`)])
      : ["Nobody is in any room."],
  topic_is: ({ room, topic }) => [topic ? `The topic of #${room}: ${topic}` : `#${room} has no topic.`],
  seen: ({ nick, here, at }) => [
    here ? `${nick} is here now.` : at ? `${nick} was last here on ${momentOf(at)}.` : `It is not known when ${nick} was here.`,
  ],
  logged_in: ({ account, role }) => [`You are logged in to the account ${account}${role === "admin" ? ", as an admin" : ""}.`],
  logged_out: ({ reason }) => [`You are a guest again${reason ? `: ${reason}` : "."}`],
  bans: ({ room, bans, more }) =>
    bans.length
      ? [...bans.map(banned), ...(more ? [`… and ${more} more`] : [])]
      : [`Nobody is banned from ${room ? `#${room}` : "this server"}, or muted there.`],
  preferences: (reply) =>
    (reply.changed.length ? reply.changed : Object.keys(PREFERENCES)).map((name) => PREFERENCES[name]?.(reply) ?? ""),
  audit: ({ events, more }) =>
    events.length
      ? [...events.map((one) => `${momentOf(one.at)} ${told(one)}`), ...(more ? ["There are older entries."] : [])]
      : ["The audit log is empty."],
  time: ({ at }) => [`${dayOf(at)}, ${timeOf(at)}`],
  help: ({ commands }) => commands,
};

/**
 * Word what the server answers.
 * @returns {(string|string[])[]|undefined} lines, or pairs of a term and what it means; nothing for what we do not know
 */
export const replyRows = (reply) => REPLIES[reply.type]?.(reply);
