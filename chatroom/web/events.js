/** Event emitter of the page; `page-events.d.ts` lists all events. */

/** @import { Listener, PageEvents } from "./page-events" */

export class Emitter {
	/** @type {{ [K in keyof PageEvents]?: Listener<K>[] }} */
	#listeners = {};

	/**
	 * Call *listener* at each *event*.
	 * @template {keyof PageEvents} K
	 * @param {K} event
	 * @param {Listener<K>} listener
	 */
	on(event, listener) {
		/** @type {Listener<K>[]} */
		const listeners = (this.#listeners[event] ??= []);
		listeners.push(listener);
	}

	/**
	 * Call everyone who listens to *event*; one who fails doesn't keep it from the others.
	 * @template {keyof PageEvents} K
	 * @param {K} event
	 * @param {PageEvents[K]} details
	 */
	emit(event, ...details) {
		for (const listener of this.#listeners[event] ?? []) {
			try {
				listener(...details);
			} catch (error) {
				queueMicrotask(() => {
					throw error;
				});
			}
		}
	}
}
