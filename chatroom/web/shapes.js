/** Shapes: which fields the page reads of what the server sends, and of what kind they are. */

/** @import { ReplyType, RoomEvent } from "./protocol" */

/** @typedef {(value: unknown) => boolean} Check */
/** @typedef {Record<string, Check>} Shape */

/** @type {Check} */
const text = (value) => typeof value === "string";
/** @type {Check} */
const count = (value) => Number.isSafeInteger(value);
/** @type {Check} */
const number = (value) => Number.isFinite(value);
/** @type {Check} */
const flag = (value) => typeof value === "boolean";
/** @type {Check} */
const time = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));
/** @type {Check} */
const object = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {Check} check  @returns {Check} */
const maybe = (check) => (value) => value === null || value === undefined || check(value);
/** @param {Check} check  @returns {Check} */
const list = (check) => (value) => Array.isArray(value) && value.every(check);
/** @param {Check} check  @returns {Check} */
const table = (check) => (value) => object(value) && Object.values(/** @type {object} */ (value)).every(check);
/** @param {Shape} shape  @returns {Check} */
const record = (shape) => (value) =>
	object(value) && Object.entries(shape).every(([name, check]) => check(/** @type {any} */ (value)[name]));

const person = record({
	nick: text,
	role: maybe(text),
	door: text,
	idle: number,
	away: maybe(text),
	connected: maybe(flag),
	doors: maybe(list(text)),
});

/** @type {Shape} */
const EVENT = { room: text, seq: count, at: time, nick: text, ref: maybe(text), own: maybe(flag), bot: maybe(flag) };
const QUOTE = record({ nick: text, text });
const TALK = {
	text, to: maybe(text), re: maybe(count), quote: maybe(QUOTE), edited: maybe(flag), deleted: maybe(text),
	reactions: maybe(list(record({ emoji: text, nicks: list(text) }))),
};
const MODERATED = { target: text, reason: maybe(text), until: maybe(time) };

/** @type {Record<RoomEvent["type"], Shape>} */
const EVENTS = {
	said: TALK,
	acted: TALK,
	noticed: TALK,
	whispered: { ...TALK, to: text },
	edited: { re: count, text },
	deleted: { re: count, author: text, by_author: flag, reason: text },
	reacted: { re: count, emoji: text, added: flag },
	joined: {},
	left: { reason: maybe(text) },
	renamed: { new: text },
	topic: { topic: text },
	kicked: MODERATED,
	banned: MODERATED,
	unbanned: MODERATED,
	muted: MODERATED,
	unmuted: MODERATED,
	invited: MODERATED,
	setting: { setting: text, value: text },
	role: { target: text, role: text },
	received: {},
	recorded: { act: text, where: text, text },
};

/** @type {Check} */
const event = (value) => object(value) && isEvent(/** @type {Record<string, unknown>} */ (value));

const ban = record({ target: text, kind: text, reason: text, by: text, at: time, until: maybe(time) });

const conversation = record({ room: text, nick: text, seq: count, read: count, unread: count, at: time });

const session = record({
	number: count,
	door: text,
	since: time,
	active: time,
	address: text,
	connected: flag,
	current: flag,
});

/** @type {Record<ReplyType, Shape>} */
const REPLIES = {
	welcome: { nick: text, resume: text, server: text, commands: table(text) },
	room: {
		room: text, seq: count, people: list(text), topic: text, role: text, settings: table(text),
		read: maybe(count), unread: maybe(count), mentions: maybe(count),
	},
	live: {},
	nick: { nick: text },
	who: { room: text, people: list(person), page: count, more: count },
	whois: { person, rooms: list(text), since: time, account: text, address: text },
	rooms: { rooms: list(record({ room: text, people: count, topic: text })), page: count, more: count },
	topic_is: { room: text, topic: text },
	history: {
		room: text, events: list(event), more: flag, first: count, numbers: maybe(flag), earlier_than: maybe(text),
	},
	found: { words: text, events: list(event), page: count, more: flag, indexing: maybe(flag) },
	seen: { nick: text, here: flag, at: maybe(time) },
	password_wanted: { command: text, nick: text, wants: maybe(list(text)) },
	logged_in: { account: text, role: text, resume: text, new_password: maybe(flag) },
	logged_out: { reason: text, resume: text },
	bans: { room: text, bans: list(ban), more: count },
	preferences: {
		ignore: list(text), notify: text, color: flag, plain: flag, away: maybe(text), changed: list(text),
		others: flag, numbers: flag, correct: flag, asked: maybe(list(text)),
	},
	audit: { events: list(event), more: flag },
	gap: { room: text, first: count, last: count },
	time: { at: time },
	help: { commands: list(list(text)), groups: maybe(list(text)), more: maybe(count) },
	notice: { text },
	refused: { code: text, text },
	pong: {},
	goodbye: { text, ended: maybe(flag), again: maybe(flag) },
	read: { room: text, seq: count, unread: count, mentions: count },
	unread: { rooms: list(record({ room: text, nick: text, unread: count, mentions: count })) },
	conversations: { conversations: list(conversation) },
	sessions: { sessions: list(session) },
};

/** @param {Record<string, unknown>} value */
const isEvent = (value) => text(value.type) && record(EVENT)(value) && record(shapeOf(EVENTS, value.type))(value);

/**
 * @param {Record<string, Shape>} shapes
 * @param {unknown} type
 * @returns {Shape}  Empty for a type that the page does not know: a newer server may have it.
 */
const shapeOf = (shapes, type) => (typeof type === "string" && Object.hasOwn(shapes, type) ? shapes[type] : {});

/**
 * Return whether the page can read *value*, an object of the server.
 * @param {Record<string, unknown>} value
 */
export function isReadable(value) {
	if (!text(value.type) || !maybe(text)(value.ref)) return false;
	if ("seq" in value && "at" in value) return isEvent(value);
	return record(shapeOf(REPLIES, value.type))(value);
}
