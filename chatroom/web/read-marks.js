/** Read marks: tells the server, now and then, how far we have read each room. */

/** @import { Room } from "./rooms.js" */
/** @import { Session } from "./session.js" */

/** Milliseconds between two of the same room. */
const INTERVAL = 1000;

/** @param {Session} session */
export function sendReadMarks(session) {
	const { store } = session;
	/** @type {Map<string, number>} Rooms that were told of just now, and how far they have been read since. */
	const resting = new Map();

	/**
	 * @param {Room} room
	 * @param {number} seq
	 */
	const tell = (room, seq) => {
		const { id, read } = room;
		if (read === null || seq <= read || store.state !== "live") return;
		const rests = resting.has(id);
		resting.set(id, rests ? seq : 0);
		if (rests) return;
		room.read = seq;
		session.ask({ type: "read", room: id, seq });
		const rested = () => {
			const since = resting.get(id) ?? 0;
			resting.delete(id);
			tell(room, Math.min(since, room.seen));
		};
		setTimeout(rested, INTERVAL);
	};
	store.on("reading", (room) => tell(room, room.seen));
}
