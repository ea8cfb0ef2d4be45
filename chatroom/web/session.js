/** Session: our conversation with the server. */

import { addressed } from "./destination.js";
import { Handshake } from "./handshake.js";
import { learn } from "./input.js";
import { Link } from "./link.js";
import { Outgoing } from "./outgoing.js";
import { Dispatcher } from "./replies.js";
import { Requests } from "./requests.js";
import { forgetSession, newPerson, restoreSession, Saver, saveSession } from "./saved-session.js";

/** @import { Command, Reply, RoomEvent } from "./protocol" */
/** @import { ReplyHandlers } from "./reply-handlers" */
/** @import { Store } from "./store.js" */
/** @import { SavedSession } from "./types" */

/** The closing code of a normal closure (RFC 6455 section 7.4.1). */
const NORMAL_CLOSURE = 1000;

/** What the join form says if the nick has an owner, who is here. */
const REGISTERED = "That nick is registered. Type its password, or take another one.";

export class Session {
	#handshake = new Handshake();
	#requests = new Requests();
	#outgoing;
	#link = new Link({
		opened: () => this.#greet(),
		received: (objects) => {
			for (const object of objects) this.#take(object);
			this.store.changed();
		},
		lost: (code) => this.#lost(code),
		waiting: (seconds) => {
			this.store.delay = seconds;
			this.store.emit("state", "");
		},
	});
	/** Whether we have asked to leave, and the server has not answered yet. */
	leaving = false;
	/** The server's last words on this connection. */
	#farewell = "";
	#saver;
	#dispatcher;

	/** @param {Store} store */
	constructor(store) {
		this.store = store;
		this.#outgoing = new Outgoing(store, this.#requests, this.#link);
		// What is on its way has to be there after a reload, too.
		this.#saver = new Saver(() => saveSession(this.#handshake.token, store));
		store.on("sent", () => this.save());
		this.#dispatcher = new Dispatcher(store, this.#requests, this.#handlers, (one) => this.#refusedAtTheDoor(one));
		// Whatever changes may have to be there after a reload.
		store.on("rooms", () => this.#saver.soon());
		store.on("room", () => this.refresh());
		store.on("registered", () => this.#turnAway(REGISTERED));
	}

	// Coming and going.

	/**
	 * Come into the chat.
	 * @param {string} nick
	 * @param {string} room
	 * @param {string} password  "" for a guest.
	 */
	join(nick, room, password) {
		this.#handshake.begin(this.store, room.replace(/^#/, ""), password);
		this.#comeIn(nick);
	}

	/**
	 * Become the same person as in another tab, which goes on with the *saved* session.
	 * @param {SavedSession} saved
	 */
	attach({ token, nick }) {
		this.#handshake.attach(token);
		this.#comeIn(nick);
	}

	#comeIn(/** @type {string} */ nick) {
		const { store } = this;
		store.nick = nick;
		store.person ||= newPerson();
		store.enter("greeting");
		this.#link.open();
	}

	/**
	 * Go on with what was saved before a reload; or if it is *stale*, before a tab was closed.
	 * @param {SavedSession} saved
	 * @param {boolean} stale
	 */
	resume(saved, stale) {
		const { store } = this;
		this.#handshake.resume(saved.token, stale);
		restoreSession(saved, store);
		store.person ||= newPerson();
		store.enter("waiting");
		store.emit("room");
		this.connect();
	}

	/** Try to connect now, and go on trying. */
	connect() {
		this.#link.hopeful = true;
		this.#link.open();
	}

	/** Leave the chat. */
	leave() {
		// Lines that the server has not got to yet come first; who asks again does not wait for them.
		const again = this.leaving;
		this.leaving = true;
		if (again || !this.#link.send({ type: "quit" })) this.#out("");
		else this.store.emit("state", "");
	}

	/** Have the browser keep the session. */
	save() {
		this.#saver.now();
	}

	/** @param {string} reason */
	#out(reason) {
		const { store } = this;
		this.#hangUp();
		this.leaving = false;
		this.#handshake = new Handshake();
		store.clear();
		forgetSession();
		store.emit("room");
		store.emit("out", reason);
	}

	#turnAway(/** @type {string} */ reason) {
		this.#hangUp();
		this.#handshake.forgetPassword();
		this.store.emit("refused", reason);
	}

	#hangUp() {
		this.store.enter("out");
		this.#link.hopeful = false;
		this.#link.close();
	}

	/** @param {number} [code] */
	#lost(code) {
		const { store } = this;
		this.#requests.fail();
		const reason = this.#farewell;
		this.#farewell = "";
		if (store.state === "out") return;
		this.#outgoing.cut(code);
		if (this.leaving) this.#out(reason);
		else if (!this.#handshake.greeted) this.#turnAway("The server cannot be reached. Please try again.");
		else if (reason && code === NORMAL_CLOSURE) {
			this.#link.hopeful = false;
			store.enter("ended", reason);
		} else store.enter("waiting");
	}

	// Sending.

	/**
	 * Say, or do, what was typed in the current room.
	 * @param {string} text
	 * @throws {RangeError} with the reason why it cannot be sent
	 */
	type(text) {
		this.#outgoing.type(text);
	}

	/** Have a line done in a room, as if it had been typed there. */
	run(/** @type {string} */ text, room = this.store.current) {
		this.send(addressed(room, text)[0], text);
	}

	/**
	 * Have something done, now or once there is a connection.
	 * @param {Command} values
	 * @param {string} [text]  What is shown until it is done.
	 */
	send(values, text) {
		this.#outgoing.send(values, text);
	}

	/**
	 * Ask something that the page wants to know; without a connection, the reply is `refused`.
	 * @param {Command} values
	 * @param {boolean} [told]  Whether the log shows the reply, too, if it is no refusal.
	 */
	ask(values, told) {
		return this.#outgoing.ask(values, told);
	}

	/** Ask who is in the current room, and how they are. */
	refresh() {
		const { current } = this.store;
		if (current.id && !current.private && !current.gone) this.ask({ type: "who", room: current.id });
	}

	// Receiving.

	/** @param {RoomEvent | Reply} object */
	#take(object) {
		try {
			if (!this.#dispatcher.take(object)) return;
			this.#link.steady();
			this.#outgoing.answered();
		} catch (error) {
			// One object that we stumble over must not take the others with it.
			queueMicrotask(() => {
				throw error;
			});
		}
	}

	#greet() {
		const { store } = this;
		for (const room of store.rooms.values()) room.confirmed = false;
		store.enter("greeting");
		this.#link.send(this.#handshake.hello(store));
	}

	/** @type {ReplyHandlers} Of the replies that change the connection itself. */
	#handlers = {
		welcome: (welcome, { store }) => {
			const { nick, commands, secrets, asks } = welcome;
			learn(secrets, asks);
			Object.assign(store, { nick, commands });
			store.prefer();
			if (this.#handshake.welcomed(welcome)) store.emit("upgraded");
			store.enter("replaying");
		},

		live: (_, { store }) => {
			for (const room of store.rooms.all()) if (!room.private && !room.confirmed) store.drop(room);
			if (!store.current.id) store.emit("room");
			this.#link.hopeful = true;
			store.enter("live");
			this.#outgoing.resume();
			this.refresh();
			const lapsed = this.#handshake.completed();
			if (lapsed) store.offer("You are a guest now.", "Log in", () => store.emit("password", "login", lapsed));
		},

		logged_in: ({ account, role, resume }, { store, line }) => {
			const changed = store.account !== account || store.role !== role;
			Object.assign(store, { account, role });
			this.#handshake.forgetPassword();
			this.#renew(resume);
			return Boolean(line) || changed;
		},

		logged_out: ({ resume }, { store }) => {
			store.loggedOut();
			this.#renew(resume);
		},

		goodbye: ({ text, ended }, { line }) => {
			this.#farewell = text;
			if (line || ended || this.leaving) this.#out(text);
		},
	};

	#renew(/** @type {string} */ token) {
		this.#handshake.token = token || this.#handshake.token;
		this.store.emit("state", "");
		this.refresh();
	}

	/**
	 * Do what follows from a refusal, if it is about getting in.
	 * @param {Reply<"refused">} refusal
	 * @returns {boolean}  Whether it is.
	 */
	#refusedAtTheDoor({ code, text }) {
		const verdict = this.#handshake.judge(code, this.store.state);
		if (verdict === "final") this.#turnAway(text);
		else if (verdict === "retry") this.#link.close();
		else if (verdict === "over") this.#out("");
		else if (verdict === "anew") this.#comeAnew();
		else if (verdict === "login") {
			this.#link.send({ type: "quit" });
			this.#out("");
			this.store.emit("refused", text);
		}
		return verdict !== "none";
	}

	#comeAnew() {
		this.#handshake.beginAnew(this.store);
		this.store.startOver();
		this.#greet();
	}
}
