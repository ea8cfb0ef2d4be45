/** The log of the current room: drawing and scrolling. */

import { isolated } from "./bidi.js";
import { seek } from "./dom.js";
import { edge, pendingLines } from "./log-edges.js";
import { LogWindow, STEP } from "./log-window.js";
import { RowList } from "./row-list.js";
import { rowsOf } from "./row-model.js";
import { zoneChanged } from "./times.js";

/** @import { Slice, Target } from "./rows" */
/** @import { Finder } from "./scripts.js" */
/** @import { Session } from "./session.js" */
/** @import { Stretch } from "./types" */

/** Distance from an end, in pixels, at which the window moves: more than one turn of a wheel. */
const NEAR = 900;

/** Pixels from the end of the log that count as its end. */
const AT_END = 40;

/** Milliseconds of silence for screen readers after old rows were inserted. */
const QUIET_TIME = 400;

/** How far a page key scrolls, relative to the height. */
const PAGE = 0.9;

/** Milliseconds between looks at the system's time zone, which has no event. */
const ZONE_INTERVAL = 60_000;

/** @type {Target} */
const NO_TARGET = { seq: 0, mark: null };

export class Log {
	#session;
	#store;
	#box;
	#newestButton;
	#rows;
	#window;
	#target = NO_TARGET;
	/** How far the box was scrolled when we last looked. */
	#top = 0;
	#frame = 0;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#quiet;

	/**
	 * @param {Session} session
	 * @param {HTMLElement} box
	 * @param {HTMLElement} newestButton  Leads to the end.
	 */
	constructor(session, box, newestButton) {
		this.#session = session;
		this.#store = session.store;
		this.#box = box;
		this.#newestButton = newestButton;
		this.#rows = new RowList(box);
		this.#window = this.#newWindow();
		this.#listenToStore();
		this.#listenToPage();
	}

