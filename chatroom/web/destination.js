/** Destination: where a typed line goes, and whether an answer may move the page. No DOM access. */

import { isolated } from "./bidi.js";
import { blocks, isCommand } from "./input.js";

/** @import { Command } from "./protocol" */
/** @import { Room } from "./rooms.js" */
/** @import { Mark } from "./types" */

/**
 * Return why *text* is not sent to *room*, which the person sees; "" if it is.
 * @param {Room} room
 * @param {string} text
 */
export function obstacle(room, text) {
	// Commands go: one of them leads back.
	if (!room.gone || isCommand(text)) return "";
	return `You are not in ${isolated(room.title)}, so this was not sent. Choose a room, or join again.`;
}

/** A change of a message to several lines, which are one line only on the wire. */
const CHANGE = /^\/(edit|answer)[ \t]+(\d{1,15})[ \t]+([^]*\n[^]*)$/i;

/**
 * Address a typed *text* to *room*.
 *
 * One block is what was typed, and the server reads it. The parts of a longer paste are said, whatever they begin with.
 * @param {Room} room
 * @param {string} text
 * @returns {Command[]}
 * @throws {RangeError} as `blocks` does, or if a message would have too much
 */
export function addressed(room, text) {
	const where = room.id ? { room: room.id } : {};
	const [, change, seq, more] = CHANGE.exec(text) ?? [];
	const parts = blocks(more ?? text);
	const type = parts.length > 1 ? "say" : "line";
	if (!change) return parts.map((part) => ({ type, text: part, ...where }));
	if (type === "say") throw new RangeError("That is too long for one message.");
	return [{ type: change.toLowerCase(), seq: Number(seq), text: more, ...where }];
}

/** Notices whether the person has typed or moved since they asked for something. */
export class Attention {
	#keys = 0;

	/** Something was typed. */
	typed() {
		this.#keys++;
	}

	/**
	 * Remember what the person sees now, when they ask for something.
	 * @param {Room} room
	 * @returns {Mark}
	 */
	mark(room) {
		return { room: room.id, keys: this.#keys };
	}

	/**
	 * Return whether nothing has been typed since *mark* was made, and *room* is still what the person sees.
	 * @param {Mark} mark
	 * @param {Room} room
	 */
	isFree(mark, room) {
		return mark.room === room.id && mark.keys === this.#keys;
	}
}
