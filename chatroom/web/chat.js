/** One person's conversation with the server: what is asked, what was told, what has been answered. */

import { hold } from "./claim.js";
import { settings, set, tab } from "./kept.js";
import { Link } from "./link.js";
import { Outbox } from "./outbox.js";
import { calls, isTalk, key, Room, Rooms } from "./rooms.js";
import { blocks, isCommand, masked } from "./typed.js";
import { answer } from "./words.js";

const PAGE = 200;
const SAVING = 200;
const ABOUT_THE_LOGIN = /wrong_password|insecure|too_soon|not_now/;
const FOR_GOOD = /banned|not_allowed|nick_taken|bad_name|too_long/;

/** Calls back, by `on`, whoever shows it; see `#tell` for what happens. */
export class Chat {
	/** `out`, `greeting`, `replaying`, `live`, `waiting` to connect again, or `ended` by the server. */
	state = "out";
	nick = "";
	/** What one is logged in to, and as what: `account` or `admin`. */
	account = "";
	role = "";
	/** What can be typed, and what it does. */
	commands = {};
	preferences = { ignore: [], notify: "", away: null };
	outbox = new Outbox();
	rooms = new Rooms();
	/** The room that is looked at. */
	current = new Room("");
	/** Seconds until the next attempt to connect. */
	delay = 0;
	/** Tells whether the end of the current room is before somebody's eyes. */
	reading = () => false;

