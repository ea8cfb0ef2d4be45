/** The connection to the server: makes it, notices when it is gone, and makes it again. */

const SHORTEST = 500;
const LONGEST = 30000;
const SILENCE = 40000;
const PATIENCE = 10000;

/** One WebSocket after the other. */
export class Link {
	/** Whether to go on trying. */
	hopeful = false;
	#socket = null;
	#timer = 0;
	#failures = 0;
	#heard = 0;
	#pinged = 0;
	#on;

	/** @param {object} on `opened()`, `received(objects)`, `lost(code)`, `waiting(seconds)` for the next attempt */
	constructor(on) {
		this.#on = on;
		setInterval(() => this.#look(), 5000);
		const hurry = () => this.#timer && this.open();
		addEventListener("online", hurry);
		addEventListener("offline", () => this.close(1006));
		document.addEventListener("visibilitychange", () => {
			if (document.hidden) return;
			hurry();
			// After a sleep the socket may be dead without having noticed.
			if (performance.now() - this.#heard > PATIENCE) this.#ping();
		});
	}

	/** Connect now. */
	open() {
		clearTimeout(this.#timer);
		this.#timer = 0;
		if (this.#socket) return;
		const url = new URL("ws", document.baseURI);
		url.protocol = url.protocol.replace("http", "ws");
		const socket = (this.#socket = new WebSocket(url));
		this.#alive();
		socket.onopen = () => this.#on.opened();
		socket.onclose = ({ code }) => this.close(code);
		socket.onmessage = ({ data }) => {
			this.#alive();
			this.#on.received(data.split("\n").filter(Boolean).map((line) => JSON.parse(line)));
		};
	}

	/** Send one object; returns whether there is a connection. */
	send(object) {
		const open = this.#socket?.readyState === WebSocket.OPEN;
		if (open) this.#socket.send(JSON.stringify(object));
		return open;
	}

	/** All is well, so should it break, not much time need pass. */
	steady() {
		this.#failures = 0;
		this.hopeful = true;
	}

	/** Give the connection up; another one follows if there is hope. */
	close(code = 1000) {
		const socket = this.#socket;
		if (socket) {
			this.#socket = socket.onopen = socket.onclose = socket.onmessage = null;
			socket.close();
			this.#on.lost(code);
		}
		clearTimeout(this.#timer);
		this.#timer = 0;
		if (!this.hopeful) return;
		// Not all at the same moment, when a server comes back to a thousand pages.
		const delay = Math.min(LONGEST, SHORTEST * 2 ** this.#failures++) * (0.5 + Math.random());
		this.#timer = setTimeout(() => this.open(), delay);
		this.#on.waiting(Math.ceil(delay / 1000));
	}

	#alive() {
		this.#heard = performance.now();
		this.#pinged = 0;
	}

	#look() {
		const silent = performance.now() - (this.#pinged || this.#heard);
		if (!this.#socket) return;
		if (silent > PATIENCE && (this.#pinged || this.#socket.readyState !== WebSocket.OPEN)) this.close(1006);
		else if (silent > SILENCE) this.#ping();
	}

	#ping() {
		if (this.send({ type: "ping" })) this.#pinged = performance.now();
	}
}
