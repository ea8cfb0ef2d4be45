/** Saved session: lets a session resume after a reload or in another tab. */

import { local, tab } from "./storage.js";
import { holdSession, isHeldElsewhere } from "./tab-lock.js";
import { untrustedSession } from "./untrusted.js";

/** @import { Store } from "./store.js" */
/** @import { SavedSession } from "./types" */

/** Return what stands for a new person in what the browser keeps. */
export const newPerson = () => crypto.getRandomValues(new Uint32Array(2)).join("-");

/**
 * Save the session that *token* resumes; with "", none.
 * Seen and sent are stored as one value, so they always agree.
 * @param {string} token
 * @param {Store} store
 */
export function saveSession(token, store) {
	holdSession(token);
	if (!token) {
		tab.remove("session");
		return;
	}
	const { nick, person, account, role, current, rooms, outbox } = store;
	/** @type {SavedSession} */
	const session = {
		token,
		person,
		nick,
		account,
		role,
		current: current.id,
		rooms: rooms.all().map((room) => room.kept()),
		outbox: outbox.kept(),
	};
	tab.set("session", session);
	// Who closes this tab goes on in the next one.
	local.set("session", session);
}

/** Forget the session, for other tabs too: it is over. */
export function forgetSession() {
	holdSession("");
	tab.remove("session");
	local.remove("session");
}

/**
 * @param {SavedSession} saved
 * @param {Store} store
 */
export function restoreSession({ person, nick, account, role, rooms, outbox, current }, store) {
	Object.assign(store, { person, nick, account, role });
	for (const room of rooms) store.rooms.have(room.id).restore(room);
	store.outbox.restore(outbox);
	store.current = store.rooms.get(current) ?? store.rooms.listed()[0] ?? store.current;
}

/**
 * Find a session to resume that no other tab has.
 * @returns {Promise<{ saved: SavedSession, stale: boolean } | null>}  `stale` if it is not of this tab, and may be over.
 */
export async function findSession() {
	const own = untrustedSession(tab.get("session"));
	const saved = own || untrustedSession(local.get("session"));
	if (!saved || (await isHeldElsewhere(saved.token))) return null;
	return { saved, stale: !own };
}
