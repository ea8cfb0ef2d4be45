/** The connection to the server: a WebSocket with heartbeat and reconnection. */

import { objectsIn } from "./untrusted.js";

/** @import { LinkOwner } from "./types" */

/** Initial retry delay, in milliseconds; doubled for each attempt … */
const MIN_DELAY = 500;
/** … up to this. */
const MAX_DELAY = 30_000;

/** The closing code of a server that is replaced without a pause: connect again at once. */
const SERVICE_RESTART = 1012;

/** Milliseconds of silence before a ping. */
const PING_INTERVAL = 40_000;

/** Timeout of a ping or a connection attempt, in milliseconds. */
const ANSWER_TIMEOUT = 10_000;

/** Milliseconds between checks of these times. */
const CHECK_INTERVAL = 5000;

export class Link {
	/** Whether to go on trying after a loss. */
	hopeful = false;

	/** @type {LinkOwner} */
	#owner;
	/** @type {WebSocket | null} */
	#socket = null;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#timer;
	#failures = 0;
	/** When something was last received, and when we asked since then; as `performance.now` has it. */
	#heardAt = 0;
	#pingedAt = 0;

	/** @param {LinkOwner} owner */
	constructor(owner) {
		this.#owner = owner;
		setInterval(() => this.#check(), CHECK_INTERVAL);
		addEventListener("online", () => this.#hurry());
		addEventListener("offline", () => this.close());
		document.addEventListener("visibilitychange", () => {
			if (document.hidden) return;
			this.#hurry();
			// After a sleep the socket may be dead without having noticed.
			if (performance.now() - this.#heardAt > ANSWER_TIMEOUT) this.#ping();
		});
	}

	/** Connect now, unless there is a connection. */
	open() {
		this.#stopWaiting();
		if (this.#socket) return;
		const url = new URL("ws", document.baseURI);
		url.protocol = url.protocol.replace("http", "ws");
		const socket = new WebSocket(url);
		this.#socket = socket;
		this.#alive();
		socket.onopen = () => this.#owner.opened();
		socket.onclose = ({ code }) => this.close(code);
		socket.onmessage = ({ data }) => {
			this.#alive();
			this.#owner.received(objectsIn(data));
		};
	}

	/**
	 * Send an object.
	 * @param {object} object
	 * @returns {boolean}  Whether there is a connection.
	 */
	send(object) {
		if (this.#socket?.readyState !== WebSocket.OPEN) return false;
		this.#socket.send(JSON.stringify(object));
		return true;
	}

	/**
	 * Give the connection up; if there is hope, another one follows.
	 * @param {number} [code]
	 */
	close(code) {
		const socket = this.#socket;
		if (socket) {
			this.#socket = socket.onopen = socket.onclose = socket.onmessage = null;
			socket.close();
			this.#owner.lost(code);
		}
		this.#stopWaiting();
		if (!this.hopeful) return;
		// The randomness keeps a thousand pages from coming at the same moment, when a server is back.
		const longest = code === SERVICE_RESTART && !this.#failures ? 0 : MAX_DELAY;
		const delay = Math.min(longest, MIN_DELAY * 2 ** this.#failures++) * (0.5 + Math.random());
		this.#timer = setTimeout(() => this.open(), delay);
		this.#owner.waiting(Math.ceil(delay / 1000));
	}

	/** Something has been answered: after a loss, begin with the shortest delay. */
	steady() {
		this.#failures = 0;
	}

	#alive() {
		this.#heardAt = performance.now();
		this.#pingedAt = 0;
	}

	#ping() {
		if (this.send({ type: "ping" })) this.#pingedAt = performance.now();
	}

	#check() {
		const silence = performance.now() - (this.#pingedAt || this.#heardAt);
		const waiting = this.#pingedAt || this.#socket?.readyState !== WebSocket.OPEN;
		if (this.#socket && waiting && silence > ANSWER_TIMEOUT) this.close();
		else if (silence > PING_INTERVAL) this.#ping();
	}

	#hurry() {
		if (this.#timer !== undefined) this.open();
	}

	#stopWaiting() {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}
}
