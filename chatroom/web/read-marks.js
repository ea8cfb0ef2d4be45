/** Read marks: tells the server, now and then, how far we have read each room. */

/** @import { Room } from "./rooms.js" */
/** @import { Session } from "./session.js" */

/** Milliseconds between two of the same room. */
const INTERVAL = 1000;

/** @param {Session} session */
export function sendReadMarks(session) {
	const { store } = session;
	/** @type {Map<string, ReturnType<typeof setTimeout>>} Rooms that were told of just now. */
	const resting = new Map();

	/** @param {Room} room */
	const tell = (room) => {
		const { id, seen, read } = room;
		if (resting.has(id) || read === null || seen <= read || store.state !== "live") return;
		room.read = seen;
		session.ask({ type: "read", room: id, seq: seen });
		const rested = () => {
			resting.delete(id);
			if (room === store.current && store.reading()) tell(room);
		};
		resting.set(id, setTimeout(rested, INTERVAL));
	};
	store.on("reading", tell);
}
