/** Writing directions: keeps names that are written from right to left from reordering the sentence around them. */

/** Letters of scripts that run from right to left, and the marks that say so: the blocks of UAX #9, table 4. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** First strong isolate, and pop directional isolate. The server takes both out of whatever people write. */
const BEGIN = "\u2068";
const END = "\u2069";

/**
 * Return *text* as a part of a sentence with a direction of its own; only where that makes a difference.
 * @param {string} text
 */
export const isolated = (text) => (RIGHT_TO_LEFT.test(text) ? BEGIN + text + END : text);

/**
 * Split a sentence at the parts that `isolated` has made; those have odd indices.
 * @param {string} sentence
 */
export const isolates = (sentence) => sentence.split(/\u2068([^\u2069]*)\u2069/);
