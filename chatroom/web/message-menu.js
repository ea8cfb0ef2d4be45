/** Message menu: what can be done with a message, by a pointer, a long press, or the keyboard. */

import { copyText } from "./clipboard.js";
import { button, seek } from "./dom.js";
import { isComposing } from "./keys.js";
import { openMenu } from "./menu.js";
import { messageAddress } from "./untrusted.js";

/** @import { Talk } from "./protocol" */
/** @import { Session } from "./session.js" */
/** @import { MenuItem } from "./types" */

/** Milliseconds after which a finger that stays where it is asks for the menu. */
const LONG_PRESS = 500;

/** Pixels that it may move in the meantime. */
const WOBBLE = 10;

const MESSAGE = ".message[data-seq]";

/**
 * What can be done: the name in the menu, what it does, and for which messages it is there, if not for all.
 * @type {[name: string, act: (session: Session, event: Talk) => unknown, fits?: (session: Session, event: Talk) => boolean][]}
 */
const ACTIONS = [
	["Copy text", ({ store }, { text }) => copyText(store, text)],
	[
		"Copy link",
		({ store }, { room, seq }) => copyText(store, `${location.origin}${location.pathname}${messageAddress(room, seq)}`),
	],
	["Answer", ({ store }, { seq }) => store.emit("compose", `/answer ${seq} `), (_, event) => !event.deleted],
	["React", ({ store }, { seq }) => store.emit("compose", `/react ${seq} :`), (_, event) => !event.deleted],
	[
		"Edit",
		({ store }, { seq, text }) => store.emit("rewrite", `/edit ${seq} ${text}`),
		({ store }, { nick, deleted }) => !deleted && store.isMe(nick),
	],
	[
		"Delete",
		({ store }, { seq }) => store.emit("rewrite", `/delete ${seq} `),
		({ store }, { nick, deleted }) => !deleted && (store.isMe(nick) || RULERS.has(store.current.role)),
	],
];

/** Who may delete what others have said. */
const RULERS = new Set(["operator", "admin"]);

export class MessageMenu {
	#session;
	#log;
	/** Goes to the message that is pointed at, or has the focus. */
	#button = button("", () => this.#open(), { class: "more plain small", "aria-label": "Message menu", "aria-haspopup": "menu" });
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#pressing;
	#start = { x: 0, y: 0 };

	/**
	 * @param {Session} session
	 * @param {HTMLElement} log
	 */
	constructor(session, log) {
		this.#session = session;
		this.#log = log;
		log.addEventListener("pointerover", ({ target, pointerType }) => pointerType !== "touch" && this.#offer(rowOf(target)));
		log.addEventListener("focusin", ({ target }) => this.#offer(rowOf(target)));
		log.addEventListener("keydown", (event) => this.#pressed(event));
		this.#listenToFingers();
	}

	#listenToFingers() {
		const cancel = () => clearTimeout(this.#pressing);
		this.#log.addEventListener("pointerdown", (event) => {
			cancel();
			const row = isFinger(event) && rowOf(event.target);
			this.#start = { x: event.clientX, y: event.clientY };
			if (row) this.#pressing = setTimeout(() => this.#openAt(row), LONG_PRESS);
		});
		this.#log.addEventListener("pointermove", ({ clientX, clientY }) => {
			if (Math.hypot(clientX - this.#start.x, clientY - this.#start.y) > WOBBLE) cancel();
		});
		for (const name of ["pointerup", "pointercancel"]) this.#log.addEventListener(name, cancel);
		this.#log.addEventListener("scroll", cancel, { passive: true });
		// The browser's own menu stays for links, for what is selected, and for a mouse.
		this.#log.addEventListener("contextmenu", (event) => {
			if (event instanceof PointerEvent && isFinger(event) && rowOf(event.target)) event.preventDefault();
		});
	}

	/** @param {HTMLElement | null} row */
	#offer(row) {
		// A menu that is open, or a button with the focus, stays where it is.
		if (!row || this.#button.parentElement === row) return;
		const { activeElement } = document;
		if (this.#button.getAttribute("aria-expanded") === "true" || (activeElement === this.#button && !row.contains(activeElement))) return;
		row.append(this.#button);
	}

	/** @param {HTMLElement} row */
	#openAt(row) {
		if (!row.isConnected) return;
		row.append(this.#button);
		this.#open();
	}

	#open() {
		const event = this.#eventOf(rowOf(this.#button));
		if (!event) return;
		const fitting = ACTIONS.filter(([, , fits]) => fits?.(this.#session, event) ?? true);
		const items = fitting.map(([name, act]) => /** @type {MenuItem} */ ([name, () => act(this.#session, event)]));
		openMenu(this.#button, "Message", items);
	}

	/**
	 * Return what was said in *row*.
	 * @param {HTMLElement | null} row
	 */
	#eventOf(row) {
		const seq = Number(row?.dataset.seq);
		const found = this.#session.store.current.timeline.event(seq);
		return found && "text" in found ? /** @type {Talk} */ (found) : undefined;
	}

	// Keys.

	/** @param {KeyboardEvent} event */
	#pressed(event) {
		const { key, shiftKey, altKey, ctrlKey, metaKey, target } = event;
		if (isComposing(event) || altKey || ctrlKey || metaKey) return;
		const row = rowOf(target);
		const asks = key === "ContextMenu" || (key === "F10" && shiftKey) || (key === "Enter" && target === row);
		if (asks && row) this.#openAt(row);
		else if (!shiftKey && key === "ArrowUp") this.#go(row, "previousElementSibling");
		else if (!shiftKey && key === "ArrowDown" && row) this.#go(row, "nextElementSibling");
		else return;
		event.preventDefault();
	}

	/**
	 * Have the focus on the next message; without one yet, on the last one in view.
	 * @param {HTMLElement | null} row
	 * @param {"previousElementSibling" | "nextElementSibling"} side
	 */
	#go(row, side) {
		let next = row ? row[side] : this.#lastInView();
		while (next && !next.matches(MESSAGE)) next = next[side];
		if (!(next instanceof HTMLElement)) return;
		next.tabIndex = -1;
		next.focus();
	}

	#lastInView() {
		const { bottom } = this.#log.getBoundingClientRect();
		const rows = [...this.#log.querySelectorAll(MESSAGE)].reverse();
		return rows.find((row) => row.getBoundingClientRect().top < bottom) ?? seek(this.#log, MESSAGE);
	}
}

/** @param {EventTarget | null} target */
const rowOf = (target) =>
	target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest(MESSAGE)) : null;

/** @param {PointerEvent} event  Of a finger on something that has no menu of the browser's. */
const isFinger = ({ pointerType, target }) =>
	pointerType === "touch" && target instanceof Element && !target.closest("a, button");
