/** The log of the current room: a window of a few hundred rows over all of it, and its scrolling. */

import { isCommand } from "./input.js";
import { rowsOf } from "./row-model.js";
import { build, settle } from "./row-view.js";
import { place } from "./timeline.js";

const MOST = 240;
const STEP = 80;
const NEAR = 900;
const END = 40;
const CALM = 400;

/** Show it in *box*, with the button *newest* that leads to its end. */
export function makeLog(chat, box, newest) {
	let room = chat.current;
	let rows = new Map();
	/** The window: from the seq `first` to `last`, or on and on. */
	let first = null;
	let last = Infinity;
	let following = true;
	let target = 0;
	let top = 0;
	let frame = 0;
	let fetching = false;
	let calm = 0;

	// The window.

	function inside() {
		const { timeline } = room;
		const stretch = (last !== Infinity && timeline.at(last)) || timeline.newest;
		if (!stretch) return { events: [], from: 0, to: 0 };
		const { events } = stretch;
		const to = last === Infinity ? events.length : place(events, last + 1);
		const begin = (from) => (first = from > 0 ? events[from].seq : stretch.first);
		if (first === null || first < stretch.first || first > stretch.last + 1) begin(to - STEP);
		let from = place(events, first);
		if (following && to - from > MOST) begin((from = to - STEP));
		else if (last === Infinity && to - from > 2 * MOST) {
			// Nobody looks at the end, so it need not be there.
			last = events[from + MOST].seq;
			return inside();
		}
		const newest = stretch === timeline.newest;
		return { events, from, to, stretch, atTop: !from && first <= stretch.first, atEnd: newest && to === events.length };
	}

	function around({ events, first: lowest, last: highest }, seq) {
		const at = place(events, seq);
		first = events[at - STEP]?.seq ?? lowest;
		last = events[at + STEP]?.seq ?? (highest === room.seen ? Infinity : highest);
		following = false;
	}

	/** Reach further back; whether that changes anything now. */
	function extendUp() {
		const { events, from, to, stretch, atTop } = inside();
		if (!stretch) return false;
		if (atTop) {
			if (room.oldest === null || stretch.first > room.oldest) fetchBefore(stretch.first);
			return false;
		}
		const now = Math.max(0, from - STEP);
		first = now ? events[now].seq : stretch.first;
		if (to - now > MOST) last = events[now + MOST - 1].seq;
		return true;
	}

	function extendDown() {
		if (last === Infinity) return false;
		const { events, from, to, stretch } = inside();
		const newest = stretch === room.timeline.newest;
		if (to === events.length && !newest) {
			fetchBefore(stretch.last + 1 + STEP);
			return false;
		}
		const now = Math.min(events.length, to + STEP);
		last = now < events.length ? events[now - 1].seq : newest ? Infinity : stretch.last;
		if (now - from > MOST) first = events[now - MOST].seq;
		return true;
	}

	async function fetchBefore(seq) {
		if (fetching || chat.state !== "live" || room.empty) return;
		fetching = true;
		const there = room;
		const { oldest } = there;
		const found = await chat.read(there, seq);
		fetching = false;
		if (found || oldest !== there.oldest || there !== room) refresh();
	}

	// Drawing.

	function refresh() {
		frame ||= requestAnimationFrame(() => {
			frame = 0;
			draw();
			look();
		});
	}

	function draw() {
		const { events, from, to, stretch, atTop, atEnd = true } = inside();
		const { nick, outbox, state } = chat;
		// A command is answered at once, or not at all; what is said is worth seeing until then.
		const pending = [...outbox.values()].filter(
			(line) => atEnd && line.room === room.id && (state !== "live" || !isCommand(line.text) || /^\/me /.test(line.text)),
		);
		const end = atEnd ? Infinity : last;
		const wanted = rowsOf(events.slice(from, to), room.locals, pending, { nick, marker: room.marker, end });
		const edge = edgeOf(atTop, stretch);
		wanted.unshift({ key: `e${edge}`, sig: "", kind: "edge", text: edge });
		const anchor = following ? null : anchored();
		if (!following) quiet();
		reconcile(wanted, nick);
		if (following) toEnd();
		else restore(anchor);
		newest.hidden = following;
	}

	function edgeOf(atTop, stretch) {
		const { id, title, oldest, empty } = room;
		if (!id) return "You are in no room. Join one, and say hello.";
		if (empty) return `Only ${title} and you will read what is said here.`;
		if (!atTop) return "";
		if (oldest === null || stretch.first > oldest) return "Older messages are on their way…";
		return oldest > 1 ? "What was said before is no longer kept." : `This is the beginning of ${room.private ? "this conversation" : title}.`;
	}

	function reconcile(wanted, nick) {
		const byKey = new Map(wanted.map((row) => [row.key, row]));
		for (const [key, { sig, element }] of rows) {
			const row = byKey.get(key);
			if (row && (row.sig === sig || (sig === "pending" && settle(element, row)))) continue;
			element.remove();
			rows.delete(key);
		}
		let spot = box.firstChild;
		for (const row of wanted) {
			const element = rows.get(row.key)?.element ?? build(row, nick);
			element.classList.toggle("target", row.seq === target);
			if (element === spot) spot = spot.nextSibling;
			else box.insertBefore(element, spot);
			byKey.set(row.key, { sig: row.sig, element });
		}
		rows = byKey;
	}

	// Scrolling.

	/** The row at the top, and where it stands. */
	function anchored() {
		for (const [key, { element }] of rows) {
			const offset = element.offsetTop - box.scrollTop;
			if (offset + element.offsetHeight > 0 && element.dataset.seq) return { key, offset };
		}
		return null;
	}

	function restore(anchor) {
		const element = rows.get(anchor?.key)?.element;
		if (element) scrollTo(element.offsetTop - anchor.offset);
	}

	function scrollTo(to) {
		if (Math.abs(box.scrollTop - to) >= 1) box.scrollTop = to;
		top = box.scrollTop;
	}

	const toEnd = () => scrollTo(box.scrollHeight - box.clientHeight);
	const below = () => box.scrollHeight - box.scrollTop - box.clientHeight;

	function scrolled() {
		const atEnd = below() < END && last === Infinity;
		// Who looks at the end stays there, whatever grows; who has scrolled up stays, too.
		if (atEnd || box.scrollTop < top - 1) following = atEnd;
		top = box.scrollTop;
		look();
	}

	/** Have rows where somebody may look next. */
	function look() {
		const up = box.scrollTop < NEAR && extendUp();
		if (up || (below() < NEAR && extendDown())) refresh();
		newest.hidden = following;
		box.setAttribute("aria-live", following && !calm ? "polite" : "off");
		seen();
	}

	const seen = () => chat.reading() && chat.catchUp();

	/** What changes now was not said just now, so it is not read out. */
	function quiet() {
		box.setAttribute("aria-live", "off");
		clearTimeout(calm);
		calm = setTimeout(() => {
			calm = 0;
			look();
		}, CALM);
	}

	/** Begin anew, around the seq *seq* of *stretch* or at the end. */
	function begin(stretch, seq) {
		quiet();
		rows.clear();
		box.replaceChildren();
		first = null;
		last = Infinity;
		following = true;
		if (stretch) around(stretch, seq);
		draw();
	}

	function show() {
		room = chat.current;
		box.setAttribute("aria-label", `Messages in ${room.title}`);
		target = 0;
		const seq = room.unread && room.marker + 1;
		begin(room.timeline.at(seq), seq);
		const line = box.querySelector(".unread");
		if (line && !following) scrollTo(line.offsetTop - box.clientHeight / 4);
		scrolled();
	}

	function toNewest() {
		target = 0;
		if (!following || last !== Infinity) begin();
		look();
	}

	/** Show the seq *seq* of the room *id* among what is around it; whether it is to be had. */
	async function jump(id, seq) {
		const there = chat.rooms.get(id);
		if (!there) return false;
		chat.select(there);
		if (!there.timeline.at(seq)) await chat.read(there, seq + STEP, 2 * STEP);
		const stretch = there.timeline.at(seq);
		if (!stretch || room !== there) return false;
		target = seq;
		begin(stretch, seq);
		const row = box.querySelector(".target");
		if (row) {
			scrollTo(row.offsetTop - (box.clientHeight - row.offsetHeight) / 2);
			row.tabIndex = -1;
			row.focus({ preventScroll: true });
		}
		scrolled();
		return Boolean(row);
	}

	box.addEventListener("scroll", scrolled, { passive: true });
	newest.addEventListener("click", () => {
		toNewest();
		box.focus();
	});
	new ResizeObserver(() => following && toEnd()).observe(box);
	addEventListener("focus", seen);
	document.addEventListener("visibilitychange", seen);
	chat.reading = () => following && room === chat.current && !document.hidden && document.hasFocus();
	chat.on("room", show);
	chat.on("log", refresh);
	chat.on("state", refresh);
	chat.on("jump", (id, seq) => seq && jump(id, seq));
	return { newest: toNewest, jump, page: (pages) => box.scrollBy({ top: pages * box.clientHeight * 0.9 }) };
}
