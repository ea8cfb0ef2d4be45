/** Rooms and private conversations: members and messages. */

import { mentions } from "./linkify.js";
import { Timeline } from "./timeline.js";

/** @import { Member, Role, RoomEvent, RoomSettings, Talk } from "./protocol" */
/** @import { KeptRoom, LocalRow, TextRow } from "./types" */

/** Maximum local rows of a room. */
const MAX_LOCALS = 200;

let localRows = 0;

/**
 * Return a comparison key of a nick, much like the server's.
 * @param {string} nick
 */
export const nickKey = (nick) => nick.normalize("NFKC").toLowerCase();

/**
 * Return whether a room is somebody's conversation with themselves.
 * @param {string} id
 */
export const isWithOneself = (id) => {
	const [one, other] = id.slice(1).split(":");
	return id.startsWith("@") && one === other;
};

/**
 * Return whether to notify us of somebody else's message.
 * @param {Talk} event
 * @param {string} me
 * @param {string} notify  Of what we want to be: `all`, `mentions` or `none`.
 */
export const callsFor = ({ type, text }, me, notify) =>
	notify !== "none" && (notify === "all" || type === "whispered" || mentions(me, text));

/** A room or private conversation; or a placeholder for replies while we are in none. */
export class Room {
	topic = "";
	/** @type {Role} */
	role = "";
	/** @type {RoomSettings} */
	settings = {};
	/** @type {Map<string, Member>} Who is there, by `nickKey`. */
	people = new Map();
	/** Grows whenever people, their roles, topic or settings change. */
	changes = 0;
	timeline = new Timeline();
	/** @type {LocalRow[]} */
	locals = [];
	/** The last seq received. */
	seen = 0;
	/** How much was said that has not been read. */
	unread = 0;
	/** How much of that calls for us. */
	calls = 0;
	/** @type {number | null} The seq before the line "New messages". */
	marker = null;
	/** @type {number | null} The oldest seq there is, once known. */
	oldest = null;
	/** @type {number | null} The seq up to which the server knows that we have read; null: it does not keep that. */
	read = null;
	/** Whether the conversation is out of the list until somebody writes. */
	closed = false;
	/** Whether the server has said, on this connection, that we are in it. */
	confirmed = false;
	/** Whether it is a conversation in which nothing has been said yet. */
	begun = false;
	/** Whether we are no longer in it, though it may still be on the screen. */
	gone = false;

	/**
	 * @param {string} id  A conversation's begins with `@`; "" is no room.
	 * @param {string} [other]  With whom the conversation is.
	 */
	constructor(id, other = "") {
		this.id = id;
		this.other = other;
	}

	/** Whether it is a conversation. */
	get private() {
		return this.id.startsWith("@");
	}

	/** Whether it is our conversation with ourselves: our notes. */
	get own() {
		return isWithOneself(this.id);
	}

	get title() {
		if (this.private) return this.own ? `${this.other} (you)` : this.other;
		return this.id ? `#${this.id}` : "chatroom";
	}

	/** Whether the server does not know of it. */
	get empty() {
		return !this.id || this.begun;
	}

	/**
	 * Take what happens after *seq*; a journal that ends before what was seen is another one.
	 * @param {number} seq
	 */
	listen(seq) {
		const restarted = seq < this.seen;
		this.seen = seq;
		if (restarted) this.forget();
		this.timeline.listen(seq);
	}

	/**
	 * Take over what the server says about how far we have read.
	 * @param {number} seq
	 * @param {number} unread
	 * @param {number} calls
	 */
	wasRead(seq, unread, calls) {
		this.read = seq;
		this.unread = unread;
		this.calls = this.private ? unread : calls;
		this.marker = unread ? seq : null;
	}

	/** Let go of everything that was said, to read it anew. */
	forget() {
		this.timeline = new Timeline();
		this.timeline.listen(this.seen);
		this.locals = [];
		this.oldest = null;
	}

	/**
	 * Show *rows* at the end of the log.
	 * @param {LocalRow["kind"]} kind
	 * @param {TextRow[]} rows
	 */
	show(kind, rows) {
		this.locals.push({ kind, rows, id: ++localRows, after: this.seen });
		if (this.locals.length > MAX_LOCALS) this.locals.shift();
	}

	/**
	 * Return what to keep of it over a reload.
	 * @returns {KeptRoom}
	 */
	kept() {
		const { people, timeline, locals, confirmed, gone, ...kept } = this;
		return kept;
	}

	/** @param {KeptRoom} kept */
	restore(kept) {
		Object.assign(this, kept);
		this.timeline.listen(this.seen);
	}

	/** @param {RoomEvent} event */
	apply(event) {
		const { people } = this;
		this.changes++;
		const key = nickKey(event.nick);
		switch (event.type) {
			case "joined":
				if (!people.has(key)) people.set(key, { nick: event.nick });
				break;
			case "left":
				people.delete(key);
				break;
			case "renamed": {
				const person = people.get(key);
				people.delete(key);
				people.set(nickKey(event.new), { ...person, nick: event.new });
				break;
			}
			case "topic":
				this.topic = event.topic;
				break;
			case "setting":
				this.settings[event.setting] = event.value;
				break;
			case "role": {
				const person = people.get(nickKey(event.target));
				if (person && event.role !== "voice" && event.role !== "no voice") person.role = event.role;
			}
		}
	}
}

/**
 * All rooms and conversations, by id.
 * @extends {Map<string, Room>}
 */
export class Rooms extends Map {
	all() {
		return [...this.values()];
	}

	/** Those to list: rooms by name, then conversations. */
	listed() {
		const open = this.all().filter((room) => !room.closed);
		return open.sort(
			(one, other) => Number(one.private) - Number(other.private) || one.title.localeCompare(other.title),
		);
	}

	/** The names of the rooms, without conversations. */
	names() {
		return this.listed()
			.filter((room) => !room.private)
			.map((room) => room.id);
	}

	/** The last seq seen of each, as `hello` takes it. */
	seen() {
		const known = this.all().filter((room) => !room.empty);
		return Object.fromEntries(known.map((room) => [room.id, room.seen]));
	}

	/**
	 * Return the room *id*, which is made if need be.
	 * @param {string} id
	 * @param {string} [other]
	 */
	have(id, other) {
		let room = this.get(id);
		if (!room) {
			room = new Room(id, other);
			this.set(id, room);
		}
		return room;
	}

	/**
	 * Return the conversation *id* with somebody who is called *nick* now.
	 * @param {string} id
	 * @param {string} nick
	 */
	conversation(id, nick) {
		const room = this.have(id);
		room.other = nick;
		room.closed = false;
		return room;
	}
}
