/** One person's conversation with the server: what to ask, what was told, what has been answered. */

import { blocks } from "./blocks.js";
import { hold } from "./claim.js";
import { masked } from "./confidential.js";
import { Emitter } from "./emitter.js";
import { Link } from "./link.js";
import { Outbox } from "./outbox.js";
import { calls, key, Room, Rooms, TALK } from "./rooms.js";
import { settings } from "./settings.js";
import { tab } from "./storage.js";
import { replyRows } from "./words.js";

const PAGE = 200;
const ABOUT_THE_LOGIN = ["wrong_password", "insecure", "too_soon", "not_now"];
const FOR_GOOD = ["banned", "not_allowed", "nick_taken", "bad_name", "too_long"];
const UNSHOWN = new Set(["pong", "welcome", "room", "live", "history", "found", "password_wanted", "goodbye"]);

/**
 * Tells by `on`: `state`, `rooms` (any room, its people or counts), `log` (what is said in the current room),
 * `room` (another one is current), `refused` (why we are not let in), `out` (we have left), `call` (somebody
 * means us), `password`, `found`, `jump`, `restore` (a text that was not said), `preferences`, `upgraded`.
 */
export class Chat extends Emitter {
  /** `out`, `greeting`, `replaying`, `live`, `waiting` (for the connection) or `ended` (by the server). */
  state = "out";
  nick = "";
  /** The account that one is logged in to, and `account` or `admin`. */
  account = "";
  role = "";
  /** What can be typed, by usage, and what it does. */
  commands = {};
  server = "";
  preferences = { ignore: [], notify: "", away: null };
  outbox = new Outbox();
  rooms = new Rooms();
  /** Where one is when one is in no room. */
  nowhere = new Room("");
  /** @type {Room} the one that is looked at */
  current = this.nowhere;
  /** Seconds until the next attempt to connect. */
  delay = 0;
  /** Tells whether the end of the current room is before somebody's eyes. */
  reading = () => false;

