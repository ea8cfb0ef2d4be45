/** The rooms and private conversations that one is in: who is there, what has been said, and how much is unread. */

import { mentions } from "./pieces.js";
import { Timeline } from "./timeline.js";

/** What makes two nicks the same, near enough for a picture of them: the server knows exactly. */
export const key = (nick) => nick.normalize("NFKC").toLowerCase();

/** Whether *event* is somebody's words. */
export const isTalk = ({ type }) => type === "said" || type === "acted" || type === "whispered";

/** Whether what somebody else said calls for *me*, who wants to be notified of `all`, `mentions` or `none`. */
export const calls = (event, me, notify) =>
	notify !== "none" && (notify === "all" || event.type === "whispered" || mentions(me, event.text));

const LOCALS = 200;
let told = 0;

/** A room; or a conversation, whose id begins with `@`, or with `~` until the server has named it; or, as "", none. */
export class Room {
	topic = "";
	role = "";
	settings = {};
	/** By `key`: nick, role, away, connected. */
	people = new Map();
	muted = new Set();
	timeline = new Timeline();
	/** What only we were told, each `after` a seq. */
	locals = [];
	/** The seq of the last event received. */
	seen = 0;
	unread = 0;
	/** How many of those call for us. */
	calls = 0;
	/** The seq before the line "New messages"; null: there is none. */
	marker = null;
	/** The oldest seq that is kept, once it is known. */
	oldest = null;
	/** A conversation that is put away until somebody writes. */
	closed = false;
	/** Where the log was left, unless at the end. */
	view = null;

	constructor(id, other = "") {
		this.id = id;
		this.other = other;
	}

	get private() {
		return /^[@~]/.test(this.id);
	}

	get title() {
		return this.private ? this.other : this.id ? `#${this.id}` : "chatroom";
	}

	/** Whether there is nothing yet, because the server does not know of it. */
	get empty() {
		return !this.id || this.id.startsWith("~");
	}

	/** Hear what happens after *seq*; a journal that ends before what we have seen is another one. */
	listen(seq) {
		const other = seq < this.seen;
		this.seen = seq;
		if (other) this.forget();
		this.timeline.listen(seq);
	}

	/** Drop what has been read, to read it anew. */
	forget() {
		this.timeline = new Timeline();
		this.timeline.listen(this.seen);
		this.locals = [];
		this.oldest = this.view = null;
	}

	/** Show *rows* of a *kind*, `reply` or `refusal`, behind all that was said. */
	tell(kind, rows) {
		this.locals.push({ kind, rows, id: ++told, after: this.seen });
		if (this.locals.length > LOCALS) this.locals.shift();
	}

	/** What is kept over a reload. */
	kept() {
		const { id, other, seen, unread, calls, marker, closed } = this;
		return { id, other, seen, unread, calls, marker, closed };
	}

	/** Take in what *event* says about the room. */
	apply(event) {
		const { people, muted } = this;
		const who = key(event.nick);
		const target = event.target && key(event.target);
		const person = people.get(who) ?? { nick: event.nick };
		if (event.type === "joined") people.set(who, person);
		else if (event.type === "left") people.delete(who);
		else if (event.type === "renamed") {
			people.delete(who);
			people.set(key(event.new), { ...person, nick: event.new });
		} else if (event.type === "topic") this.topic = event.topic;
		else if (event.type === "setting") this.settings[event.setting] = event.value;
		else if (event.type === "role" && people.has(target)) people.get(target).role = event.role;
		else if (event.type === "muted") muted.add(target);
		else if (event.type === "unmuted") muted.delete(target);
	}
}

/** All of them, by id. */
export class Rooms extends Map {
	all() {
		return [...this.values()];
	}

	/** Those to list: rooms by name, then conversations. */
	listed() {
		const shown = this.all().filter((room) => !room.closed);
		return shown.sort((one, other) => one.private - other.private || one.title.localeCompare(other.title));
	}

	/** The names of the public ones. */
	names() {
		return this.listed().filter((room) => !room.private).map((room) => room.id);
	}

	/** Up to where we have all, as `hello` takes it. */
	seen() {
		return Object.fromEntries(this.all().filter((room) => !room.empty).map((room) => [room.id, room.seen]));
	}

	/** The room *id*, made if there is none. */
	have(id, other) {
		if (!this.has(id)) this.set(id, new Room(id, other));
		return this.get(id);
	}

	/** Open a conversation with *nick*. */
	converse(nick) {
		const there = this.all().filter((room) => room.private && key(room.other) === key(nick));
		return there.at(-1) ?? this.have(`~${key(nick)}`, nick);
	}

	/** The conversation *id* with *nick*; if it was opened before the server had named it, it is named now. */
	conversation(id, nick) {
		const opened = this.get(`~${key(nick)}`);
		if (opened && !this.has(id)) {
			this.delete(opened.id);
			opened.id = id;
			this.set(id, opened);
		}
		return Object.assign(this.have(id), { other: nick, closed: false });
	}
}
