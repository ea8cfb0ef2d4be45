/** Store: the state of the chat, changed by events. No network or DOM access. */

import { isolated } from "./bidi.js";
import { Attention } from "./destination.js";
import { Emitter } from "./events.js";
import { Outbox } from "./outbox.js";
import { isChange, isTalk } from "./changes.js";
import { callsFor, isWithOneself, nickKey, Room, Rooms } from "./rooms.js";
import { settings } from "./settings.js";

/** @import { Preferences, Role, RoomEvent, Talk } from "./protocol" */
/** @import { Line, Mark, State } from "./types" */

/** @type {Pick<Preferences, "ignore" | "notify" | "away" | "numbers" | "correct">} Of whoever has chosen nothing. */
const NO_PREFERENCES = { ignore: [], notify: "", away: null, numbers: false, correct: false };

export class Store extends Emitter {
	/** @type {State} */
	state = "out";
	/** Stands for the person in what the browser keeps; nobody else has it. */
	person = "";
	/** Seconds to the next attempt to connect. */
	delay = 0;
	nick = "";
	account = "";
	/** @type {Role} */
	role = "";
	/** @type {Record<string, string>} What each command does, by its usage. */
	commands = {};
	preferences = NO_PREFERENCES;
	outbox = new Outbox();
	rooms = new Rooms();
	current = new Room("");
	attention = new Attention();
	/** Tells whether the end of the current room is in view; the log sets it. */
	reading = () => false;

	/** @param {typeof NO_PREFERENCES} [preferences]  Without them: nothing is known to be preferred. */
	prefer(preferences = NO_PREFERENCES) {
		this.preferences = preferences;
		this.emit("preferences");
	}

	/** What to be notified of: `all`, `mentions` or `none`. */
	get notify() {
		return this.preferences.notify || settings.notify;
	}

	/** @param {string} nick */
	isMe(nick) {
		return nickKey(nick) === nickKey(this.nick);
	}

	/** Whether we may moderate the current room. */
	get moderating() {
		const roles = [this.current.role, this.role];
		return !this.current.private && (roles.includes("operator") || roles.includes("admin"));
	}

	/**
	 * @param {State} state
	 * @param {string} [reason]
	 */
	enter(state, reason = "") {
		this.state = state;
		this.emit("state", reason);
	}

	/** Something in a room has changed. */
	changed() {
		this.emit("rooms");
		this.emit("log");
	}

	// Rooms.

	/**
	 * Make *room* the current one.
	 * @param {Room} room
	 */
	select(room) {
		const { current } = this;
		if (room === current) return;
		if (!current.unread) current.marker = null;
		this.current = room;
		room.closed = false;
		this.emit("room");
		this.changed();
	}

	/**
	 * Make *room* the current one, as the person asked with *mark*; but if they have typed since, they are asked.
	 * @param {Room} room
	 * @param {Mark} mark
	 */
	arrive(room, mark) {
		const { current } = this;
		if (room.id === current.id || this.attention.isFree(mark, current)) this.select(room);
		else this.offer(`${isolated(room.title)} is open now.`, "Go there", () => this.select(room));
	}

	/**
	 * Go to another room, if *room* is the current one.
	 * @param {Room} room
	 */
	leaveView(room) {
		if (this.current === room) this.select(this.rooms.listed()[0] ?? new Room(""));
	}

	/**
	 * Take a conversation out of the list, until somebody writes.
	 * @param {Room} room
	 */
	close(room) {
		room.closed = true;
		room.unread = room.calls = 0;
		if (room.read !== null) this.emit("reading", room);
		this.leaveView(room);
	}

	/**
	 * We are in *room* no more. It stays on the screen, unless the person has asked to leave it and typed nothing since.
	 * @param {Room} room
	 * @param {Mark} [mark]  Of what they asked.
	 */
	drop(room, mark) {
		this.rooms.delete(room.id);
		room.gone = true;
		room.people.clear();
		room.changes++;
		if (mark && this.attention.isFree(mark, room)) this.leaveView(room);
		if (this.current === room) this.emit("dropped", room);
	}

	/**
	 * Offer the person something that they may not want now.
	 * @param {string} text
	 * @param {string} label
	 * @param {() => unknown} act
	 */
	offer(text, label, act) {
		this.emit("offer", { text, label, act });
	}

