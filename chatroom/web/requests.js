/** The page's own requests and their replies. */

/** @import { Reply, RoomEvent } from "./protocol" */
/** @import { PendingRequest } from "./types" */

/** @type {Reply<"refused">} */
const OFFLINE = { type: "refused", code: "offline", text: "Not connected. Please try again." };

/** Pending requests; those cut off get a refusal. */
export class Requests {
	/** @type {Map<string, PendingRequest>} */
	#waiting = new Map();
	#count = 0;

	/**
	 * @param {(ref: string) => boolean} send  Tells whether it could be sent.
	 * @param {boolean} [told]  Whether the log shows the reply, too, if it is no refusal.
	 * @returns {Promise<Reply | RoomEvent>}
	 */
	ask(send, told = false) {
		const ref = `?${++this.#count}`;
		if (!send(ref)) return Promise.resolve(OFFLINE);
		return new Promise((resolve) => this.#waiting.set(ref, { resolve, told }));
	}

	/**
	 * Take out what waits for the reply with *ref*, if it is one that the page has asked for.
	 * @param {string | undefined} ref
	 */
	take(ref) {
		if (ref === undefined) return undefined;
		const request = this.#waiting.get(ref);
		this.#waiting.delete(ref);
		return request;
	}

	/** The connection is lost: nobody will answer. */
	fail() {
		const waiting = [...this.#waiting.values()];
		this.#waiting.clear();
		for (const { resolve } of waiting) resolve(OFFLINE);
	}
}
