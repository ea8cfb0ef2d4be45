/** The rooms and private conversations that one is in: who is there, what is unread, what has been said. */

import { mentions } from "./pieces.js";
import { Timeline } from "./timeline.js";

/** The events that are somebody's words. */
export const TALK = new Set(["said", "acted", "whispered"]);

/** What makes two nicks the same, near enough for a picture of them: the server knows exactly. */
export const key = (nick) => nick.normalize("NFKC").toLowerCase();

const LOCALS = 200;
let told = 0;

/** A room, a conversation of two (its `id` begins with `@`), or the place for notices of who is in no room. */
export class Room {
  topic = "";
  /** Everyone here, by `key`: nick, role, away, connected, idle, door. */
  people = new Map();
  role = "guest";
  settings = {};
  muted = new Set();
  timeline = new Timeline();
  /** What only we were told, each with the seq that it stands `after`. */
  locals = [];
  seen = 0;
  /** Up to where one has read; what came after that is `unread`, and `calls` of it are meant for us. */
  read = 0;
  unread = 0;
  calls = 0;
  /** The seq before the line "New messages"; null: there is none. */
  marker = null;
  /** The oldest seq that the server has, once we know. */
  oldest = null;
  /** Whether the server has told that we are here, since the connection was made. */
  confirmed = true;
  /** A conversation that was put away until somebody writes again. */
  closed = false;
  /** Where the log stood when another room was looked at. */
  view = null;

  /** @param {string} id @param {string} other in a conversation, the nick of the other one */
  constructor(id, other = "") {
    this.id = id;
    this.other = other;
  }

  /** Whether this is a conversation of two. */
  get private() {
    return this.id.startsWith("@") || this.id.startsWith("~");
  }

  /** What people call it. */
  get title() {
    if (this.private) return this.other;
    return this.id ? `#${this.id}` : "chatroom";
  }

  /** Read on from *seq*; if the journal ends before what we have seen, it is another one. */
  listen(seq) {
    const other = seq < this.seen;
    this.seen = seq;
    if (other) this.forget();
    this.read = Math.min(this.read, seq);
    this.timeline.listen(seq);
  }

  /** Drop what has been read, to read it anew. */
  forget() {
    this.timeline = new Timeline();
    this.timeline.listen(this.seen);
    this.locals = this.locals.filter((one) => one.after === this.seen);
    this.oldest = this.view = null;
  }

  /** Show what only we were told, behind the last event. */
  tell(local) {
    this.locals.push({ ...local, id: ++told, after: this.seen });
    if (this.locals.length > LOCALS) this.locals.shift();
  }

  /** All has been read. */
  catchUp() {
    const news = this.unread || this.calls;
    this.read = this.seen;
    this.unread = this.calls = 0;
    return Boolean(news);
  }

  /** What is kept over a reload. */
  kept() {
    const { id, other, seen, read, unread, calls, closed } = this;
    return { id, other, seen, read, unread, calls, closed };
  }
}

export class Rooms {
  #rooms = new Map();

  /** @param {object[]} kept what `Room.kept` gave before the page was loaded anew */
  restore(kept) {
    for (const one of kept) {
      const room = Object.assign(new Room(one.id, one.other), one);
      room.timeline.listen(room.seen);
      this.#rooms.set(room.id, room);
    }
  }

  get(id) {
    return this.#rooms.get(id);
  }

  /** All that are to be listed: rooms by name, then conversations. */
  listed() {
    const all = [...this.#rooms.values()].filter((room) => room.id && !room.closed);
    return all.sort((one, other) => one.private - other.private || one.title.localeCompare(other.title));
  }

  /** Every one of them. */
  all() {
    return [...this.#rooms.values()];
  }

  /** The seq up to which we have all, by room, as `hello` takes it. */
  seen() {
    const heard = this.all().filter((room) => room.id && !room.id.startsWith("~"));
    return Object.fromEntries(heard.map((room) => [room.id, room.seen]));
  }

  /** A connection begins: the server is about to tell where we are. */
  greet() {
    for (const room of this.#rooms.values()) room.confirmed = room.private || !room.id;
  }

  /** It has told: leave the rooms that it did not name. */
  live() {
    for (const room of this.#rooms.values()) if (!room.confirmed) this.#rooms.delete(room.id);
  }

  /** The server does not know us any more, so its numbers may have begun anew, and conversations are gone. */
  reset() {
    for (const room of this.#rooms.values()) {
      if (room.private) this.#rooms.delete(room.id);
      room.seen = room.read = 0;
      room.marker = null;
      room.forget();
    }
  }

  /** Be in the room that the reply *entered* names; *greeting*: it comes with a new connection. */
  enter(entered, greeting) {
    let room = this.#rooms.get(entered.room);
    const fresh = !room;
    if (fresh) {
      room = new Room(entered.room);
      this.#rooms.set(room.id, room);
    }
    if (fresh || greeting) {
      room.listen(entered.seq);
      if (fresh) room.read = entered.seq;
    }
    room.confirmed = true;
    room.topic = entered.topic;
    room.role = entered.role;
    room.settings = { ...entered.settings };
    const known = room.people;
    room.people = new Map(entered.people.map((nick) => [key(nick), known.get(key(nick)) ?? { nick, role: "guest" }]));
    return room;
  }

  /** Open a conversation with *nick*, of which the server need not know yet. */
  converse(nick) {
    const there = this.all().filter((room) => room.private && key(room.other) === key(nick));
    const room = there.at(-1) ?? new Room(`~${key(nick)}`, nick);
    room.closed = false;
    this.#rooms.set(room.id, room);
    return room;
  }

  /** The conversation *id*, which is one with *nick*; what was opened before the server gave it a name becomes it. */
  conversation(id, nick) {
    let room = this.#rooms.get(id);
    if (!room) {
      const opened = this.#rooms.get(`~${key(nick)}`);
      this.#rooms.delete(opened?.id);
      room = Object.assign(opened ?? new Room(id, nick), { id });
      this.#rooms.set(id, room);
    }
    if (nick) room.other = nick;
    return room;
  }

  remove(id) {
    this.#rooms.delete(id);
  }

  /**
   * Take in what an event says about the room it happened in.
   * @param {Room} room
   * @param {object} event
   * @param {string} me one's own nick
   */
  apply(room, event, me) {
    const who = key(event.nick);
    const target = event.target && key(event.target);
    switch (event.type) {
      case "joined":
        if (!room.people.has(who)) room.people.set(who, { nick: event.nick, role: "guest" });
        break;
      case "left":
        if (who !== key(me)) room.people.delete(who);
        break;
      case "renamed": {
        const person = room.people.get(who) ?? { role: "guest" };
        room.people.delete(who);
        room.people.set(key(event.new), { ...person, nick: event.new });
        break;
      }
      case "topic":
        room.topic = event.topic;
        break;
      case "setting":
        room.settings[event.setting] = event.value;
        break;
      case "role":
        if (room.people.has(target)) room.people.get(target).role = event.role || "guest";
        if (target === key(me) && room.role !== "admin") room.role = event.role || "guest";
        break;
      case "muted":
        room.muted.add(target);
        break;
      case "unmuted":
        room.muted.delete(target);
        break;
    }
  }
}

/**
 * Tell whether *event* calls for the person.
 * @param {object} event of somebody else
 * @param {string} me one's own nick
 * @param {string} notify `all`, `mentions` or `none`
 */
export function calls(event, me, notify) {
  if (!TALK.has(event.type) || notify === "none") return false;
  return notify === "all" || event.type === "whispered" || mentions(me, event.text);
}
