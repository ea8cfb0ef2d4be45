/** Input: what a person typed. Splits it into messages, and knows commands, secrets and what asks for one. */

import { untrustedAsks, untrustedSecrets } from "./untrusted.js";
import { local } from "./storage.js";

/** @import { PasswordCommand } from "./protocol" */

/** Maximum lines of a message. */
const MAX_LINES = 40;

/** Maximum bytes of a message. */
const MAX_BYTES = 4096;

/** Maximum bytes of an object on the wire: the server closes the connection when one is longer. */
export const MAX_OBJECT = 4 * MAX_BYTES;

/** Bytes of an object for everything but its text: type, room and ref. */
const ENVELOPE = 512;

/** Maximum bytes of a message as JSON writes it: a control character takes six. */
const MAX_ENCODED = MAX_OBJECT - ENVELOPE;

/** Escape sequences, and what cannot be seen, don't hide a slash: the server goes by what is left without them. */
const INVISIBLE =
	/(?:\x1b\[|\x9b)\[?[0-?]*[ -\/]*[@-~]?|\x1b[NO]?[ -~]?|(?![\t\n\r\u2028\u2029])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** What begins a command: the slash, the one of East Asian keyboards, and those that nobody can tell from it. */
const SLASH = /^[/\uff0f\u2044\u2215\u29f8]/;

const LINE_START = "^[^\\S\\n\\r\\u2028\\u2029]*";

/** @type {RegExp} a command with a password or a key in it, at the beginning of any line */
let secret;

/** The commands that may ask for a secret, such as `/login`. */
let asking = untrustedAsks(undefined);

/**
 * Take the positions of secrets, and the commands that ask for one, from the welcome; until then, any argument may be one.
 * @param {unknown} [secrets] the position of the first secret argument, from 1, by command
 * @param {unknown} [asks]
 */
export function learn(secrets, asks) {
	const known = untrustedSecrets(secrets);
	local.set("secrets", known);
	asking = untrustedAsks(asks);
	const places = Object.entries(known ?? { "/[^\\s/]+": 1 });
	const some = places.map(([name, place]) => `${name.slice(1)}(\\s+\\S+){${place}}`);
	secret = RegExp(`${LINE_START}${SLASH.source.slice(1)}(${some.join("|")})`, "imu");
}

learn(local.get("secrets"));

/** @param {string} text */
const visible = (text) => text.replace(INVISIBLE, "");

/**
 * Return whether nothing of *text* can be seen.
 * @param {string} text
 */
export const isBlank = (text) => !visible(text).trim();

/**
 * Return whether *text* contains a password or a key.
 * @param {string} text
 */
export const confidential = (text) => secret.test(visible(text));

/**
 * Return *text* without its secret, if it has one.
 * @param {string} text
 */
export const masked = (text) => (confidential(text) ? `${visible(text).trim().split(/\s/)[0]} ••••` : text);

/**
 * Return the command that *text* is, such as `/join`.
 * @param {string} text
 * @returns {string}  "" if it is a message: one that begins with two slashes, or a pasted block.
 */
export function commandIn(text) {
	const line = visible(text).trim();
	if (text.startsWith("//") || line.includes("\n")) return "";
	const name = SLASH.test(line) ? line.slice(1).split(/\s/)[0] : undefined;
	return name === undefined ? "" : `/${name.toLowerCase()}`;
}

/**
 * Return whether *text* is a command.
 * @param {string} text
 */
export const isCommand = (text) => commandIn(text) !== "";

/**
 * Return whether *text* is `exit`, which leaves the chat.
 * @param {string} text
 */
export const isExit = (text) => visible(text).trim().toLowerCase() === "exit";

/**
 * Return whether the server may ask for a secret after *text*.
 * @param {string} text
 */
export const asksForSecret = (text) => asking.has(commandIn(text));

/**
 * Return the command whose form *text* opens: one that lacks nothing but passwords.
 * @param {string} text
 * @returns {PasswordCommand | undefined}
 */
export function formFor(text) {
	const words = visible(text).trim().replace(SLASH, "/").toLowerCase().split(/\s+/).join(" ");
	/** @type {Record<string, PasswordCommand>} */
	const forms = { "/register": "register", "/login": "login", "/password": "password", "/account delete": "account" };
	return Object.hasOwn(forms, words) && isCommand(text) ? forms[words] : undefined;
}

/**
 * Return the size of *text* in UTF-8 bytes.
 * @param {string} text
 */
export const bytes = (text) => new TextEncoder().encode(text).length;

/**
 * Return the size of *value* on the wire, in bytes.
 * @param {unknown} value
 */
export const wireSize = (value) => bytes(JSON.stringify(value));

/**
 * Split *text* into as few messages as possible, each as long as the server accepts.
 * @param {string} text
 * @throws {RangeError} with the reason why it cannot be sent
 */
export function blocks(text) {
	/** @type {string[]} */
	let block = [];
	const made = [block];
	let left = MAX_BYTES;
	let leftEncoded = MAX_ENCODED;
	for (const line of text.split(/\r\n?|[\n\u2028\u2029]/)) {
		const size = bytes(line);
		const encoded = wireSize(line);
		if (size > MAX_BYTES) throw new RangeError("A line has at most 4,096 bytes.");
		if (encoded > MAX_ENCODED) throw new RangeError("That line is too long, because of its control characters.");
		if (block.length === MAX_LINES || size > left || encoded > leftEncoded) {
			block = [];
			made.push(block);
			left = MAX_BYTES;
			leftEncoded = MAX_ENCODED;
		}
		block.push(line);
		left -= size + 1;
		// Its quotation marks are as long as the line feed.
		leftEncoded -= encoded;
	}
	return made.map((lines) => lines.join("\n").replace(/^\n+|\n+$/g, "")).filter((text) => !isBlank(text));
}
