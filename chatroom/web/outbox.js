/** What was asked and has not been answered: kept, in order, until the server says what became of it. */

import { confidential } from "./confidential.js";

/**
 * One thing that was asked.
 * @typedef {{ref: string, values: object, room: string, text: string, at: number}} Line
 */

export class Outbox {
  /** @type {Map<string, Line>} by ref */
  #lines = new Map();
  #count = 0;
  #prefix;

  constructor() {
    // A page that is loaded anew is shown what was asked before, so no ref may come twice.
    this.#prefix = crypto.getRandomValues(new Uint32Array(2)).join("-");
  }

  /**
   * Keep a command.
   * @param {object} values what goes over the wire, without its ref
   * @param {string} room where it was asked
   * @param {string} text what to show until it is answered
   */
  put(values, room, text) {
    const line = { ref: `${this.#prefix}-${++this.#count}`, values, room, text };
    this.#lines.set(line.ref, line);
    return line;
  }

  /** Let the line marked *ref* go; returns it, if there was one. */
  answered(ref) {
    const line = this.#lines.get(ref);
    this.#lines.delete(ref);
    return line;
  }

  /** What waits for its answer in *room*. */
  in(room) {
    return [...this.#lines.values()].filter((line) => line.room === room);
  }

  get all() {
    return [...this.#lines.values()];
  }

  clear() {
    this.#lines.clear();
  }

  /** What may be kept over a reload: nothing with a password in it. */
  kept() {
    return this.all.filter(({ values }) => !values.password && !values.key && !confidential(values.text ?? ""));
  }

  /** Go on with what was *kept*. */
  restore(kept) {
    for (const line of kept) this.#lines.set(line.ref, line);
  }
}
