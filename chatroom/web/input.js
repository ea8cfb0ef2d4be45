/** What people type: made into messages, and looked through for secrets. */

const LINES = 40;
const BYTES = 4096;
const TELLING = /^[^\S\n\r\u2028\u2029]*\/(?:(?:login|register|password|lock)\s+\S|(?:join|account)\s+\S+\s+\S)/im;

/** Whether *text* holds a password or a key. */
export const confidential = (text) => TELLING.test(text);

/** *text* as it may be shown. */
export const masked = (text) => (confidential(text) ? `${text.trim().split(/\s/)[0]} ••••` : text);

/** Whether *text* is a command. */
export const isCommand = (text) => /^\/(?!\/)/.test(text);

/** The size of *text* as the server counts it. */
export const bytes = (text) => new TextEncoder().encode(text).length;

/** Put the lines of *text* together as few messages. @throws {RangeError} that says why it cannot be sent */
export function blocks(text) {
	if (isCommand(text) && text.includes("\n"))
		throw new RangeError("A command is one line; to say what begins with a slash, begin with //.");
	const made = [[]];
	let left = BYTES;
	for (const line of text.split(/\r\n?|[\n\u2028\u2029]/)) {
		const size = bytes(line);
		if (size > BYTES) throw new RangeError("A line has at most 4,096 bytes.");
		if (made.at(-1).length === LINES || size > left) {
			made.push([]);
			left = BYTES;
		}
		made.at(-1).push(line.trimEnd());
		left -= size + 1;
	}
	return made.map((block) => block.join("\n").replace(/^\n+|\n+$/g, "")).filter((block) => block.trim());
}
