/** Calls the person: title and icon, notifications of the desktop, and a sound. */

import { byId } from "./dom.js";
import { settings } from "./storage.js";

const PAUSE = 1500;

/** Begin to. */
export function makeCalling(chat) {
	let sound = null;
	let rung = -PAUSE;

	const allowed = () => window.Notification?.permission === "granted";
	const allow = async () => {
		if (window.Notification?.permission === "default") await Notification.requestPermission();
		return allowed();
	};

	function ring() {
		if (performance.now() - rung < PAUSE) return;
		rung = performance.now();
		sound ??= new AudioContext();
		sound.resume();
		const { currentTime: now } = sound;
		const tone = sound.createOscillator();
		const volume = sound.createGain();
		tone.frequency.setValueAtTime(660, now);
		tone.frequency.setValueAtTime(880, now + 0.12);
		volume.gain.setValueAtTime(0.1, now);
		volume.gain.exponentialRampToValueAtTime(0.0001, now + 0.4);
		tone.connect(volume).connect(sound.destination);
		tone.start();
		tone.stop(now + 0.4);
	}

	chat.on("called", (room, { nick, text }) => {
		if (settings.sound) ring();
		if (!settings.desktop || !allowed()) return;
		try {
			const title = room.private ? nick : `${nick} in ${room.title}`;
			const note = new Notification(title, { body: text.slice(0, 200), tag: room.id });
			note.onclick = () => {
				window.focus();
				chat.select(room);
				note.close();
			};
		} catch {
			// Not in every browser.
		}
	});

	chat.on("rooms", () => {
		const rooms = chat.rooms.listed();
		const calls = rooms.reduce((sum, room) => sum + room.calls, 0);
		const mark = calls ? `(${calls}) ` : rooms.some((room) => room.unread) ? "• " : "";
		const title = chat.current.id ? `${mark}${chat.current.title} – chatroom` : "chatroom";
		if (document.title === title) return;
		document.title = title;
		byId("favicon").href = calls ? "favicon-new.svg" : "favicon.svg";
	});
	chat.on("out", () => (document.title = "chatroom"));
	return { allowed, allow, ring };
}
