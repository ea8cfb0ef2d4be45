/** Outgoing: lines and requests on their way to the server, now or once there is a connection. */

import { addressed } from "./destination.js";
import { asksForSecret, isCommand, masked, MAX_OBJECT, wireSize } from "./input.js";

/** @import { Link } from "./link.js" */
/** @import { Command } from "./protocol" */
/** @import { Requests } from "./requests.js" */
/** @import { Store } from "./store.js" */
/** @import { Line } from "./types" */

/** Bytes of a ref and its name, at most. */
const MAX_REF = 100;

export class Outgoing {
	#store;
	#requests;
	#link;
	/** Whether only the first line is on its way, because it may be the one that ends connections. */
	#cautious = false;

	/**
	 * @param {Store} store
	 * @param {Requests} requests
	 * @param {Link} link
	 */
	constructor(store, requests, link) {
		this.#store = store;
		this.#requests = requests;
		this.#link = link;
	}

	/**
	 * Say, or do, what was typed in the current room.
	 * @param {string} text
	 * @throws {RangeError} as `addressed` does, or if it may ask for a secret while there is no connection
	 */
	type(text) {
		const { current, state } = this.#store;
		if (asksForSecret(text) && state !== "live") throw new RangeError("Not connected. Please try again.");
		for (const command of addressed(current, text)) this.send(command, command.seq ? text : command.text);
		current.marker = null;
	}

	/**
	 * Have something done, now or once there is a connection.
	 * @param {Command} values
	 * @param {string} [text]  What is shown until it is done.
	 */
	send(values, text = `/${values.type}`) {
		const store = this.#store;
		const { outbox } = store;
		if (wireSize(values) > MAX_OBJECT - MAX_REF) {
			store.note("That is too long to be sent.");
			return;
		}
		const line = outbox.put(values, masked(text), store.attention.mark(store.current));
		if (!this.#cautious) this.#transmit(line);
		if (line.asks) store.emit("held", true);
		store.changed();
		store.emit("sent");
	}

	/**
	 * Ask something that the page wants to know; without a connection, the reply is `refused`.
	 * @param {Command} values
	 * @param {boolean} [told]  Whether the log shows the reply, too, if it is no refusal.
	 */
	ask(values, told) {
		const fits = wireSize(values) <= MAX_OBJECT - MAX_REF;
		const send = (/** @type {string} */ ref) =>
			fits && this.#store.state === "live" && this.#link.send({ ...values, ref });
		return this.#requests.ask(send, told);
	}

	/** There is a connection again: send what waits. */
	resume() {
		const { outbox, rooms } = this.#store;
		for (const line of [...outbox.values()]) {
			const { ref, room, text } = line;
			if (!room || rooms.has(room) || isCommand(text)) continue;
			// Nobody tells us what has arrived in a room that we have left, and it must not be said twice.
			outbox.delete(ref);
			this.#giveUp(line, "You are no longer in that room, so this was not sent again:");
		}
		this.#transmitDue();
	}

	/** Send all that waits, or only the line that may have ended the last connection. */
	#transmitDue() {
		const { outbox } = this.#store;
		this.#cautious = outbox.suspicious;
		for (const line of outbox.due()) this.#transmit(line);
	}

	/** Something was answered: if that was the suspicious line, the others follow. */
	answered() {
		if (this.#cautious && this.#store.state === "live" && !this.#store.outbox.suspicious) this.#transmitDue();
	}

	/**
	 * The connection is lost: settle what becomes of the lines that were on their way.
	 * @param {number} [code]  The WebSocket's closing code.
	 */
	cut(code) {
		const store = this.#store;
		const { outbox } = store;
		const refused = store.state === "live" ? outbox.closed(code) : undefined;
		if (refused) this.#giveUp(refused, "The server could not take this, so it was not sent:");
		const asking = outbox.forgetAsking();
		for (const line of asking) this.#giveUp(line, "The connection was lost before this was answered:");
		if (asking.length) store.emit("held", false);
	}

	/** @param {Line} line */
	#transmit({ values, ref }) {
		if (this.#store.state === "live") this.#link.send({ ...values, ref });
	}

	/**
	 * @param {Line} line
	 * @param {string} reason
	 */
	#giveUp({ room, text }, reason) {
		const { rooms, current } = this.#store;
		(rooms.get(room) ?? current).show("refusal", [reason, text]);
		this.#store.changed();
	}
}
