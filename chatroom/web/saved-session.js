/** Saved session: lets a session resume after a reload or in another tab. */

import { local, tab } from "./storage.js";
import { holdSession, isHeldElsewhere } from "./tab-lock.js";
import { untrustedSession } from "./untrusted.js";

/** @import { Store } from "./store.js" */
/** @import { FoundSession, SavedSession } from "./types" */

/** Debounce of saving, in milliseconds. */
const SAVE_DELAY = 200;

/** Saves now, or soon: whatever changes may have to be there after a reload. */
export class Saver {
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#timer;

	/** @param {() => void} save */
	constructor(save) {
		this.save = save;
	}

	soon() {
		this.#timer ??= setTimeout(() => this.now(), SAVE_DELAY);
	}

	now() {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.save();
	}
}

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

/** Forget the session, which is over; not that of another tab. */
export function forgetSession() {
	const own = untrustedSession(tab.get("session"));
	const kept = untrustedSession(local.get("session"));
	holdSession("");
	tab.remove("session");
	if (!own || own.token === kept?.token) local.remove("session");
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
 * Find a session to go on with.
 * @returns {Promise<FoundSession | null>}
 */
export async function findSession() {
	const own = untrustedSession(tab.get("session"));
	const saved = own || untrustedSession(local.get("session"));
	if (!saved) return null;
	if (await isHeldElsewhere(saved.token)) return { saved, where: "elsewhere" };
	return { saved, where: own ? "here" : "behind" };
}