	#on = {};
	#token = "";
	#wanted = [];
	#password = "";
	#server = "";
	#greeted = false;
	#leaving = false;
	#farewell = "";
	#told = new Set();
	#asked = new Map();
	#asks = 0;
	#saving = 0;
	#link = new Link({
		opened: () => this.#greet(),
		received: (objects) => {
			objects.forEach((object) => this.#take(object));
			this.#changed();
		},
		lost: (code) => this.#lost(code),
		waiting: (seconds) => {
			this.delay = seconds;
			this.#tell("state");
		},
	});

	/**
	 * Have *listener* called when `state` has changed; `rooms`, or the people in them; the `log`, or which `room` is
	 * looked at; when we were `refused`, or are `out`; when somebody `called` us; when a `password` is wanted; when
	 * there is something to `find` or to `jump` to, or to `restore` what was not said; or the server was `upgraded`.
	 */
	on(kind, listener) {
		(this.#on[kind] ??= []).push(listener);
	}

	// Coming and going.

	/** Come in as *nick*, into *room*; with a *password*, as the account of that name. */
	join(nick, room, password) {
		this.nick = nick;
		this.#password = password;
		this.#wanted = [...new Set([...this.rooms.names(), room.replace(/^#/, "") || "lobby"])];
		this.#state("greeting");
		this.#link.open();
	}

	/** Go on with what was `kept` before the page was loaded anew. */
	resume({ nick, account, token, current, rooms, outbox }) {
		Object.assign(this, { nick, account });
		this.#token = token;
		for (const one of rooms) Object.assign(this.rooms.have(one.id), one).timeline.listen(one.seen);
		this.outbox.restore(outbox);
		this.current = this.rooms.get(current) ?? this.current;
		this.#greeted = this.#link.hopeful = true;
		this.#state("waiting");
		this.#tell("room");
		this.#link.open();
	}

	/** Connect now. */
	connect() {
		this.#link.hopeful = true;
		this.#link.open();
	}

	/** Say goodbye. */
	leave() {
		this.#leaving = true;
		if (!this.#link.send({ type: "quit" })) this.#out("");
	}

	/** Have the browser keep all that a reload must not lose. */
	save() {
		this.#saving = 0;
		hold(this.#token);
		const rooms = this.rooms.all().filter((room) => !room.empty);
		tab.set("session", this.#token && {
			nick: this.nick,
			account: this.account,
			token: this.#token,
			current: this.current.id,
			rooms: rooms.map((room) => room.kept()),
			outbox: this.outbox.kept(),
		});
	}

	// Asking.

	/** Say, or do, what was typed in the current room. @throws {RangeError} if it cannot be sent */
	type(text) {
		const { id, other, private: two } = this.current;
		this.current.marker = null;
		for (const block of blocks(text)) {
			if (two && !isCommand(block)) this.send({ type: "msg", to: other, text: block.replace(/^\/\//, "/") }, block);
			else this.send({ type: "line", text: block, ...(id && { room: id.replace("~", "@") }) }, block);
		}
	}

	/** Have the command *values* done, now or when there is a connection; until then *text* is shown. */
	send(values, text = `/${values.type}`) {
		const line = this.outbox.put(values, this.current.id, masked(text));
		this.#transmit(line);
		this.#changed();
		this.save();
	}

	/** Ask what needs an answer now. @returns {Promise<object>} the reply; one of type `refused`, if there is no connection */
	ask(values) {
		const ref = `?${++this.#asks}`;
		const sent = this.state === "live" && this.#link.send({ ...values, ref });
		return new Promise((resolve) => {
			if (sent) this.#asked.set(ref, resolve);
			else resolve({ type: "refused", text: "There is no connection now. Please try again." });
		});
	}

	/** Read the *count* events of *room* before the seq *before*; returns whether there are any. */
	async read(room, before, count = PAGE) {
		const { type, events, more } = await this.ask({ type: "history", room: room.id, before, count, all: true });
		if (type !== "history") return false;
		const last = Math.min(before - 1, room.seen);
		const lowest = events[0]?.seq ?? last + 1;
		// Where somebody is ignored there are fewer events than seqs.
		const first = more ? Math.max(1, Math.min(lowest, last - count + 1)) : lowest;
		if (!more) room.oldest = lowest;
		if (first <= last) room.timeline.cover(first, last, events);
		return first <= last;
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
		this.#tell("room");
		this.#changed();
	}

	/** Put the conversation *room* away. */
	close(room) {
		room.closed = true;
		room.unread = room.calls = 0;
		this.#elsewhere(room);
	}

	/** Ask who is in the current room, and how they are. */
	refresh() {
		const { id, private: two } = this.current;
		if (id && !two) this.ask({ type: "who", room: id });
	}

	/** All that was said in the current room has been seen. */
	catchUp() {
		const { current } = this;
		if (!current.unread) return;
		current.unread = current.calls = 0;
		this.#changed();
	}

	/** Tell the person something that the server did not. */
	note(kind, text) {
		this.current.tell(kind, [text]);
		this.#changed();
	}

	/** Whether one may rule in *room*. */
	rules(room) {
		return !room.private && /operator|admin/.test(room.role + this.role);
	}

	/** What to be notified of. */
	get notify() {
		return this.preferences.notify || settings.notify;
	}

	// The connection.

	#greet() {
		this.#told.clear();
		this.#state("greeting");
		const { nick, rooms } = this;
		const papers = this.#token
			? { resume: this.#token, seen: rooms.seen() }
			: { rooms: this.#wanted, ...(this.#password && { password: this.#password }) };
		this.#link.send({ type: "hello", nick, ...papers });
	}

	#lost(code) {
		const asked = [...this.#asked.values()];
		this.#asked.clear();
		for (const resolve of asked) resolve({ type: "refused", text: "The connection was lost. Please try again." });
		const why = this.#farewell;
		this.#farewell = "";
		if (this.state === "out") return;
		if (this.#leaving) this.#out(why);
		else if (!this.#greeted) this.#refuse("The server cannot be reached. Please try again.");
		else if (why && code === 1000) {
			this.#link.hopeful = false;
			this.#state("ended", why);
		} else this.#state("waiting");
	}

	#hangUp() {
		this.#state("out");
		this.#link.hopeful = false;
		this.#link.close();
	}

	#refuse(why) {
		this.#hangUp();
		this.#password = "";
		this.#tell("refused", why);
	}

	#out(why) {
		this.#hangUp();
		this.#token = this.#server = this.account = this.role = "";
		this.#greeted = this.#leaving = false;
		this.outbox.clear();
		this.rooms.clear();
		this.current = new Room("");
		this.save();
		this.#tell("room");
		this.#tell("out", why);
	}

	#state(state, why) {
		this.state = state;
		this.#tell("state", why);
	}

	#tell(kind, ...details) {
		this.#on[kind]?.forEach((listener) => listener(...details));
	}

	#changed() {
		this.#tell("rooms");
		this.#tell("log");
		this.#saving ||= setTimeout(() => this.save(), SAVING);
	}

	#transmit({ values, ref }) {
		if (this.state === "live") this.#link.send({ ...values, ref });
	}

	#elsewhere(room) {
		if (this.current === room) this.select(this.rooms.listed()[0] ?? new Room(""));
		this.#changed();
	}

	#isMe(nick) {
		return key(nick) === key(this.nick);
	}

	// What the server tells.

	#take(told) {
		const { type, ref } = told;
		// A session that ran out while we were away has left, but not because it was asked to.
		const line = type === "left" && this.state !== "live" ? undefined : this.outbox.answered(ref);
		if (told.seq && told.at && told.room) this.#happened(told, line);
		else if (type !== "refused" || !this.#turnedAway(told)) {
			const resolve = this.#asked.get(ref);
			this.#asked.delete(ref);
			const shown = this.#replies[type]?.(told, line, resolve) ?? !resolve;
			resolve?.(told);
			if (shown) this.#show(told, line);
		}
	}

	#show(told, line) {
		const rows = answer(told);
		const room = (line && this.rooms.get(line.room)) ?? this.current;
		if (rows) room.tell(told.type === "refused" ? "refusal" : "reply", rows);
		if (told.type === "refused" && line && !isCommand(line.text)) this.#tell("restore", line);
	}

	#happened(event, line) {
		const mine = "ref" in event || this.#isMe(event.nick);
		let room = this.rooms.get(event.room);
		if (event.type === "whispered") {
			room = this.rooms.conversation(event.room, mine ? event.to : event.nick);
			if (!room.timeline.newest) room.listen(event.seq - 1);
			if (line && this.current.id === line.room) this.select(room);
		}
		if (!room || event.seq <= room.seen) return;
		const before = room.seen;
		room.seen = event.seq;
		room.timeline.append(event);
		if (event.type === "left" && mine) {
			if (this.state !== "live") return;
			this.rooms.delete(room.id);
			this.#elsewhere(room);
			return;
		}
		room.apply(event);
		if (event.type === "role" && this.#isMe(event.target) && room.role !== "admin") room.role = event.role;
		if (event.type === "renamed")
			for (const one of this.rooms.values()) if (key(one.other) === key(event.nick)) one.other = event.new;
		const reading = room === this.current && this.reading();
		if (isTalk(event) && !mine && !reading) this.#count(room, event, before);
		if (reading || room !== this.current) room.timeline.shorten();
	}

	#count(room, event, before) {
		if (!room.unread++) room.marker = before;
		if (!calls(event, this.nick, this.notify)) return;
		room.calls++;
		this.#tell("called", room, event);
	}

	/** What follows from each reply, and whether it is shown, if that does not go by whether the page had asked for it. */
	#replies = {
		welcome: ({ nick, resume, commands, server }) => {
			Object.assign(this, { nick, commands });
			this.#token = resume;
			if (this.#server && this.#server !== server) this.#tell("upgraded");
			this.#server ||= server;
			this.#greeted = true;
			this.#state("replaying");
		},
		room: ({ room: id, seq, people, topic, role, settings: special }) => {
			const greeting = this.state !== "live";
			const known = this.rooms.has(id);
			const room = this.rooms.have(id);
			if (greeting || !known) room.listen(seq);
			this.#told.add(id);
			const before = room.people;
			Object.assign(room, { topic, role, settings: { ...special } });
			room.people = new Map(people.map((nick) => [key(nick), before.get(key(nick)) ?? { nick }]));
			if (greeting && this.current.id) return;
			// What was said before there was a room to say it in.
			for (const { kind, rows } of this.current.id ? [] : this.current.locals) room.tell(kind, rows);
			this.select(room);
		},
		live: () => {
			for (const room of this.rooms.all())
				if (!room.private && !this.#told.has(room.id)) {
					this.rooms.delete(room.id);
					this.#elsewhere(room);
				}
			this.#password = "";
			this.#link.steady();
			this.#state("live");
			for (const line of this.outbox.values()) this.#transmit(line);
			this.refresh();
		},
		nick: ({ nick }) => {
			this.nick = nick;
			this.#tell("state");
		},
		who: ({ room: id, people }) => {
			const room = this.rooms.get(id);
			if (!room) return;
			room.people = new Map(people.map((person) => [key(person.nick), person]));
			room.role = room.people.get(key(this.nick))?.role ?? room.role;
		},
		gap: (gap) => {
			const room = this.rooms.get(gap.room);
			if (!room || gap.last <= room.seen) return;
			room.seen = gap.last;
			room.timeline.append({ ...gap, seq: gap.last });
		},
		history: ({ room: id, events }, line, asked) => {
			if (line) this.#tell("jump", id, events[0]?.seq);
			else if (!asked) events.forEach((event) => this.#happened(event));
		},
		found: (found, line, asked) => asked || this.#tell("find", found),
		password_wanted: (wanted) => this.#tell("password", wanted),
		logged_in: ({ account, role, resume }, line) => {
			const news = this.account !== account || this.role !== role;
			Object.assign(this, { account, role });
			this.#token = resume || this.#token;
			this.#password = "";
			this.#tell("state");
			this.refresh();
			return Boolean(line) || news;
		},
		logged_out: ({ resume }) => {
			this.account = this.role = "";
			this.#token = resume || this.#token;
			this.#tell("state");
			this.refresh();
		},
		preferences: (preferences, line) => {
			const { changed, color } = (this.preferences = preferences);
			if (changed.includes("color")) set("colours", color);
			if (changed.includes("ignore")) {
				// Who is not heard is the server's to say, so all is read anew.
				this.rooms.all().forEach((room) => room.forget());
				this.#tell("room");
			}
			return Boolean(line);
		},
		goodbye: ({ text }, line) => {
			this.#farewell = text;
			if (line || this.#leaving) this.#out(text);
		},
	};

	/** Deal with not being let in, or not being logged in at the door; returns false if it is about something else. */
	#turnedAway({ code, text }) {
		if (this.state === "greeting") {
			if (code === "cannot_resume" && this.#token) {
				// It does not know us any more, so its numbers may have begun anew.
				this.#token = "";
				this.#wanted = this.rooms.names();
				for (const room of this.rooms.all()) {
					if (room.private) this.rooms.delete(room.id);
					room.listen(0);
				}
				if (!this.rooms.has(this.current.id)) this.#elsewhere(this.current);
				this.#greet();
			} else if (!this.#greeted || FOR_GOOD.test(code)) this.#refuse(text);
			else this.#link.close();
			return true;
		}
		if (this.state !== "replaying" || !this.#password || !ABOUT_THE_LOGIN.test(code)) return false;
		this.#link.send({ type: "quit" });
		this.#out("");
		this.#tell("refused", text);
		return true;
	}
}
