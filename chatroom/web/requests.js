/** The page's own requests and their replies. */

/** @import { Reply } from "./protocol" */

/** @type {Reply<"refused">} */
const OFFLINE = { type: "refused", code: "offline", text: "Not connected. Please try again." };

/** Pending requests; those cut off get a refusal. */
export class Requests {
	/** @type {Map<string, (reply: Reply) => void>} */
	#waiting = new Map();
	#count = 0;

	/**
	 * @param {(ref: string) => boolean} send  Tells whether it could be sent.
	 * @returns {Promise<Reply>}
	 */
	ask(send) {
		const ref = `?${++this.#count}`;
		if (!send(ref)) return Promise.resolve(OFFLINE);
		return new Promise((resolve) => this.#waiting.set(ref, resolve));
	}

	/**
	 * Take out what waits for the reply with *ref*, if it is one that the page has asked for.
	 * @param {string | undefined} ref
	 */
	take(ref) {
		if (ref === undefined) return undefined;
		const resolve = this.#waiting.get(ref);
		this.#waiting.delete(ref);
		return resolve;
	}

	/** The connection is lost: nobody will answer. */
	fail() {
		const waiting = [...this.#waiting.values()];
		this.#waiting.clear();
		for (const resolve of waiting) resolve(OFFLINE);
	}
}
