/** What people type: split into messages, and searched for secrets. */

/** Lines that one message may have, as the server counts them. */
const MAX_LINES = 40;

/** Bytes that one message may have. */
const MAX_BYTES = 4096;

/** A command with a password or a key in it, at the beginning of any line. */
const SECRET = /^[^\S\n\r\u2028\u2029]*\/(?:(?:login|register|password|lock)\s+\S|(?:join|account)\s+\S+\s+\S)/im;

/**
 * Tell whether *text* holds a password or a key.
 * @param {string} text
 */
export const confidential = (text) => SECRET.test(text);

/**
 * Return *text* as it may be shown: without its secret, if it holds one.
 * @param {string} text
 */
export const masked = (text) => (confidential(text) ? `${text.trim().split(/\s/)[0]} ••••` : text);

/**
 * Tell whether *text* is a command; two slashes begin a message.
 * @param {string} text
 */
export const isCommand = (text) => /^\/(?!\/)/.test(text);

/**
 * Return the size of *text* in bytes, as the server counts it.
 * @param {string} text
 */
export const bytes = (text) => new TextEncoder().encode(text).length;

/**
 * Split *text* into as few messages as possible, each of as many lines as the server takes.
 * @param {string} text
 * @throws {RangeError} that says why it cannot be sent
 */
export function blocks(text) {
	if (isCommand(text) && text.includes("\n"))
		throw new RangeError("A command is one line; to say what begins with a slash, begin with //.");

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
