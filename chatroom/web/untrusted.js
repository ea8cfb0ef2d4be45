/**
 * Untrusted: reads what comes from the address, the browser's storage and the server. Nothing here throws.
 *
 * Whatever has the wrong shape is taken for missing.
 */

import { isReadable } from "./shapes.js";

/** @import { Reply, RoomEvent } from "./protocol" */
/** @import { KeptRoom, Line, SavedSession } from "./types" */

/** Longest room name, in characters, with its `#`. */
const MAX_NAME = 33;

/** Longest id of a conversation. */
const MAX_ID = 100;

/** What names a message, in an address. */
const MESSAGE = /\/(\d{1,15})$/;

/** Commands that ask for a secret, if the server doesn't say. */
const ASKS = ["/account", "/login", "/password", "/register"];

/** Longest value that is kept, in characters: a token, a ref or an id. */
const MAX_VALUE = 4096;

/** Highest position of an argument. */
const MAX_PLACE = 9;

/** Most lines of an outbox, and most rooms and conversations, that are read back. */
const MAX_KEPT = 1000;

/** @type {Record<string, (value: unknown) => boolean>} */
const SETTINGS = {
	theme: (value) => ["system", "light", "dark"].includes(String(value)),
	notify: (value) => ["all", "mentions", "none"].includes(String(value)),
	desktop: isSwitch,
	sound: isSwitch,
	colours: isSwitch,
	members: isSwitch,
};