	#listenToStore() {
		const store = this.#store;
		store.reading = () => {
			const { following, room } = this.#window;
			return following && room === store.current && !document.hidden && document.hasFocus();
		};
		store.on("room", (renamed) => this.#show(renamed));
		store.on("log", () => this.#refresh());
		store.on("state", () => this.#refresh());
	}

	#listenToPage() {
		const seen = () => this.#markRead();
		addEventListener("focus", seen);
		document.addEventListener("visibilitychange", seen);
		document.addEventListener("visibilitychange", () => this.#followZone());
		setInterval(() => this.#followZone(), ZONE_INTERVAL);
		addEventListener("beforeprint", () => this.#showAll(true));
		addEventListener("afterprint", () => this.#showAll(false));
		this.#box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
		new ResizeObserver(() => this.#window.following && this.#scrollToEnd()).observe(this.#box);
		this.#newestButton.addEventListener("click", () => {
			this.toNewest();
			this.#box.focus();
		});
	}

	// Getting about.

	/** Go to the end. */
	toNewest() {
		if (this.#target.seq) this.#store.emit("jumped", this.#store.current, 0, false);
		this.#target = NO_TARGET;
		const { following, open } = this.#window;
		if (!following || !open) this.#begin();
		this.#look();
	}

	/**
	 * Show a message among what is around it.
	 * @param {string} id  The room's.
	 * @param {number} seq
	 * @param {Finder | null} mark  Finds the words that were searched for.
	 * @returns {Promise<boolean>}  Whether it is to be had.
	 */
	async jump(id, seq, mark) {
		const room = this.#store.rooms.get(id);
		if (!room) return false;
		const stays = room === this.#store.current;
		this.#store.select(room);
		if (!room.timeline.at(seq)) await this.#window.read(seq + STEP, 2 * STEP, seq);
		const stretch = room.timeline.at(seq);
		// In the meantime the person may have gone to another room.
		if (!stretch || this.#window.room !== room) return false;
		this.#target = { seq, mark };
		this.#begin(stretch, seq);
		const row = seek(this.#box, ".target");
		if (row) {
			this.#store.emit("jumped", room, seq, stays);
			this.#center(seek(row, "mark") ?? row);
			row.tabIndex = -1;
			row.focus({ preventScroll: true });
		}
		this.#scrolled();
		return Boolean(row);
	}

	/**
	 * Scroll by pages.
	 * @param {number} pages
	 */
	page(pages) {
		this.#box.scrollBy({ top: pages * this.#box.clientHeight * PAGE });
	}

	/** Show the current room: where the new messages begin, or its end. */
	#show(renamed = false) {
		const { current } = this.#store;
		this.#box.setAttribute("aria-label", `Messages in ${isolated(current.title)}`);
		if (renamed) return;
		this.#target = NO_TARGET;
		const seq = current.unread && current.marker !== null ? current.marker + 1 : 0;
		this.#begin(current.timeline.at(seq), seq);
		const line = seek(this.#box, ".unread");
		if (line && !this.#window.following) this.#scrollTo(line.offsetTop - this.#box.clientHeight / 4);
		this.#scrolled();
	}

	/**
	 * Begin anew: around the seq *seq* of *stretch*, or without one, at the end.
	 * @param {Stretch} [stretch]
	 * @param {number} [seq]
	 */
	#begin(stretch, seq = 0) {
		this.#beQuiet();
		this.#rows.clear();
		this.#window = this.#newWindow();
		if (stretch) this.#window.center(stretch, seq);
		this.#draw();
	}

	#newWindow() {
		return new LogWindow(this.#session, this.#store.current, () => this.#refresh());
	}

	// Drawing.

	/** Draw with the next frame: once for everything that has changed until then. */
	#refresh() {
		this.#frame ||= requestAnimationFrame(() => {
			this.#frame = 0;
			this.#draw();
			this.#look();
		});
	}

	#draw() {
		const { following, room } = this.#window;
		const slice = this.#window.slice();
		const rows = [edge(room, slice), ...this.#rowsInside(slice)];
		const anchor = following ? null : this.#rows.anchor();
		if (!following) this.#beQuiet();
		this.#rows.update(rows, this.#store.nick, this.#target);
		if (following) this.#scrollToEnd();
		else this.#scrollTo(this.#rows.scrollFor(anchor));
		this.#newestButton.hidden = following;
	}

	/** @param {Slice | null} slice */
	#rowsInside(slice) {
		const { room, end } = this.#window;
		const atEnd = !slice || slice.atEnd;
		const events = slice ? slice.events.slice(slice.from, slice.to) : [];
		const pending = atEnd ? pendingLines(this.#store, room) : [];
		const view = { nick: this.#store.nick, marker: room.marker, end: atEnd ? Infinity : end };
		return rowsOf(events, room.locals, pending, view);
	}

	/** Draw anew if the system's time zone has changed. */
	#followZone() {
		if (!zoneChanged()) return;
		this.#rows.expire();
		this.#refresh();
	}

	/**
	 * Have all that has been read of the room in the document, for printing, or only the window again.
	 * @param {boolean} whole
	 */
	#showAll(whole) {
		this.#window.whole = whole;
		this.#draw();
	}

	// Scrolling.

	/**
	 * Have *element* in the middle; of one that is too high, its beginning.
	 * @param {HTMLElement} element
	 */
	#center(element) {
		const { top, height } = element.getBoundingClientRect();
		const within = top - this.#box.getBoundingClientRect().top + this.#box.scrollTop;
		this.#scrollTo(within - Math.max(0, this.#box.clientHeight - height) / 2);
	}

	/** @param {number | null} top */
	#scrollTo(top) {
		if (top === null) return;
		if (Math.abs(this.#box.scrollTop - top) >= 1) this.#box.scrollTop = top;
		this.#top = this.#box.scrollTop;
	}

	#scrollToEnd() {
		this.#scrollTo(this.#box.scrollHeight - this.#box.clientHeight);
	}

	/** Pixels of the window that are below what is in view. */
	get #below() {
		const { scrollHeight, scrollTop, clientHeight } = this.#box;
		return scrollHeight - scrollTop - clientHeight;
	}

	#scrolled() {
		const { scrollTop } = this.#box;
		const atEnd = this.#below < AT_END && this.#window.open;
		// Who looks at the end stays there, whatever grows; who has scrolled up stays, too.
		if (atEnd || scrollTop < this.#top - 1) this.#window.following = atEnd;
		this.#top = scrollTop;
		this.#look();
	}

	/** Have rows where somebody may look next. */
	#look() {
		const up = this.#box.scrollTop < NEAR && this.#window.extendUp();
		if (up || (this.#below < NEAR && this.#window.extendDown())) this.#refresh();
		const { following } = this.#window;
		this.#newestButton.hidden = following;
		this.#box.setAttribute("aria-live", following && !this.#quiet ? "polite" : "off");
		this.#markRead();
	}

	#markRead() {
		if (this.#store.reading()) this.#store.markRead();
	}

	/** What changes now was not said just now, so it is not read out. */
	#beQuiet() {
		this.#box.setAttribute("aria-live", "off");
		clearTimeout(this.#quiet);
		this.#quiet = setTimeout(() => {
			this.#quiet = undefined;
			this.#look();
		}, QUIET_TIME);
	}
}
