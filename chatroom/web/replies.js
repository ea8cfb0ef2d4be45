/** Handles the server's messages: events go to the store; replies have a function here or in `session.js`. */

import { isolated } from "./bidi.js";
import { isCommand } from "./input.js";
import { replyRows } from "./phrases.js";
import { counted } from "./room-phrases.js";
import { nickKey } from "./rooms.js";
import { set } from "./settings.js";

/** @import { Reply, RoomEvent } from "./protocol" */
/** @import { ReplyHandler, ReplyHandlers } from "./reply-handlers" */
/** @import { Requests } from "./requests.js" */
/** @import { Store } from "./store.js" */
/** @import { Line, PendingRequest } from "./types" */

/** @type {ReplyHandlers} */
const REPLIES = {
	room({ room: id, seq, people, topic, role, settings, read, unread, mentions }, { store, line }) {
		const { rooms } = store;
		const greeting = store.state !== "live";
		const known = rooms.has(id);
		const room = rooms.have(id);
		if (greeting || !known) {
			room.listen(seq);
			if (typeof read === "number") room.wasRead(read, unread ?? 0, mentions ?? 0);
		}
		const before = room.people;
		Object.assign(room, { topic, role, settings, confirmed: true });
		room.people = new Map(people.map((nick) => [nickKey(nick), before.get(nickKey(nick)) ?? { nick }]));
		room.changes++;
		const { current } = store;
		if (greeting && current.id) return;
		// What we were told before there was a room to show it in.
		if (!current.id) for (const { kind, rows } of current.locals) room.show(kind, rows);
		if (greeting) store.select(room);
		else if (line) store.arrive(room, line);
	},

	read({ room: id, seq, unread, mentions }, { store }) {
		const room = store.rooms.get(id);
		if (room && seq >= (room.read ?? 0)) store.readUpTo(room, seq, unread, mentions);
		return false;
	},

	unread(_, { line }) {
		return Boolean(line);
	},

	conversations({ conversations }, { store, line }) {
		for (const { room: id, nick, seq, read, unread } of conversations) {
			const known = store.rooms.get(id);
			if (known) {
				if (nick) known.other = nick;
				continue;
			}
			const room = store.rooms.conversation(id, nick);
			room.listen(seq);
			room.wasRead(read, unread, unread);
		}
		return Boolean(line);
	},

	sessions(_, { line }) {
		return Boolean(line);
	},

	nick({ nick }, { store }) {
		store.nick = nick;
		for (const room of store.rooms.values()) if (room.own) room.other = nick;
		store.emit("state", "");
	},

	who({ room: id, people, page, more }, { store }) {
		const room = store.rooms.get(id);
		if (!room) return;
		// One page of several adds to what we know; who has left in the meantime, events have told.
		if (page === 1 && !more) room.people.clear();
		for (const person of people) room.people.set(nickKey(person.nick), person);
		room.role = room.people.get(nickKey(store.nick))?.role ?? room.role;
		room.changes++;
	},

	gap({ room: id, first, last }, { store }) {
		const room = store.rooms.get(id);
		if (!room || last <= room.seen) return;
		room.listen(last);
		const skipped = counted(last - first + 1, "line");
		room.show("reply", [`… ${skipped} skipped; scroll up to read them.`]);
	},

	history({ events }, { store, line, asked }) {
		if (!line && !asked) for (const event of events) store.happened(event);
		return Boolean(line);
	},

	found(found, { store, line }) {
		if (line) when(store, line, `The results for “${isolated(found.words)}” are here.`, () => store.emit("find", found));
	},

	password_wanted({ command, nick, wants, ref }, { store }) {
		if (command === "hello") store.emit("registered", nick);
		else store.emit("password", command, nick, wants, ref === undefined);
	},

	preferences(preferences, { store, line }) {
		const { changed, color } = preferences;
		store.prefer(preferences);
		if (changed.includes("color")) set("colours", color);
		if (changed.includes("ignore")) {
			// The server leaves out what ignored people say, so everything is read anew.
			for (const room of store.rooms.values()) room.forget();
			store.emit("room");
		}
		return Boolean(line);
	},
};

/**
 * Do at once what the person asked for with *line*; but if they have typed since, they are asked.
 * @param {Store} store
 * @param {Line} line
 * @param {string} text
 * @param {() => unknown} act
 */
function when(store, line, text, act) {
	if (store.attention.isFree(line, store.current)) act();
	else store.offer(text, "Show", act);
}

export class Dispatcher {
	#store;
	#requests;
	#handlers;
	#refused;

	/**
	 * @param {Store} store
	 * @param {Requests} requests
	 * @param {ReplyHandlers} handlers  Of those about the connection itself.
	 * @param {(refusal: Reply<"refused">) => boolean} refused  Tells whether nobody else needs to hear of a refusal.
	 */
	constructor(store, requests, handlers, refused) {
		this.#store = store;
		this.#requests = requests;
		this.#handlers = { ...REPLIES, ...handlers };
		this.#refused = refused;
	}

	/**
	 * @param {RoomEvent | Reply} object
	 * @returns {boolean}  Whether it answers something that we sent.
	 */
	take(object) {
		const { outbox, state } = this.#store;
		// A session that ran out while we were away has left by itself: that answers nothing that we sent.
		const unasked = object.type === "left" && state !== "live";
		const line = unasked ? undefined : outbox.answered(object.ref);
		const request = this.#requests.take(object.ref);
		try {
			if (isEvent(object)) this.#store.happened(object, line);
			else if (object.type !== "refused" || !this.#refused(object)) this.#handle(object, line, request);
		} finally {
			// Whoever waits for the answer gets it, even if we stumble over it.
			request?.resolve(object);
			if (line?.asks) this.#store.emit("held", outbox.asking);
		}
		return Boolean(line || request);
	}

	/**
	 * @param {Reply} reply
	 * @param {Line} [line]
	 * @param {PendingRequest} [request]  Of the part of the page that has asked for it.
	 */
	#handle(reply, line, request) {
		const handle = /** @type {ReplyHandler | undefined} */ (this.#handlers[reply.type]);
		const told = !request || (request.told && reply.type !== "refused");
		const shown = handle?.(reply, { store: this.#store, line, asked: Boolean(request) }) ?? told;
		if (shown) this.#show(reply, line);
	}

	/**
	 * @param {Reply} reply
	 * @param {Line} [line]
	 */
	#show(reply, line) {
		const store = this.#store;
		const refused = reply.type === "refused";
		const rows = replyRows(reply);
		const room = (line && store.rooms.get(line.room)) ?? store.current;
		if (rows) room.show(refused ? "refusal" : "reply", rows);
		if (refused && line && !isCommand(line.text)) store.emit("restore", line);
	}
}

/**
 * @param {RoomEvent | Reply} object
 * @returns {object is RoomEvent}
 */
const isEvent = (object) => "seq" in object && "at" in object && "room" in object;