  #link = new Link({
    opened: () => this.#greet(),
    received: (objects) => this.#receive(objects),
    lost: (code) => this.#lost(code),
    waiting: (seconds) => {
      this.delay = seconds;
      this.emit("state");
    },
  });
  #token = "";
  #wanted = ["lobby"];
  #password = "";
  #greeted = false;
  #leaving = false;
  #farewell = "";
  #asked = new Map();
  #asks = 0;
  #saving = 0;

  // Coming and going.

  /** Come in as *nick*, into *room*; with a *password*, as the account of that name. */
  join(nick, room, password = "") {
    Object.assign(this, { nick });
    this.#password = password;
    this.#wanted = [...new Set([...this.#names(), room.replace(/^#/, "") || "lobby"])];
    this.#leaving = false;
    this.#state("greeting");
    this.#link.open(false);
  }

  /** Go on with the session *kept* from before the page was loaded anew. */
  resume(kept) {
    this.nick = kept.nick;
    this.account = kept.account;
    this.#token = kept.token;
    this.rooms.restore(kept.rooms);
    this.outbox.restore(kept.outbox);
    for (const room of this.rooms.all()) if (room.unread) room.marker = room.read;
    this.current = this.rooms.get(kept.current) ?? this.rooms.listed()[0] ?? this.nowhere;
    this.#greeted = true;
    this.#state("waiting");
    this.emit("room");
    this.#link.open(true);
  }

  /** Connect now, rather than when the time has come, or after the server has ended it. */
  connect() {
    this.#farewell = "";
    this.#link.open(true);
  }

  /** Say goodbye. */
  leave() {
    this.#leaving = true;
    if (!this.#link.send({ type: "quit" })) this.#out("");
  }

  /** What is kept over a reload; null if there is no session. */
  kept() {
    if (!this.#token) return null;
    const rooms = this.rooms.all().filter((room) => !room.id.startsWith("~"));
    return {
      nick: this.nick,
      account: this.account,
      token: this.#token,
      current: this.current.id,
      rooms: rooms.map((room) => room.kept()),
      outbox: this.outbox.kept(),
    };
  }

  /** Have the browser keep it, now. */
  save() {
    clearTimeout(this.#saving);
    this.#saving = 0;
    hold(this.#token);
    tab.set("session", this.kept());
  }

  // Asking.

  /** Take what was typed in the current room; @throws {RangeError} if it cannot be sent. */
  type(text) {
    const { current } = this;
    const command = /^\/(?!\/)/.test(text);
    if (command && text.includes("\n"))
      throw new RangeError("A command is one line. To say lines of which the first begins with a slash, begin with //.");
    current.marker = null;
    for (const block of blocks(text)) {
      if (current.private && !command)
        this.send({ type: "msg", to: current.other, text: block.replace(/^\/\//, "/") }, block);
      else this.send({ type: "line", text: block, ...(current.id && { room: current.id.replace("~", "@") }) }, block);
    }
  }

  /** Have the command *values* done, now or once there is a connection; until then *text* is shown. */
  send(values, text = `/${values.type} ${values.nick ?? values.target ?? ""}`.trim()) {
    const line = this.outbox.put(values, this.current.id, masked(text));
    this.#transmit(line);
    this.#changed();
    this.save();
  }

  /**
   * Ask what only needs an answer now.
   * @returns {Promise<object>} the reply, which may be `refused`; fails if the connection does
   */
  ask(values) {
    const ref = `?${++this.#asks}`;
    return new Promise((resolve, reject) => {
      if (this.state !== "live" || !this.#link.send({ ...values, ref })) reject(new Error("offline"));
      else this.#asked.set(ref, { resolve, reject });
    });
  }

  /**
   * Read the page of *room*'s history that ends before the seq *before*.
   * @returns {Promise<boolean>} whether there was anything to read
   */
  async read(room, before, count = PAGE) {
    const answer = await this.ask({ type: "history", room: room.id, before, count, all: true }).catch(() => null);
    if (answer?.type !== "history") return false;
    const last = Math.min(before - 1, room.seen);
    const lowest = answer.events[0]?.seq ?? last + 1;
    const first = answer.more ? Math.max(1, Math.min(lowest, last - count + 1)) : lowest;
    if (!answer.more) room.oldest = lowest;
    if (first > last) return false;
    room.timeline.cover(first, last, answer.events);
    room.timeline.trim(before);
    return true;
  }

  // Rooms.

  /** Look at *room*. */
  select(room) {
    const { current } = this;
    if (room === current) return;
    if (!current.unread) current.marker = null;
    this.current = room;
    room.closed = false;
    this.refresh();
    this.emit("room");
    this.#changed();
  }

  /** Open a conversation with *nick*. */
  converse(nick) {
    this.select(this.rooms.converse(nick));
  }

  /** Put away the conversation *room* until somebody writes again. */
  close(room) {
    room.closed = true;
    room.catchUp();
    this.#elsewhere(room);
  }

  /** Ask who is here, and how they are. */
  refresh() {
    const { id, private: two } = this.current;
    if (id && !two) this.ask({ type: "who", room: id }).catch(() => {});
  }

  /** All of the current room has been seen. */
  catchUp() {
    if (this.current.catchUp()) this.#changed();
  }

  /** Show a *local* row in the current room: `kind` is `reply` or `refusal`. */
  tell(local, room = this.current) {
    room.tell(local);
    this.#changed();
  }

  /** Whether one may rule in *room*. */
  rules(room = this.current) {
    return !room.private && (room.role === "operator" || room.role === "admin" || this.role === "admin");
  }

  /** What to be notified of: `all`, `mentions` or `none`. */
  get notify() {
    return this.preferences.notify || settings.get("notify");
  }

  // The connection.

  #greet() {
    this.rooms.greet();
    const papers = this.#token
      ? { resume: this.#token, seen: this.rooms.seen() }
      : { rooms: this.#wanted, ...(this.#password && { password: this.#password }) };
    this.#state("greeting");
    this.#link.send({ type: "hello", nick: this.nick, ...papers });
  }

  #receive(objects) {
    for (const object of objects) this.#take(object);
    this.#changed();
  }

  #lost(code) {
    for (const { reject } of this.#asked.values()) reject(new Error("offline"));
    this.#asked.clear();
    if (this.state === "out") return;
    if (this.#leaving) this.#out(this.#farewell);
    else if (!this.#greeted) this.#refuse("The server cannot be reached. Please try again.");
    else if (this.#farewell && code === 1000) {
      this.#link.close(false);
      this.#state("ended", this.#farewell);
    } else this.#state("waiting");
    this.#farewell = "";
  }

  #refuse(why) {
    this.#state("out");
    this.#link.close(false);
    this.emit("refused", why);
  }

  #out(why) {
    this.#state("out");
    this.#link.close(false);
    this.#token = this.account = this.role = this.#farewell = "";
    this.#greeted = this.#leaving = false;
    this.outbox.clear();
    this.rooms = new Rooms();
    this.current = this.nowhere = new Room("");
    this.save();
    this.emit("out", why);
  }

  #state(state, why = "") {
    this.state = state;
    this.emit("state", why);
  }

  #transmit(line) {
    if (this.state === "live") this.#link.send({ ...line.values, ref: line.ref });
  }

  #changed() {
    this.emit("rooms");
    this.emit("log");
    this.#saving ||= setTimeout(() => this.save(), 200);
  }

  #names() {
    return this.rooms.listed().filter((room) => !room.private).map((room) => room.id);
  }

  // What the server tells.

  #take(told) {
    const expired = told.type === "left" && this.state !== "live";
    // A session that ran out while we were away has left, but not because it was asked to.
    const line = expired ? undefined : this.outbox.answered(told.ref);
    if (told.seq && told.at && told.room) this.#happened(told, line);
    else {
      const asked = this.#asked.get(told.ref);
      this.#asked.delete(told.ref);
      this.#reply(told, line, asked);
      asked?.resolve(told);
    }
  }

  #happened(event, line) {
    const mine = event.ref !== undefined || key(event.nick) === key(this.nick);
    let room = this.rooms.get(event.room);
    if (event.room.startsWith("@")) {
      const other = event.type === "whispered" ? (mine ? event.to : event.nick) : room?.other;
      if (!other) return;
      room = this.rooms.conversation(event.room, other);
      if (!room.timeline.newest) room.timeline.listen(event.seq - 1);
      room.closed = false;
      if (line && this.current.id === line.room && this.current !== room) this.select(room);
    }
    if (!room || event.seq <= room.seen) return;
    if (event.seq === 1) room.oldest = 1;
    const before = room.seen;
    room.seen = event.seq;
    room.timeline.append(event);
    this.rooms.apply(room, event, this.nick);
    if (event.type === "renamed" && !mine)
      for (const one of this.rooms.all()) if (key(one.other) === key(event.nick)) one.other = event.new;
    if (event.type === "left" && mine && this.state === "live") this.#removed(room);
    else this.#count(room, event, mine, before);
  }

  #count(room, event, mine, before) {
    if (room === this.current && this.reading()) room.read = event.seq;
    else if (TALK.has(event.type) && !mine) {
      if (!room.unread++) room.marker = before;
      if (calls(event, this.nick, this.notify)) {
        room.calls++;
        this.emit("call", room, event);
      }
    }
  }

  #removed(room) {
    this.rooms.remove(room.id);
    this.#elsewhere(room);
  }

  #elsewhere(room) {
    if (this.current === room) this.select(this.rooms.listed()[0] ?? this.nowhere);
    this.#changed();
  }

  #reply(told, line, asked) {
    const handle = this.#replies[told.type];
    if (told.type === "refused" && this.#turnedAway(told)) return;
    const room = (line && this.rooms.get(line.room)) ?? this.current;
    if (handle?.(told, line, asked) === false || asked || UNSHOWN.has(told.type)) return;
    const rows = replyRows(told);
    if (rows) room.tell({ kind: told.type === "refused" ? "refusal" : "reply", rows });
    if (told.type === "refused" && line && !line.text.startsWith("/")) this.emit("restore", line.room, line.text);
  }

  /** What follows from each reply; false: it is not shown. */
  #replies = {
    welcome: (told) => {
      this.nick = told.nick;
      this.#token = told.resume;
      this.commands = told.commands;
      if (this.server && this.server !== told.server) this.emit("upgraded");
      this.server ||= told.server;
      this.#greeted = true;
      this.#state("replaying");
    },
    room: (told) => {
      const greeting = this.state !== "live";
      const room = this.rooms.enter(told, greeting);
      if (this.current === this.nowhere)
        for (const local of this.nowhere.locals.splice(0)) room.locals.push({ ...local, after: room.seen });
      if (!greeting || this.current === this.nowhere) this.select(room);
    },
    live: () => {
      this.rooms.live();
      this.#password = "";
      this.#link.steady();
      this.#state("live");
      if (this.current.id && !this.rooms.get(this.current.id)) this.#elsewhere(this.current);
      for (const line of this.outbox.all) this.#transmit(line);
      this.refresh();
    },
    nick: (told) => {
      this.nick = told.nick;
      this.emit("state");
    },
    who: (told) => {
      const room = this.rooms.get(told.room);
      if (!room) return;
      room.people = new Map(told.people.map((person) => [key(person.nick), person]));
      room.role = room.people.get(key(this.nick))?.role ?? room.role;
    },
    gap: (told) => {
      const room = this.rooms.get(told.room);
      if (!room) return false;
      if (told.last > room.seen) {
        room.seen = told.last;
        room.timeline.append({ ...told, seq: told.last });
      }
      return false;
    },
    history: (told, line, asked) => {
      if (asked) return;
      if (line) this.emit("jump", told.room, told.events[0]?.seq);
      else this.#waited(told);
    },
    found: (told, line, asked) => asked || this.emit("found", told),
    password_wanted: (told) => this.emit("password", told),
    logged_in: (told, line) => {
      const news = this.account !== told.account || this.role !== told.role;
      Object.assign(this, { account: told.account, role: told.role });
      this.#token = told.resume || this.#token;
      this.#password = "";
      this.emit("state");
      this.refresh();
      return Boolean(line) || news;
    },
    logged_out: (told) => {
      this.account = this.role = "";
      this.#token = told.resume || this.#token;
      this.emit("state");
      this.refresh();
    },
    preferences: (told, line) => {
      this.preferences = told;
      // Who is not to be heard is the server's to say: so what has been read is read anew.
      if (told.changed.includes("ignore")) {
        for (const room of this.rooms.all()) room.forget();
        this.emit("room");
      }
      if (told.changed.includes("color")) settings.set("colours", told.color);
      this.emit("preferences");
      return Boolean(line);
    },
    goodbye: (told, line) => {
      this.#farewell = told.text;
      if (line || this.#leaving) {
        this.#leaving = true;
        this.#out(told.text);
      }
    },
  };

  /** What was said to us while we were away comes as a page of history, before the conversation goes on. */
  #waited(told) {
    const first = told.events[0];
    const other = told.events.map((one) => (key(one.nick) === key(this.nick) ? one.to : one.nick))[0];
    if (!other) return;
    const room = this.rooms.conversation(told.room, other);
    for (const event of told.events) {
      if (!room.timeline.newest) room.timeline.listen(first.seq - 1);
      this.#happened(event, undefined);
    }
  }

  /** Deal with a refusal to let us in, or to log us in; false if it is about something else. */
  #turnedAway({ code, text }) {
    if (this.state === "greeting") {
      if (code === "cannot_resume" && this.#token) {
        this.#wanted = this.#names();
        if (!this.#wanted.length) this.#wanted = ["lobby"];
        this.#token = "";
        this.rooms.reset();
        this.#greet();
      } else if (!this.#greeted || FOR_GOOD.includes(code)) {
        this.#password = "";
        this.#refuse(text);
      } else this.#link.close(true);
      return true;
    }
    if (this.state === "replaying" && this.#password && !this.account && ABOUT_THE_LOGIN.includes(code)) {
      this.#password = "";
      this.#link.send({ type: "quit" });
      this.#out("");
      this.emit("refused", text);
      return true;
    }
    return false;
  }
}
