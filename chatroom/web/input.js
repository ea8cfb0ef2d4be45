/** Input: splits typed text into messages and finds secrets in it. */

import { local } from "./storage.js";

/** Maximum lines of a message. */
const MAX_LINES = 40;

/** Maximum bytes of a message. */
const MAX_BYTES = 4096;

const LINE_START = "^[^\\S\\n\\r\\u2028\\u2029]*";

/** @type {RegExp} a command with a password or a key in it, at the beginning of any line */
let secret;

/**
 * Take the positions of secrets from the welcome; until then, any argument may be one.
 * @param {Record<string, number> | null} [secrets] the position of the first secret argument, from 1, by command
 */
export function learn(secrets) {
	local.set("secrets", secrets);
	const places = Object.entries(secrets ?? { "/[^\\s/]+": 1 });
	const some = places.map(([name, place]) => `${name}(\\s+\\S+){${place}}`);
	secret = RegExp(`${LINE_START}(${some.join("|")})`, "im");
}

learn(local.get("secrets"));

/**
 * Return whether *text* contains a password or a key.
 * @param {string} text
 */
export const confidential = (text) => secret.test(text);

/**
 * Return *text* without its secret, if it has one.
 * @param {string} text
 */
export const masked = (text) => (confidential(text) ? `${text.trim().split(/\s/)[0]} ••••` : text);

/**
 * Return whether *text* is a command; two slashes begin a message.
 * @param {string} text
 */
export const isCommand = (text) => /^\/(?!\/)/.test(text);

/**
 * Return the size of *text* in UTF-8 bytes.
 * @param {string} text
 */
export const bytes = (text) => new TextEncoder().encode(text).length;

/**
 * Split *text* into as few messages as possible, each as long as the server accepts.
 * @param {string} text
 * @throws {RangeError} with the reason why it cannot be sent
 */
export function blocks(text) {
	if (isCommand(text) && text.includes("\n"))
		throw new RangeError("A command is one line; // begins a message with a slash.");

	/** @type {string[]} */
	let block = [];
	const made = [block];
	let left = MAX_BYTES;
	for (const line of text.split(/\r\n?|[\n\u2028\u2029]/)) {
		const size = bytes(line);
		if (size > MAX_BYTES) throw new RangeError("A line has at most 4,096 bytes.");
		if (block.length === MAX_LINES || size > left) {
			block = [];
			made.push(block);
			left = MAX_BYTES;
		}
		block.push(line.trimEnd());
		left -= size + 1;
	}
	return made.map((lines) => lines.join("\n").replace(/^\n+|\n+$/g, "")).filter((text) => text.trim());
}
