/** Calls the person: the page's title and icon, and if they wish, notifications of the desktop and a sound. */

import { byId } from "./dom.js";
import { settings } from "./settings.js";

const PAUSE = 1500;

export class Calling {
  #chat;
  #sound = null;
  #rung = 0;

  /** @param {Chat} chat @param {Log} log */
  constructor(chat) {
    this.#chat = chat;
    chat.on("rooms", () => this.#label());
    chat.on("room", () => this.#label());
    chat.on("out", () => this.#label());
    chat.on("call", (room, event) => this.#call(room, event));
  }

  /** Whether the browser has notifications here at all. */
  get possible() {
    return "Notification" in window && isSecureContext;
  }

  /** Whether the browser lets us notify. */
  get allowed() {
    return this.possible && Notification.permission === "granted";
  }

  /** Ask for that; returns whether it does. */
  async allow() {
    if (this.possible && Notification.permission === "default") await Notification.requestPermission();
    return this.allowed;
  }

  /** Make a short, quiet sound of two notes. */
  ring() {
    if (performance.now() - this.#rung < PAUSE) return;
    this.#rung = performance.now();
    try {
      this.#sound ??= new AudioContext();
      this.#sound.resume();
      [660, 880].forEach((pitch, index) => this.#note(pitch, this.#sound.currentTime + index * 0.12));
    } catch {
      // No sound here.
    }
  }

  #note(pitch, at) {
    const tone = this.#sound.createOscillator();
    const volume = this.#sound.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
    tone.connect(volume).connect(this.#sound.destination);
    tone.start(at);
    tone.stop(at + 0.32);
  }

  #call(room, event) {
    if (settings.get("sound")) this.ring();
    if (!settings.get("desktop") || !this.allowed) return;
    try {
      const title = room.private ? event.nick : `${event.nick} in ${room.title}`;
      const note = new Notification(title, { body: event.text.slice(0, 200), tag: room.id, icon: byId("favicon").href });
      note.onclick = () => {
        window.focus();
        this.#chat.select(room);
        note.close();
      };
    } catch {
      // Some browsers have notifications for installed pages only.
    }
  }

  #label() {
    const { current, rooms, state } = this.#chat;
    const all = rooms.listed();
    const calls = all.reduce((sum, room) => sum + room.calls, 0);
    const news = all.some((room) => room.unread);
    const start = calls ? `(${calls}) ` : news ? "• " : "";
    const title = state === "out" || !current.id ? "chatroom" : `${start}${current.title} – chatroom`;
    if (document.title !== title) document.title = title;
    const icon = new URL(calls ? "favicon-new.svg" : "favicon.svg", document.baseURI).href;
    if (byId("favicon").href !== icon) byId("favicon").href = icon;
  }
}
