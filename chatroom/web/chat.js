/** One person's conversation with the server: what is asked, told and answered. */

import { blocks, isCommand, masked } from "./input.js";
import { makeLink } from "./link.js";
import { Outbox } from "./outbox.js";
import { answer, counted } from "./phrases.js";
import { calls, isTalk, key, Room, Rooms } from "./rooms.js";
import { hold, local, set, settings, tab } from "./storage.js";

const OFFLINE = { type: "refused", text: "There is no connection now. Please try again." };
const PAGE = 200;
const SAVING = 200;
const ABOUT_THE_LOGIN = /wrong_password|insecure|too_soon|not_now/;
const FOR_GOOD = /banned|not_allowed|nick_taken|bad_name|too_long/;

/** Calls back, by `on`, as `tell` has it. */
export function makeChat() {
	const chat = {
		/** `out`, `greeting`, `replaying`, `live`, `waiting`, or `ended` by the server. */
		state: "out",
		nick: "",
		account: "",
		role: "",
		/** What each does, by how it is typed. */
		commands: {},
		preferences: { ignore: [], notify: "", away: null },
		outbox: new Outbox(),
		rooms: new Rooms(),
		current: new Room(""),
		/** Seconds to the next attempt. */
		delay: 0,
		/** Whether the end of the current room is in view. */
		reading: () => false,
		on: (kind, listener) => (listeners[kind] ??= []).push(listener),
		join,
		resume,
		connect,
		leave,
		save,
		type,
		send,
		ask,
		read,
		select,
		close,
		refresh,
		catchUp,
		note,
		rules: (room) => !room.private && /operator|admin/.test(room.role + chat.role),
		notify: () => chat.preferences.notify || settings.notify,
	};
	const { rooms, outbox } = chat;
	const listeners = {};
	const confirmed = new Set();
	const asked = new Map();
	let asks = 0;
	let token = "";
	let wanted = [];
	let password = "";
	let server = "";
	let greeted = false;
	let leaving = false;
	let farewell = "";
	let lapsed = "";
	let stale = false;
	let saving = 0;
	const link = makeLink({
		opened: greet,
		received: (objects) => {
			objects.forEach(take);
			changed();
		},
		lost,
		waiting: (seconds) => {
			chat.delay = seconds;
			tell("state");
		},
	});

	const tell = (kind, ...details) => listeners[kind]?.forEach((listener) => listener(...details));
	const isMe = (nick) => key(nick) === key(chat.nick);

	function enter(state, why) {
		chat.state = state;
		tell("state", why);
	}

	function changed() {
		tell("rooms");
		tell("log");
		saving ||= setTimeout(save, SAVING);
	}

	// Coming and going.

	function join(nick, room, secret) {
		chat.nick = nick;
		password = secret;
		wanted = [...new Set([...rooms.names(), room.replace(/^#/, "") || "lobby"])];
		enter("greeting");
		link.open();
	}

	/** Go on with what was saved before a reload; or, if *late*, before the tab was closed. */
	function resume(saved, late) {
		stale = late;
		({ token, nick: chat.nick, account: chat.account, role: chat.role } = saved);
		for (const one of saved.rooms) Object.assign(rooms.have(one.id), one).timeline.listen(one.seen);
		outbox.restore(saved.outbox);
		chat.current = rooms.get(saved.current) ?? chat.current;
		greeted = true;
		enter("waiting");
		tell("room");
		connect();
	}

	function connect() {
		link.hopeful = true;
		link.open();
	}

	function leave() {
		leaving = true;
		if (!link.send({ type: "quit" })) out("");
	}

	function save() {
		saving = 0;
		hold(token);
		const { nick, account, role, current } = chat;
		const kept = rooms.all().filter((room) => !room.empty).map((room) => room.kept());
		const session = token && { token, nick, account, role, current: current.id, rooms: kept, outbox: outbox.kept() };
		tab.set("session", session);
		// Whoever closes the tab goes on in the next one.
		if (token) local.set("session", session);
	}

	function hangUp() {
		enter("out");
		link.hopeful = false;
		link.close();
	}

	function refuse(why) {
		hangUp();
		password = "";
		tell("refused", why);
	}

	function out(why) {
		hangUp();
		local.set("session");
		token = server = chat.account = chat.role = "";
		greeted = leaving = false;
		outbox.clear();
		rooms.clear();
		chat.current = new Room("");
		save();
		tell("room");
		tell("out", why);
	}

	function lost(code) {
		const open = [...asked.values()];
		asked.clear();
		for (const resolve of open) resolve(OFFLINE);
		const why = farewell;
		farewell = "";
		if (chat.state === "out") return;
		if (leaving) out(why);
		else if (!greeted) refuse("The server cannot be reached. Please try again.");
		else if (why && code === 1000) {
			link.hopeful = false;
			enter("ended", why);
		} else enter("waiting");
	}

	// Asking.

	function transmit({ values, ref }) {
		if (chat.state === "live") link.send({ ...values, ref });
	}

	/** Say, or do, what was typed. @throws {RangeError} as `blocks` does */
	function type(text) {
		const { id, other, private: two } = chat.current;
		for (const block of blocks(text)) {
			if (two && !isCommand(block)) send({ type: "msg", to: other, text: block.replace(/^\/\//, "/") }, block);
			else send({ type: "line", text: block, ...(id && { room: id.replace("~", "@") }) }, block);
		}
		chat.current.marker = null;
	}

	/** Have *values* done, now or once there is a connection; *text* is shown until then. */
	function send(values, text = `/${values.type}`) {
		transmit(outbox.put(values, chat.current.id, masked(text)));
		changed();
		save();
	}

	/** Ask; without a connection, the reply is `refused`. */
	function ask(values) {
		const ref = `?${++asks}`;
		const sent = chat.state === "live" && link.send({ ...values, ref });
		return new Promise((resolve) => {
			if (sent) asked.set(ref, resolve);
			else resolve(OFFLINE);
		});
	}

	/** Read the *count* events of *room* before the seq *before*; returns whether there are any. */
	async function read(room, before, count = PAGE) {
		const { events, more } = await ask({ type: "history", room: room.id, before, count, all: true });
		if (!events) return false;
		const last = Math.min(before - 1, room.seen);
		const lowest = events[0]?.seq ?? last + 1;
		// Where somebody is ignored there are fewer events than seqs.
		const first = more ? Math.max(1, Math.min(lowest, last - count + 1)) : lowest;
		if (!more) room.oldest = lowest;
		if (first <= last) room.timeline.cover(first, last, events);
		return first <= last;
	}

	// Rooms.

	function select(room) {
		const { current } = chat;
		if (room === current) return;
		if (!current.unread) current.marker = null;
		chat.current = room;
		room.closed = false;
		refresh();
		tell("room");
		changed();
	}

	function elsewhere(room) {
		if (chat.current === room) select(rooms.listed()[0] ?? new Room(""));
	}

	function close(room) {
		room.closed = true;
		room.unread = room.calls = 0;
		elsewhere(room);
	}

	/** Ask how the people here are. */
	function refresh() {
		const { id, private: two } = chat.current;
		if (id && !two) ask({ type: "who", room: id });
	}

	function catchUp() {
		const { current } = chat;
		if (!current.unread) return;
		current.unread = current.calls = 0;
		changed();
	}

	function note(text) {
		chat.current.tell("refusal", [text]);
		changed();
	}

	// What the server tells.

	function greet() {
		confirmed.clear();
		enter("greeting");
		const papers = token ? { resume: token, seen: rooms.seen() } : { rooms: wanted, ...(password && { password }) };
		link.send({ type: "hello", nick: chat.nick, ...papers });
	}

	function take(told) {
		const { type, ref } = told;
		// A session that ran out while we were away has left, unasked.
		const line = type === "left" && chat.state !== "live" ? undefined : outbox.answered(ref);
		if (told.seq && told.at && told.room) return happened(told, line);
		if (type === "refused" && turnedAway(told)) return;
		const resolve = asked.get(ref);
		asked.delete(ref);
		const shown = replies[type]?.(told, line, resolve) ?? !resolve;
		resolve?.(told);
		if (shown) show(told, line);
	}

	function show(told, line) {
		const rows = answer(told);
		const refused = told.type === "refused";
		if (rows) (rooms.get(line?.room) ?? chat.current).tell(refused ? "refusal" : "reply", rows);
		if (refused && line && !isCommand(line.text)) tell("restore", line);
	}

	function happened(event, line) {
		const mine = "ref" in event || isMe(event.nick);
		let room = rooms.get(event.room);
		if (event.type === "whispered") {
			room = rooms.conversation(event.room, mine ? event.to : event.nick);
			if (!room.timeline.newest) room.listen(event.seq - 1);
			if (line && chat.current.id === line.room) select(room);
		}
		if (!room || event.seq <= room.seen) return;
		const before = room.seen;
		room.seen = event.seq;
		room.timeline.append(event);
		if (event.type === "left" && mine) {
			if (chat.state !== "live") return;
			rooms.delete(room.id);
			elsewhere(room);
			return;
		}
		if (!isTalk(event)) room.apply(event);
		if (event.type === "role" && isMe(event.target) && room.role !== "admin") room.role = event.role;
		if (event.type === "renamed")
			for (const one of rooms.values()) if (key(one.other) === key(event.nick)) one.other = event.new;
		const reading = room === chat.current && chat.reading();
		if (reading || room !== chat.current) room.timeline.shorten();
		if (reading || mine || !isTalk(event)) return;
		if (!room.unread++) room.marker = before;
		if (!calls(event, chat.nick, chat.notify())) return;
		room.calls++;
		tell("called", room, event);
	}

	/** What follows from each reply, and whether it is shown, if not just when the page has not asked for it. */
	const replies = {
		welcome: ({ nick, resume: paper, commands, server: now }) => {
			Object.assign(chat, { nick, commands });
			token = paper;
			if (server && server !== now) tell("upgraded");
			server ||= now;
			greeted = true;
			enter("replaying");
		},
		room: ({ room: id, seq, people, topic, role, settings: special }) => {
			const greeting = chat.state !== "live";
			const known = rooms.has(id);
			const room = rooms.have(id);
			if (greeting || !known) room.listen(seq);
			confirmed.add(id);
			const before = room.people;
			Object.assign(room, { topic, role, settings: special });
			room.changes++;
			room.people = new Map(people.map((nick) => [key(nick), before.get(key(nick)) ?? { nick }]));
			if (greeting && chat.current.id) return;
			// What was told before there was a room to tell it in.
			for (const { kind, rows } of chat.current.id ? [] : chat.current.locals) room.tell(kind, rows);
			select(room);
		},
		live: () => {
			for (const room of rooms.all()) {
				if (room.private || confirmed.has(room.id)) continue;
				rooms.delete(room.id);
				elsewhere(room);
			}
			if (!chat.current.id) tell("room");
			password = "";
			stale = false;
			link.steady();
			link.hopeful = true;
			enter("live");
			outbox.forEach(transmit);
			refresh();
			if (lapsed) tell("password", { command: "login", nick: lapsed });
			lapsed = "";
		},
		nick: ({ nick }) => {
			chat.nick = nick;
			tell("state");
		},
		who: ({ room: id, people, page, more }) => {
			const room = rooms.get(id);
			if (!room) return;
			if (page === 1 && !more) room.people.clear();
			for (const person of people) room.people.set(key(person.nick), person);
			room.role = room.people.get(key(chat.nick))?.role ?? room.role;
			room.changes++;
		},
		gap: ({ room: id, first, last }) => {
			const room = rooms.get(id);
			if (!room || last <= room.seen) return;
			room.listen(last);
			room.tell("reply", [`… ${counted(last - first + 1, "line")} skipped; what is still kept is further up.`]);
		},
		history: ({ room, events }, line, resolve) => {
			if (line) tell("jump", room, events[0]?.seq);
			else if (!resolve) events.forEach((event) => happened(event));
		},
		found: (found, line, resolve) => resolve || tell("find", found),
		password_wanted: (missing) => tell("password", missing),
		logged_in: ({ account, role, resume: paper }, line) => {
			const news = chat.account !== account || chat.role !== role;
			Object.assign(chat, { account, role });
			password = "";
			renew(paper);
			return Boolean(line) || news;
		},
		logged_out: ({ resume: paper }) => {
			chat.account = chat.role = "";
			renew(paper);
		},
		preferences: (preferences, line) => {
			chat.preferences = preferences;
			const { changed: now, color } = preferences;
			if (now.includes("color")) set("colours", color);
			if (now.includes("ignore")) {
				// Who is not heard is the server's to say, so all is read anew.
				rooms.forEach((room) => room.forget());
				tell("room");
			}
			return Boolean(line);
		},
		goodbye: ({ text }, line) => {
			farewell = text;
			if (line || leaving) out(text);
		},
	};

	function renew(paper) {
		token = paper || token;
		tell("state");
		refresh();
	}

	/** Whether we are not let in, or not logged in at the door. */
	function turnedAway({ code, text }) {
		if (chat.state === "greeting") {
			if (code === "cannot_resume" && stale) out("");
			else if (code === "cannot_resume" && token) {
				// It does not know us any more, so its numbers may have begun anew.
				lapsed = chat.account;
				token = chat.account = chat.role = "";
				wanted = rooms.names();
				for (const room of rooms.all()) {
					if (room.private) rooms.delete(room.id);
					room.listen(0);
				}
				if (!rooms.has(chat.current.id)) elsewhere(chat.current);
				greet();
			} else if (!greeted || FOR_GOOD.test(code)) refuse(text);
			else link.close();
			return true;
		}
		if (chat.state !== "replaying" || !password || !ABOUT_THE_LOGIN.test(code)) return false;
		link.send({ type: "quit" });
		out("");
		tell("refused", text);
		return true;
	}

	return chat;
}
