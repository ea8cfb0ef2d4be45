/** Handshake: what to put into `hello`, and how to handle its refusal. */

import { MAX_OBJECT, wireSize } from "./input.js";

/** @import { ReplyFields } from "./protocol" */
/** @import { Store } from "./store.js" */
/** @import { State, Verdict } from "./types" */

/** Refusals of the login only: we are in as a guest. */
const LOGIN_FAILED = new Set(["wrong_password", "insecure", "too_soon", "not_now"]);

/** Refusals that make retrying pointless. */
const FINAL = new Set(["banned", "not_allowed", "nick_taken", "bad_name", "too_long"]);

/** Bytes of what was seen; the rest of hello is a token, a nick and a few words. */
const MAX_SEEN = MAX_OBJECT - 6000;

export class Handshake {
	/** What resumes our session; "" if there is none. */
	token = "";
	/** Whether we have ever been welcomed; before that, a failure is told and not tried again. */
	greeted = false;
	/** @type {string[]} The rooms to ask for in a hello without a token. */
	#rooms = [];
	/** Goes with that hello; forgotten as soon as we are in. */
	#password = "";
	/** The version of the server that this page belongs to. */
	#server = "";
	/** The account that was lost with a session. */
	#lapsed = "";
	/** Whether the session may be over, since another tab has left it behind. */
	#stale = false;
	/** Whether to become a further session of the person with the token, because another tab goes on with it. */
	#attach = false;

	/**
	 * @param {Store} store
	 * @param {string} room  "" for the lobby.
	 * @param {string} password  "" for a guest.
	 */
	begin({ rooms }, room, password) {
		const name = room || "lobby";
		// An account comes back to where it was, unless another room is named.
		this.#rooms = [...new Set(password && name === "lobby" ? rooms.names() : [...rooms.names(), name])];
		this.#password = password;
	}

	/**
	 * @param {string} token
	 * @param {boolean} stale
	 */
	resume(token, stale) {
		this.token = token;
		this.#stale = stale;
		this.greeted = true;
	}

	/** @param {string} token  Another tab's. */
	attach(token) {
		this.token = token;
		this.#attach = true;
	}

	/** @param {Store} store  Whose session is lost, and whose rooms are asked for again. */
	beginAnew(store) {
		this.#lapsed = store.account;
		this.#rooms = store.rooms.names();
		this.token = "";
	}

	forgetPassword() {
		this.#password = "";
	}

	/** @param {Store} store */
	hello(store) {
		const hello = { type: "hello", nick: store.nick };
		if (this.#attach) return { ...hello, resume: this.token, attach: true };
		if (this.token) return { ...hello, resume: this.token, seen: fitting(store.rooms.seen()) };
		const named = this.#rooms.length > 0 && { rooms: this.#rooms };
		return { ...hello, ...named, ...(this.#password && { password: this.#password }) };
	}

	/**
	 * @param {ReplyFields["welcome"]} welcome
	 * @returns {boolean}  Whether the server is of another version than the page.
	 */
	welcomed({ resume, server }) {
		const upgraded = this.#server !== "" && this.#server !== server;
		this.token = resume;
		this.#attach = false;
		this.#server ||= server;
		this.greeted = true;
		return upgraded;
	}

	/** @returns {string}  The account that was lost with the former session, if there was one. */
	completed() {
		const lapsed = this.#lapsed;
		this.#password = this.#lapsed = "";
		this.#stale = false;
		return lapsed;
	}

	/**
	 * @param {string} code
	 * @param {State} state
	 * @returns {Verdict}
	 */
	judge(code, state) {
		if (state === "greeting") {
			if (code === "cannot_resume" && (this.#stale || this.#attach)) return "over";
			if (code === "cannot_resume" && this.token) return "anew";
			return !this.greeted || FINAL.has(code) ? "final" : "retry";
		}
		return state === "replaying" && this.#password && LOGIN_FAILED.has(code) ? "login" : "none";
	}
}

/**
 * Leave out what would make hello too long; of those rooms the server sends everything again.
 * @param {Record<string, number>} seen
 */
function fitting(seen) {
	let left = MAX_SEEN;
	return Object.fromEntries(Object.entries(seen).filter((entry) => (left -= wireSize(entry)) > 0));
}
