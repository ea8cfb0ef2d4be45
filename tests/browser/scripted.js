/**
 * The page's state and its message box, before a scripted server whose messages arrive when a schedule says so.
 *
 * A function that returns what runs one schedule; `test_destinations.py` has it evaluated on the page.
 */
async () => {
	const { Composer } = await import("./composer.js");
	const { Session } = await import("./session.js");
	const { Store } = await import("./store.js");
	const AT = "2026-11-23T12:00:00.000Z";
	const ROOMS = ["tea", "games", "attic"];

	/** Numbers from 0 up to 1, the same for each seed (mulberry32). */
	const numbers = (seed) => () => {
		seed = (seed + 0x6d2b79f5) | 0;
		let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};

	/** A server of one page: what it was sent waits until `hears`, what it sends until `shows`. */
	class Server {
		/** What was stored: room, and text. */
		landed = [];
		asked = [];
		answers = [];
		socket = null;
		events = new Map();
		members = new Set();
		/** After which seq each room was entered. */
		joined = new Map();
		/** Identities by nick: somebody else may have a nick later. */
		people = new Map([["bob", "g1"]]);
		count = 1;
		nick = "ann";

		connect(socket) {
			this.socket = socket;
			this.asked = [];
			this.answers = [];
			socket.readyState = 1;
			socket.onopen();
		}

		hears() {
			const object = this.asked.shift();
			if (object) this.take(object);
		}

		shows() {
			const object = this.answers.shift();
			if (object) this.socket?.onmessage?.({ data: JSON.stringify(object) });
		}

		/** Append an event to a room; whoever is in it is shown it. */
		append(room, fields, ref) {
			const events = this.events.get(room) ?? [];
			this.events.set(room, events);
			const event = { room, seq: events.length + 1, at: AT, nick: this.nick, ...fields };
			const mine = ref === undefined ? event : { ...event, ref };
			events.push(mine);
			if (this.members.has(room) || room.startsWith("@")) this.answers.push(mine);
		}

		answer(object, ref) {
			this.answers.push(ref === undefined ? object : { ...object, ref });
		}

		refuse(text, ref) {
			this.answer({ type: "refused", code: "not_here", text }, ref);
		}

		/** Events after *seq* follow. */
		enter(room, ref, seq = this.events.get(room)?.length ?? 0) {
			if (!this.members.has(room)) this.joined.set(room, seq);
			this.members.add(room);
			const people = [this.nick];
			this.answer({ type: "room", room, topic: "", people, seq, recent: [], role: "guest", settings: {} }, ref);
		}

		leave(room, reason, ref) {
			this.append(room, { type: "left", reason }, ref);
			this.members.delete(room);
		}

		kick(room) {
			if (!this.members.has(room)) return;
			this.append(room, { type: "kicked", nick: "eve", target: this.nick, reason: "" });
			this.leave(room, "removed by eve");
		}

		take({ type, ref, room, text, nick, rooms, resume, seen }) {
			if (type === "hello") this.welcome(ref, resume ? seen : null, rooms);
			else if (type === "who") this.answer({ type, room, people: [], page: 1, more: 0 }, ref);
			else if (type === "join") this.enter(room, ref);
			else if (type === "whois") this.whois(nick, ref);
			else if (type === "say") this.say(room, text, ref);
			else if (type === "line") this.line(room, text, ref);
		}

		welcome(ref, seen, rooms) {
			this.answer({ type: "welcome", nick: this.nick, resume: "token", server: "scripted", commands: {} }, ref);
			const after = (room) => seen?.[room] ?? (room.startsWith("@") ? 0 : (this.joined.get(room) ?? 0));
			for (const room of seen ? [...this.members] : rooms) this.enter(room, undefined, seen ? after(room) : undefined);
			for (const [room, events] of this.events) {
				const missed = events.slice(after(room));
				if (this.members.has(room) || room.startsWith("@")) this.answers.push(...missed);
			}
			this.answer({ type: "live" });
		}

		whois(nick, ref) {
			const identity = this.people.get(nick);
			if (!identity) return this.refuse("Nobody", ref);
			const person = { nick, door: "web", idle: 0, connected: true, role: "guest", away: null };
			const conversation = `@g0:${identity}`;
			this.answer({ type: "whois", person, rooms: [], since: AT, account: "", address: "", conversation }, ref);
		}

		say(room, text, ref) {
			if (room?.startsWith("@")) {
				const [to, identity] = [...this.people].find(([, one]) => room === `@g0:${one}`) ?? [];
				if (!identity) return this.refuse("They have left.", ref);
				this.landed.push([room, text]);
				return this.append(room, { type: "whispered", text, to }, ref);
			}
			if (!this.members.has(room)) return this.refuse(`You are not in #${room}.`, ref);
			this.landed.push([room, text]);
			this.append(room, { type: "said", text }, ref);
		}

		line(room, text, ref) {
			const [, command, first, rest] = /^\/(\w+) ?(\S*) ?(.*)$/s.exec(text) ?? [];
			if (!command) return this.say(room, text, ref);
			if (command === "join") return this.enter(first, ref);
			if (command === "leave") return this.members.has(room) ? this.leave(room, "", ref) : this.refuse("No.", ref);
			if (command === "msg" && this.people.has(first)) return this.say(`@g0:${this.people.get(first)}`, rest, ref);
			if (command === "nick") {
				for (const one of this.members) this.append(one, { type: "renamed", new: first }, ref);
				this.nick = first;
				return this.answer({ type: "nick", nick: first }, ref);
			}
			this.refuse("No.", ref);
		}

		/** Bob leaves, and perhaps a stranger takes the nick. */
		change() {
			if (this.people.has("bob")) this.people.delete("bob");
			else this.people.set("bob", `g${++this.count}`);
		}

		whisper() {
			const identity = this.people.get("bob");
			if (identity) this.append(`@g0:${identity}`, { type: "whispered", nick: "bob", text: "psst", to: this.nick });
		}
	}

	/** Somebody at the page of *server*. */
	class Typist {
		constructor(server) {
			const form = document.createElement("form");
			this.box = document.createElement("textarea");
			form.append(document.createElement("ul"), document.createElement("p"), this.box);
			document.body.append(form);
			this.form = form;
			this.server = server;
			this.store = new Store();
			this.session = new Session(this.store);
			new Composer(this.session, { toNewest() {}, page() {} }, form);
			this.store.on("offer", (offer) => (this.offer = offer));
			form.addEventListener("input", () => this.store.attention?.typed());
			/** What was sent by Enter: the room on the screen, and the text. */
			this.sent = [];
			this.session.join("ann", "tea", "");
		}

		/** Write a word that names the room that the person saw when they began: who types doesn't look up. */
		writes(number) {
			this.meant ??= this.store.current.id || "nowhere";
			this.types(`${this.meant}.${number} `);
		}

		types(text) {
			this.box.value += text;
			this.box.dispatchEvent(new Event("input", { bubbles: true }));
		}

		enters() {
			const { value } = this.box;
			const { id } = this.store.current;
			this.box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
			if (value && !this.box.value) this.sent.push([id, value]);
			this.looks();
		}

		looks() {
			this.meant = undefined;
		}

		accepts() {
			this.looks();
			this.offer?.act();
		}

		chooses(number) {
			this.looks();
			const listed = this.store.rooms.listed();
			if (listed.length) this.store.select(listed[number % listed.length]);
		}

		closes() {
			this.form.remove();
		}
	}

	const settle = async () => {
		for (let turn = 0; turn < 6; turn++) await null;
	};

	const Real = window.WebSocket;

	/** Run the schedule of *seed*; return what landed, what was sent, and how much happened. */
	return async (seed, steps) => {
		const random = numbers(seed);
		const below = (count) => Math.floor(random() * count);
		const server = new Server();
		window.WebSocket = class {
			static OPEN = 1;
			readyState = 0;
			constructor() {
				queueMicrotask(() => this.onopen && server.connect(this));
			}
			send(data) {
				server.asked.push(JSON.parse(data));
			}
			close() {
				this.readyState = 3;
			}
		};
		let typed = 0;
		const done = {};
		try {
			const ann = new Typist(server);
			const flush = async () => {
				for (let turn = 0; turn < 30; turn++) {
					await settle();
					while (server.asked.length) server.hears();
					while (server.answers.length) server.shows();
				}
			};
			await flush();
			for (const room of ROOMS.slice(1)) ann.session.ask({ type: "join", room });
			await flush();
			const actions = {
				type: [12, () => ann.writes(++typed)],
				enter: [7, () => ann.enters()],
				command: [
					2,
					() => {
						if (ann.box.value) return;
						const all = ["/msg bob psst", "/leave", `/nick ann${typed}`, ...ROOMS.map((room) => `/join ${room}`)];
						ann.types(all[below(all.length)]);
						ann.enters();
					},
				],
				choose: [2, () => ann.chooses(below(9))],
				accept: [1, () => ann.accepts()],
				hears: [9, () => server.hears()],
				shows: [9, () => server.shows()],
				kick: [1, () => server.kick(ROOMS[below(ROOMS.length)])],
				change: [1, () => server.change()],
				whisper: [1, () => server.whisper()],
				cut: [0.5, () => server.socket?.onclose?.({ code: 1006 })],
				connect: [2, () => ann.session.connect()],
			};
			const total = Object.values(actions).reduce((sum, [weight]) => sum + weight, 0);
			for (let step = 0; step < steps; step++) {
				let left = random() * total;
				const [name, [, act]] = Object.entries(actions).find(([, [weight]]) => (left -= weight) < 0);
				done[name] = (done[name] ?? 0) + 1;
				act();
				await settle();
			}
			ann.session.connect();
			await flush();
			ann.closes();
			const { landed } = server;
			return { landed, sent: ann.sent, done, waiting: ann.store.outbox.size };
		} finally {
			window.WebSocket = Real;
		}
	};
}
