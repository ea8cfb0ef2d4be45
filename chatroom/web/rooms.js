/** The rooms and conversations that one is in: who is there, and what has been said. */

import { mentions } from "./linkify.js";
import { Timeline } from "./timeline.js";

const LOCALS = 200;
let told = 0;

/** What makes two nicks the same, nearly as the server has it. */
export const key = (nick) => nick.normalize("NFKC").toLowerCase();

/** Whether *event* is somebody's words. */
export const isTalk = ({ type }) => /said|acted|whispered/.test(type);

/** Whether what somebody else said calls for *me*. */
export const calls = ({ type, text }, me, notify) =>
	notify !== "none" && (notify === "all" || type === "whispered" || mentions(me, text));

/** A room; or a conversation, its id with `@` before it, or `~` until the server has named it; or, as "", none. */
export class Room {
	topic = "";
	role = "";
	settings = {};
	/** By `key`: nick, role, away, connected. */
	people = new Map();
	changes = 0;
	timeline = new Timeline();
	/** What only we were told, each `after` a seq. */
	locals = [];
	/** The last seq received. */
	seen = 0;
	unread = 0;
	/** Those that call for us. */
	calls = 0;
	/** The seq before the line "New messages". */
	marker = null;
	/** The oldest seq there is, once known. */
	oldest = null;
	/** Put away until somebody writes. */
	closed = false;

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

	/** Whether the server does not know of it. */
	get empty() {
		return /^$|^~/.test(this.id);
	}

	/** Hear what happens after *seq*; a journal that ends before what was seen is another one. */
	listen(seq) {
		const other = seq < this.seen;
		this.seen = seq;
		if (other) this.forget();
		this.timeline.listen(seq);
	}

	forget() {
		this.timeline = new Timeline();
		this.timeline.listen(this.seen);
		this.locals = [];
		this.oldest = null;
	}

	/** Show *rows*, of a `reply` or `refusal`, at the end. */
	tell(kind, rows) {
		this.locals.push({ kind, rows, id: ++told, after: this.seen });
		if (this.locals.length > LOCALS) this.locals.shift();
	}

	kept() {
		const { people, timeline, locals, ...kept } = this;
		return kept;
	}

	apply({ type, nick, target = "", new: now, topic, setting, value, role }) {
		const { people } = this;
		this.changes++;
		const who = key(nick);
		const whom = key(target);
		const person = people.get(who) ?? { nick };
		if (type === "joined") people.set(who, person);
		else if (type === "left") people.delete(who);
		else if (type === "renamed") {
			people.delete(who);
			people.set(key(now), { ...person, nick: now });
		} else if (type === "topic") this.topic = topic;
		else if (type === "setting") this.settings[setting] = value;
		else if (type === "role" && people.has(whom)) people.get(whom).role = role;
	}
}

/** By id. */
export class Rooms extends Map {
	all() {
		return [...this.values()];
	}

	/** Those to list: rooms by name, then conversations. */
	listed() {
		const open = this.all().filter((room) => !room.closed);
		return open.sort((one, other) => one.private - other.private || one.title.localeCompare(other.title));
	}

	names() {
		return this.listed().filter((room) => !room.private).map((room) => room.id);
	}

	/** As `hello` takes it. */
	seen() {
		return Object.fromEntries(this.all().filter((room) => !room.empty).map((room) => [room.id, room.seen]));
	}

	have(id, other) {
		if (!this.has(id)) this.set(id, new Room(id, other));
		return this.get(id);
	}

	converse(nick) {
		const there = this.all().filter((room) => room.private && key(room.other) === key(nick));
		return there.at(-1) ?? this.have(`~${key(nick)}`, nick);
	}

	/** The conversation *id* with *nick*, which may have had another id before. */
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
