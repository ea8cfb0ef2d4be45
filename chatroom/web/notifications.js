/** Notifications: title, icon, desktop notifications and a sound. */

import { isolated } from "./bidi.js";
import { byId } from "./dom.js";
import { settings } from "./settings.js";

/** @import { Talk } from "./protocol" */
/** @import { Room } from "./rooms.js" */
/** @import { Session } from "./session.js" */

/** Minimum milliseconds between sounds. */
const SOUND_INTERVAL = 1500;

/** The sound: two tones, at these frequencies in hertz, and for so many seconds. */
const TONES = [660, 880];
const FIRST_TONE = 0.12;
const WHOLE_SOUND = 0.4;
const VOLUME = 0.1;

/** Maximum characters of a message in a notification. */
const MAX_BODY = 200;

export class Notifications {
	#store;
	/** @type {AudioContext | undefined} */
	#audio;
	#rungAt = -SOUND_INTERVAL;

	/** @param {Session} session */
	constructor({ store }) {
		this.#store = store;
		store.on("called", (room, event) => this.#called(room, event));
		store.on("rooms", () => this.#showTitle());
		store.on("out", () => {
			document.title = "chatroom";
			byId("favicon", HTMLLinkElement).href = "favicon.svg";
		});
	}

	/** Whether the browser lets us show notifications. */
	get allowed() {
		// Browsers on telephones may have none.
		return "Notification" in window && Notification.permission === "granted";
	}

	/** Have the browser ask whether it may; tells whether it lets us. */
	async allow() {
		if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
		return this.allowed;
	}

	/** Make the sound, unless it has just been made. */
	ring() {
		if (!("AudioContext" in window) || performance.now() - this.#rungAt < SOUND_INTERVAL) return;
		this.#rungAt = performance.now();
		this.#audio ??= new AudioContext();
		// Until somebody has done something on the page, a browser may hold it back.
		this.#audio.resume();
		const now = this.#audio.currentTime;
		const tone = this.#audio.createOscillator();
		const volume = this.#audio.createGain();
		tone.frequency.setValueAtTime(TONES[0], now);
		tone.frequency.setValueAtTime(TONES[1], now + FIRST_TONE);
		volume.gain.setValueAtTime(VOLUME, now);
		volume.gain.exponentialRampToValueAtTime(VOLUME / 1000, now + WHOLE_SOUND);
		tone.connect(volume).connect(this.#audio.destination);
		tone.start();
		tone.stop(now + WHOLE_SOUND);
	}

	/**
	 * @param {Room} room
	 * @param {Talk} event
	 */
	#called(room, { nick, text }) {
		if (settings.sound) this.ring();
		if (!settings.desktop || !this.allowed) return;
		const title = room.private ? nick : `${isolated(nick)} in ${isolated(room.title)}`;
		const body = [...text].slice(0, MAX_BODY).join("");
		// A later message takes the place of an earlier one of the same room, and is heard, too.
		const options = { body, tag: room.id, renotify: true };
		try {
			const note = new Notification(title, options);
			note.onclick = () => {
				window.focus();
				this.#store.select(room);
				note.close();
			};
		} catch {
			// Chrome on Android knows the class, but wants a service worker to use it.
		}
	}

	#showTitle() {
		const { current, rooms } = this.#store;
		const listed = rooms.listed();
		const calls = listed.reduce((sum, room) => sum + room.calls, 0);
		let mark = "";
		if (calls) mark = `(${calls}) `;
		else if (listed.some((room) => room.unread)) mark = "• ";
		const title = current.id ? `${mark}${isolated(current.title)} – chatroom` : "chatroom";
		if (document.title === title) return;
		document.title = title;
		byId("favicon", HTMLLinkElement).href = calls ? "favicon-new.svg" : "favicon.svg";
	}
}
