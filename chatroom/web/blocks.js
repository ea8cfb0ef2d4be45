/** What was typed or pasted, made into messages that the server takes. */

const LINES = 40;
const BYTES = 4096;
const encoder = new TextEncoder();

/**
 * Put the lines of *text* together as few messages.
 * @returns {string[]} without empty lines at the ends of each
 * @throws {RangeError} if a single line is too long; the message says so
 */
export function blocks(text) {
  const made = [[]];
  let left = BYTES;
  for (const line of text.replace(/\r\n?|[\u2028\u2029]/g, "\n").split("\n")) {
    const size = encoder.encode(line).length;
    if (size > BYTES) throw new RangeError(`A line has at most ${BYTES.toLocaleString("en")} bytes; this one has more.`);
    if (made.at(-1).length === LINES || (made.at(-1).length && size > left)) {
      made.push([]);
      left = BYTES;
    }
    made.at(-1).push(line.trimEnd());
    left -= size + 1;
  }
  return made.map((block) => block.join("\n").replace(/^\n+|\n+$/g, "")).filter((block) => block.trim());
}