	/** Everything in the current room has been read. */
	markRead() {
		const { current } = this;
		if (current.read !== null && current.seen > current.read) this.emit("reading", current);
		if (!current.unread) return;
		current.unread = current.calls = 0;
		this.changed();
	}

	/**
	 * We have read *room* up to *seq*, maybe on another device.
	 * @param {Room} room
	 * @param {number} seq
	 * @param {number} unread  As the server counts; what is here we count ourselves, because more may be on its way.
	 * @param {number} mentions
	 */
	readUpTo(room, seq, unread, mentions) {
		if (room === this.current && this.reading()) {
			room.read = seq;
			return;
		}
		const since = room.timeline.since(seq);
		if (!since) {
			room.wasRead(seq, unread, mentions);
			return;
		}
		const news = since.filter(isTalk).filter((event) => !this.#isMine(event));
		const calls = news.filter((event) => callsFor(event, this.nick, this.notify));
		room.wasRead(seq, news.length, calls.length);
	}

	/** @param {RoomEvent} event */
	#isMine(event) {
		return "ref" in event || Boolean(event.own) || this.isMe(event.nick) || isWithOneself(event.room);
	}

	/**
	 * Tell the person something about what they did.
	 * @param {string} text
	 */
	note(text) {
		this.current.show("refusal", [text]);
		this.changed();
	}

	/** Forget everybody and everything, on leaving. */
	clear() {
		this.account = "";
		this.role = "";
		this.person = "";
		this.outbox.clear();
		this.rooms.clear();
		this.current = new Room("");
	}

	/** Stay in our rooms, but as a guest of a server that has never heard of us. */
	startOver() {
		this.account = "";
		this.role = "";
		for (const room of this.rooms.all()) {
			if (room.private) this.drop(room);
			// The journal may be another one, whose numbers have begun anew.
			room.listen(0);
		}
	}

	/** We are a guest now, who is no party to the private conversations of the account. */
	loggedOut() {
		this.account = this.role = "";
		for (const room of this.rooms.all()) if (room.private) this.drop(room);
		if (this.current.private) this.leaveView(this.current);
		this.changed();
	}

	// Events.

	/**
	 * Take in what happened, unless it is known already.
	 * @param {RoomEvent} event
	 * @param {Line} [line]  What we had sent, if this answers it.
	 */
	happened(event, line) {
		const mine = this.#isMine(event);
		const room = this.#roomOf(event, mine, line);
		if (!room || event.seq <= room.seen) return;
		const seenBefore = room.seen;
		room.seen = event.seq;
		room.timeline.append(event);
		if (event.type === "left" && mine) {
			// While we catch up this is an old story; whether we are in the room now, the reply `room` says.
			if (this.state === "live") this.drop(room, line);
			return;
		}
		if (!isTalk(event)) this.#apply(event, room);
		const reading = room === this.current && this.reading();
		if (reading || room !== this.current) room.timeline.shorten();
		if (!reading && !mine && isTalk(event)) this.#addUnread(event, room, seenBefore);
	}

	/**
	 * @param {RoomEvent} event
	 * @param {boolean} mine
	 * @param {Line} [line]
	 */
	#roomOf(event, mine, line) {
		if (event.type !== "whispered") return this.rooms.get(event.room);
		const room = this.rooms.conversation(event.room, mine ? (event.to ?? "") : event.nick);
		room.begun = false;
		if (!room.timeline.newest) room.listen(event.seq - 1);
		// Who has just written to somebody from elsewhere wants to see that.
		if (line && line.room !== room.id) this.arrive(room, line);
		return room;
	}

	/**
	 * @param {RoomEvent} event
	 * @param {Room} room
	 */
	#apply(event, room) {
		room.apply(event);
		if (isChange(event)) room.timeline.amend(event);
		if (event.type === "role" && this.isMe(event.target) && room.role !== "admin") {
			if (event.role !== "voice" && event.role !== "no voice") room.role = event.role;
		}
		if (event.type !== "renamed") return;
		const namesakes = this.rooms.all().some(({ other }) => nickKey(other) === nickKey(event.nick));
		if (namesakes) this.emit("renamed", event.new);
	}

	/**
	 * @param {Talk} event
	 * @param {Room} room
	 * @param {number} seenBefore
	 */
	#addUnread(event, room, seenBefore) {
		if (!room.unread++) room.marker = seenBefore;
		if (!callsFor(event, this.nick, this.notify)) return;
		room.calls++;
		this.emit("called", room, event);
	}
}
