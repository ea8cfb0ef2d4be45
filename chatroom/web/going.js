/** Going: to a room or a conversation that may not be open yet; whoever types in the meantime stays where they are. */

/** @import { Session } from "./session.js" */

/**
 * Go to a room, or join it.
 * @param {Session} session
 * @param {string} room  With or without its `#`.
 * @param {string} [key]
 * @returns {Promise<string>}  What is wrong, if anything.
 */
export async function enter(session, room, key = "") {
	const { store } = session;
	const name = room.trim().replace(/^#/, "");
	const known = store.rooms.get(name.toLowerCase());
	if (known) {
		store.select(known);
		return "";
	}
	const mark = store.attention.mark(store.current);
	const reply = await session.ask({ type: "join", room: name, ...(key && { key }) });
	if (reply.type === "refused") return reply.text;
	const joined = reply.type === "room" && store.rooms.get(reply.room);
	if (joined) store.arrive(joined, mark);
	return "";
}

/**
 * As `enter`, but what is wrong is told in the log.
 * @param {Session} session
 * @param {string} room
 */
export async function go(session, room) {
	const problem = await enter(session, room);
	if (problem) session.store.note(problem);
}

/**
 * Open the conversation with the person who is called *nick* now, whatever they will be called later.
 * @param {Session} session
 * @param {string} nick
 */
export async function converse(session, nick) {
	const { store } = session;
	const mark = store.attention.mark(store.current);
	const reply = await session.ask({ type: "whois", nick });
	if (reply.type === "refused") store.note(reply.text);
	if (reply.type !== "whois" || !reply.conversation) return;
	const known = store.rooms.has(reply.conversation);
	const room = store.rooms.conversation(reply.conversation, reply.person.nick);
	if (!known) room.begun = true;
	store.arrive(room, mark);
	store.changed();
}

/** @type {Set<string>} Nicks taken while nothing could be asked. */
export const renamed = new Set();

/**
 * Have the conversation with the person who is called *nick* now under that name, if there is one.
 * @param {Session} session
 * @param {string} nick
 */
export async function rename(session, nick) {
	const { store } = session;
	renamed.add(nick);
	if (store.state !== "live") return;
	renamed.delete(nick);
	const reply = await session.ask({ type: "whois", nick });
	const room = reply.type === "whois" && store.rooms.get(reply.conversation ?? "");
	if (!room) return;
	room.other = reply.person.nick;
	if (room === store.current) store.emit("room", true);
	store.changed();
}
