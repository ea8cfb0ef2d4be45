/** Store: the state of the chat, changed by events. No network or DOM access. */

import { Emitter } from "./events.js";
import { Outbox } from "./outbox.js";
import { callsFor, isTalk, nickKey, Room, Rooms } from "./rooms.js";
import { settings } from "./settings.js";

/** @import { Role, RoomEvent, Talk } from "./protocol" */
/** @import { Line, State } from "./types" */

export class Store extends Emitter {
	/** @type {State} */
	state = "out";
	/** Seconds to the next attempt to connect. */
	delay = 0;
	nick = "";
	account = "";
	/** @type {Role} */
	role = "";
	/** @type {Record<string, string>} What each command does, by its usage. */
	commands = {};
	/** @type {{ ignore: string[], notify: string, away: string | null }} */
	preferences = { ignore: [], notify: "", away: null };
	outbox = new Outbox();
	rooms = new Rooms();
	current = new Room("");
	/** Tells whether the end of the current room is in view; the log sets it. */
	reading = () => false;

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
		this.leaveView(room);
	}

	/**
	 * We are in *room* no more.
	 * @param {Room} room
	 */
	drop(room) {
		this.rooms.delete(room.id);
		this.leaveView(room);
	}

	/** Everything in the current room has been read. */
	markRead() {
		const { current } = this;
		if (!current.unread) return;
		current.unread = current.calls = 0;
		this.changed();
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
		this.outbox.clear();
		this.rooms.clear();
		this.current = new Room("");
	}

	/** Stay in our rooms, but as a guest of a server that has never heard of us. */
	startOver() {
		this.account = "";
		this.role = "";
		for (const room of this.rooms.all()) {
			if (room.private) this.rooms.delete(room.id);
			// The journal may be another one, whose numbers have begun anew.
			room.listen(0);
		}
		if (!this.rooms.has(this.current.id)) this.leaveView(this.current);
	}

	// Events.

	/**
	 * Take in what happened, unless it is known already.
	 * @param {RoomEvent} event
	 * @param {Line} [line]  What we had sent, if this answers it.
	 */
	happened(event, line) {
		const mine = "ref" in event || this.isMe(event.nick);
		const room = this.#roomOf(event, mine, line);
		if (!room || event.seq <= room.seen) return;
		const seenBefore = room.seen;
		room.seen = event.seq;
		room.timeline.append(event);
		if (event.type === "left" && mine) {
			// While we catch up this is an old story; whether we are in the room now, the reply `room` says.
			if (this.state === "live") this.drop(room);
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
		if (!room.timeline.newest) room.listen(event.seq - 1);
		// Who has just written to somebody, wants to see that; but not if they have gone elsewhere since.
		if (line && this.current.id === line.room) this.select(room);
		return room;
	}

	/**
	 * @param {RoomEvent} event
	 * @param {Room} room
	 */
	#apply(event, room) {
		room.apply(event);
		if (event.type === "role" && this.isMe(event.target) && room.role !== "admin") room.role = event.role;
		if (event.type === "renamed")
			for (const one of this.rooms.values()) if (nickKey(one.other) === nickKey(event.nick)) one.other = event.new;
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