/** @param {unknown} value */
function isSwitch(value) {
	return typeof value === "boolean";
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * @param {unknown} value
 * @param {number} [longest]
 * @returns {value is string}
 */
const isText = (value, longest = MAX_VALUE) => typeof value === "string" && value.length <= longest;

/**
 * @param {unknown} value
 * @returns {value is number}
 */
const isCount = (value) => Number.isSafeInteger(value) && Number(value) >= 0;

/** @param {unknown} value */
const textOf = (value, longest = MAX_VALUE) => (isText(value, longest) ? value : "");

/** @param {unknown} value */
const countOf = (value) => (isCount(value) ? value : 0);

/** @param {unknown} value */
const placeOf = (value) => (isCount(value) ? value : null);

/** @param {unknown} value */
const listOf = (value) => (Array.isArray(value) ? value.slice(0, MAX_KEPT) : []);

/**
 * Read JSON; undefined if it is none.
 * @param {unknown} text
 * @returns {unknown}
 */
export function parsed(text) {
	try {
		return JSON.parse(String(text));
	} catch {
		return undefined;
	}
}

// The address.

/**
 * Read the room that an address names: `#tea`, or `#@bob` for a conversation; "" if it names none.
 * @param {string} hash
 */
export function roomInAddress(hash) {
	const given = hash.replace(/^#+/, "").replace(MESSAGE, "");
	let name = given;
	try {
		name = decodeURIComponent(given);
	} catch {
		// Not encoded as it should be: people type addresses, too.
	}
	name = name.trim();
	return Array.from(name).slice(0, name.startsWith("@") ? MAX_ID : MAX_NAME).join("");
}

/**
 * Read the seq of the message that an address names, as in `#tea/12`; 0 if it names none.
 * @param {string} hash
 */
export const messageInAddress = (hash) => countOf(Number(MESSAGE.exec(hash)?.[1] ?? 0));

/**
 * Return the address of a message.
 * @param {string} room  Its name; of a conversation, its id, which both know it by.
 * @param {number} seq
 */
export const messageAddress = (room, seq) => `#${encodeURIComponent(room).replace(/^%40/, "@")}/${seq}`;

/**
 * Read the address of a link; null if it is none.
 * @param {string} address
 */
export function linkTo(address) {
	try {
		return new URL(address).href;
	} catch {
		return null;
	}
}

// Storage.

/**
 * Return the settings in *value* that have possible values.
 * @param {unknown} value
 */
export function untrustedSettings(value) {
	if (!isRecord(value)) return {};
	const possible = (/** @type {[string, unknown]} */ [name, one]) => Object.hasOwn(SETTINGS, name) && SETTINGS[name](one);
	return Object.fromEntries(Object.entries(value).filter(possible));
}

/**
 * Return a text that was kept; "" if there is none.
 * @param {unknown} value
 * @param {number} [longest]
 */
export const untrustedText = (value, longest) => textOf(value, longest);

/**
 * Return a draft and when it was kept.
 * @param {unknown} value
 */
export const untrustedDraft = (value) =>
	isRecord(value) ? { text: textOf(value.text, Infinity), at: countOf(value.at) } : { text: "", at: 0 };

/**
 * Return the positions of secrets by command; null if they are not known.
 * @param {unknown} value
 * @returns {Record<string, number> | null}
 */
export function untrustedSecrets(value) {
	if (!isRecord(value)) return null;
	const places = Object.entries(value).filter(
		([name, place]) => /^\/[\w-]{1,40}$/.test(name) && isCount(place) && place > 0 && place <= MAX_PLACE,
	);
	return places.length ? Object.fromEntries(places) : null;
}

/**
 * Return emoji by their names.
 * @param {unknown} value
 * @returns {Record<string, string>}
 */
export const untrustedNames = (value) =>
	isRecord(value) ? Object.fromEntries(Object.entries(value).filter(([, one]) => isText(one))) : {};

/**
 * Return the commands that may ask for a secret.
 * @param {unknown} value
 */
export const untrustedAsks = (value) =>
	new Set(Array.isArray(value) ? value.filter((name) => isText(name)).map((name) => name.toLowerCase()) : ASKS);

/**
 * Return a saved session; null if it cannot be resumed.
 * @param {unknown} value
 * @returns {SavedSession | null}
 */
export function untrustedSession(value) {
	if (!isRecord(value) || !isText(value.token) || !value.token || !isText(value.nick)) return null;
	const { token, nick, account, role, current, person } = value;
	return {
		token,
		nick,
		person: textOf(person),
		account: textOf(account),
		role: /** @type {SavedSession["role"]} */ (textOf(role)),
		current: textOf(current),
		rooms: listOf(value.rooms).flatMap(keptRoom),
		outbox: listOf(value.outbox).flatMap(keptLine),
	};
}

/**
 * @param {unknown} value
 * @returns {KeptRoom[]}  None, or one.
 */
function keptRoom(value) {
	if (!isRecord(value) || !isText(value.id) || !value.id) return [];
	const { id, other, topic, role, settings, begun, closed } = value;
	const known = isRecord(settings) ? Object.entries(settings).filter(([, one]) => isText(one)) : [];
	return [
		{
			id,
			other: textOf(other),
			topic: textOf(topic),
			role: /** @type {KeptRoom["role"]} */ (textOf(role)),
			settings: Object.fromEntries(known),
			changes: countOf(value.changes),
			seen: countOf(value.seen),
			unread: countOf(value.unread),
			calls: countOf(value.calls),
			marker: placeOf(value.marker),
			oldest: placeOf(value.oldest),
			read: placeOf(value.read),
			closed: closed === true,
			begun: begun === true,
		},
	];
}

/**
 * @param {unknown} value
 * @returns {Line[]}  None, or one.
 */
function keptLine(value) {
	if (!isRecord(value) || !isRecord(value.values) || !isText(value.values.type)) return [];
	const { ref, values, room, text, strikes } = value;
	if (!isText(ref) || !isText(room) || !isText(text, Infinity)) return [];
	return [{ ref, values: /** @type {Line["values"]} */ (values), room, text, strikes: countOf(strikes), asks: false, keys: null }];
}

// The server.

/**
 * Return the objects of one message of the server.
 *
 * One that answers something and cannot be read is taken for a refusal, so that nobody waits for ever.
 * @param {unknown} data
 * @returns {(RoomEvent | Reply)[]}
 */
export function objectsIn(data) {
	if (typeof data !== "string") return [];
	return data.split("\n").filter(Boolean).flatMap(objectIn);
}

/**
 * @param {string} line
 * @returns {(RoomEvent | Reply)[]}  None, or one.
 */
function objectIn(line) {
	const value = parsed(line);
	if (!isRecord(value)) return [];
	if (isReadable(value)) return [/** @type {RoomEvent | Reply} */ (value)];
	if (!isText(value.ref)) return [];
	return [{ type: "refused", code: "unreadable", text: "The server's answer cannot be read.", ref: value.ref }];
}
