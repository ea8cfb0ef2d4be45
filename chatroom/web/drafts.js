/** Drafts: what is not sent yet, kept for each person and place, so that tabs and persons don't overwrite each other's. */

import { local } from "./storage.js";
import { untrustedDraft } from "./untrusted.js";

/** Longest draft that the browser keeps, in characters: its storage is small. */
const MAX_LENGTH = 65_536;

/** Maximum drafts that the browser keeps: those of people who never came back go first. */
const MAX_DRAFTS = 200;

export class Drafts {
	/** @type {Map<string, string>} What this page knows, which goes without storage, too. */
	#known = new Map();
	/** Whose drafts these are. */
	#person = "";

	/** @param {string} person  An id of their session, not a nick: others may have that later. */
	constructor(person) {
		this.#person = person;
	}

	/** @param {string} room */
	#name(room) {
		return `draft.${this.#person}.${room}`;
	}

	/**
	 * Return what was being written in a room.
	 * @param {string} room
	 */
	get(room) {
		return this.#known.get(room) ?? untrustedDraft(local.get(this.#name(room))).text;
	}

	/**
	 * @param {string} room
	 * @param {string} text  "" forgets the draft.
	 */
	set(room, text) {
		if (text === this.get(room)) return;
		this.#known.set(room, text);
		if (!text || text.length > MAX_LENGTH) {
			local.remove(this.#name(room));
			return;
		}
		local.set(this.#name(room), { text, at: Date.now() });
		makeSpace();
	}

	/** Forget all drafts of this person. */
	clear() {
		this.#known.clear();
		for (const name of local.names(`draft.${this.#person}.`)) local.remove(name);
	}
}

function makeSpace() {
	const names = local.names("draft.");
	if (names.length <= MAX_DRAFTS) return;
	const kept = names.map((name) => ({ name, at: untrustedDraft(local.get(name)).at }));
	kept.sort((one, other) => one.at - other.at);
	for (const { name } of kept.slice(0, names.length - MAX_DRAFTS)) local.remove(name);
}
