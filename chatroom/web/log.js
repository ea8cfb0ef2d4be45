/** What is said in the current room: a window of a few hundred rows over all that there is, and its scrolling. */

import { shown } from "./dom.js";
import { build, settle } from "./row.js";
import { rowsOf } from "./rows.js";
import { place } from "./timeline.js";

const MOST = 240;
const STEP = 80;
const NEAR = 900;
const END = 40;

export class Log {
  #chat;
  #box;
  #button;
  #room = null;
  #rows = new Map();
  /** The window: all from the seq #first to #last; the latter is Infinity while it goes on with what happens. */
  #first = null;
  #last = Infinity;
  /** Whether the end is kept in view. */
  #following = true;
  #target = null;
  #reading = false;
  #frame = 0;
  #top = 0;
  #calm = 0;

  /**
   * @param {Chat} chat
   * @param {HTMLElement} box the element with the role of a log
   * @param {HTMLElement} button "Jump to newest"
   */
  constructor(chat, box, button) {
    this.#chat = chat;
    this.#box = box;
    this.#button = button;
    box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    button.addEventListener("click", () => {
      this.newest();
      box.focus();
    });
    new ResizeObserver(() => this.#following && this.#toEnd()).observe(box);
    for (const kind of ["visibilitychange", "focus"]) addEventListener(kind, () => this.#read(), true);
    chat.reading = () => this.#following && this.#room === chat.current && !document.hidden && document.hasFocus();
    chat.on("room", () => this.show(chat.current));
    chat.on("log", () => this.refresh());
    chat.on("state", () => chat.state === "live" && this.refresh());
    chat.on("jump", (id, seq) => seq && this.jump(id, seq));
  }

  /** Show *room*, where it was left. */
  show(room) {
    if (this.#room && this.#room !== room) this.#room.view = this.#following ? null : this.#anchor();
    this.#room = room;
    this.#quiet();
    this.#box.setAttribute("aria-label", `Messages in ${room.title}`);
    this.#rows.clear();
    this.#box.replaceChildren();
    this.#target = null;
    this.#first = null;
    this.#last = Infinity;
    this.#following = true;
    const { view } = room;
    const left = view && room.timeline.at(view.seq);
    if (left) this.#around(left, view.seq);
    else if (room.marker !== null && room.timeline.at(room.marker + 1)) this.#around(room.timeline.newest, room.marker + 1);
    this.#draw();
    if (left) this.#restore(view);
    else {
      const line = this.#box.querySelector(".unread");
      if (line) this.#to(line.offsetTop - this.#box.clientHeight / 4);
    }
    this.#scrolled();
  }

  /** Something may have changed: draw it in the next frame. */
  refresh() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
      this.#look();
    });
  }

  /** Keep the end in view. */
  newest() {
    this.#target = null;
    this.#quiet();
    this.#first = null;
    this.#last = Infinity;
    this.#following = true;
    this.#draw();
    this.#scrolled();
  }

  /** Show the seq *seq* of the room *id* with what is around it; false if it is not to be had. */
  async jump(id, seq) {
    const room = this.#chat.rooms.get(id);
    if (!room) return false;
    this.#chat.select(room);
    if (!room.timeline.at(seq)) await this.#chat.read(room, seq + STEP, 2 * STEP);
    const stretch = room.timeline.at(seq);
    if (!stretch || this.#room !== room) return false;
    this.#quiet();
    this.#target = seq;
    this.#around(stretch, seq);
    this.#rows.clear();
    this.#box.replaceChildren();
    this.#draw();
    const row = this.#box.querySelector(".target");
    if (row) {
      this.#to(row.offsetTop - (this.#box.clientHeight - row.offsetHeight) / 2);
      row.tabIndex = -1;
      row.focus({ preventScroll: true });
    }
    this.#scrolled();
    return Boolean(row);
  }

  /** Scroll by *pages* of what is in view. */
  page(pages) {
    this.#box.scrollBy({ top: pages * this.#box.clientHeight * 0.9 });
  }

  // The window.

  #around({ events, first, last }, seq) {
    const at = place(events, seq);
    const from = at - STEP;
    const to = at + STEP;
    this.#first = from > 0 ? events[from].seq : first;
    this.#last = to < events.length ? events[to].seq : last === this.#room.seen ? Infinity : last;
    this.#following = false;
  }

  /** The stretch that the window lies in, and which of its events. */
  #window() {
    const { timeline } = this.#room;
    const stretch = (this.#last === Infinity ? timeline.newest : timeline.at(this.#last)) ?? timeline.newest;
    if (!stretch) return { events: [], from: 0, to: 0, stretch: null };
    const { events } = stretch;
    const to = this.#last === Infinity ? events.length : place(events, this.#last + 1);
    if (this.#first === null || this.#first < stretch.first || this.#first > stretch.last + 1) {
      const from = to - STEP;
      this.#first = from > 0 ? events[from].seq : stretch.first;
    }
    let from = place(events, this.#first);
    if (this.#following && to - from > MOST) {
      from = to - STEP;
      this.#first = events[from].seq;
    } else if (this.#last === Infinity && to - from > 2 * MOST) {
      // Nobody looks at the end, so it need not be there.
      this.#last = events[from + MOST].seq;
      return this.#window();
    }
    return { events, from, to, stretch };
  }

  /** Let the window reach further back; returns whether it does. */
  #extendUp() {
    const { events, from, to, stretch } = this.#window();
    if (!stretch) return false;
    if (from === 0 && this.#first <= stretch.first) {
      if (this.#room.oldest === null || stretch.first > this.#room.oldest) this.#fetch(stretch.first);
      return false;
    }
    const now = Math.max(0, from - STEP);
    this.#first = now ? events[now].seq : stretch.first;
    if (to - now > MOST) this.#last = events[now + MOST - 1].seq;
    return true;
  }

  /** Let the window reach further on; returns whether it does. */
  #extendDown() {
    if (this.#last === Infinity) return false;
    const { events, from, to, stretch } = this.#window();
    if (to === events.length) {
      if (stretch === this.#room.timeline.newest) this.#last = Infinity;
      else this.#fetch(stretch.last + 1 + STEP);
      return stretch === this.#room.timeline.newest;
    }
    const now = Math.min(events.length, to + STEP);
    this.#last = now === events.length ? stretch.last : events[now - 1].seq;
    if (now === events.length && stretch === this.#room.timeline.newest) this.#last = Infinity;
    if (now - from > MOST) this.#first = events[now - MOST].seq;
    return true;
  }

  async #fetch(before) {
    if (this.#reading || this.#chat.state !== "live" || !this.#room.id || this.#room.id.startsWith("~")) return;
    this.#reading = true;
    const more = await this.#chat.read(this.#room, before);
    this.#reading = false;
    if (more) this.refresh();
    else if (this.#room.oldest !== null) this.#draw();
  }

  // Drawing.

  #draw() {
    const room = this.#room;
    if (!room) return;
    const { events, from, to, stretch } = this.#window();
    const end = to === events.length && stretch === room.timeline.newest;
    const { nick, outbox, state } = this.#chat;
    const pending = end ? outbox.in(room.id).filter((line) => state !== "live" || !/^\/(?!\/|me )/.test(line.text)) : [];
    const rows = rowsOf(events.slice(from, to), room.locals, pending, {
      nick,
      marker: room.marker,
      end: end ? Infinity : this.#last,
    });
    rows.unshift(this.#edge(from === 0 && (!stretch || this.#first <= stretch.first), stretch));
    const anchor = this.#following ? null : this.#anchor();
    if (!this.#following) this.#quiet();
    this.#reconcile(rows);
    if (this.#following) this.#toEnd();
    else this.#restore(anchor);
    shown(this.#button, !this.#following);
  }

  #edge(top, stretch) {
    const { oldest, id, title } = this.#room;
    let text = "";
    if (!id) text = "You are in no room. Join one, and say hello.";
    else if (id.startsWith("~")) text = `Only you and ${title} will read what you write here.`;
    else if (!top || !stretch) text = "";
    else if (oldest === null || stretch.first > oldest) text = "Older messages are on their way…";
    else text = oldest > 1 ? "What was said before is no longer kept." : `This is the beginning of ${title}.`;
    return { key: `e${text}`, sig: "", kind: "edge", text };
  }

  #reconcile(rows) {
    const { nick } = this.#chat;
    const wanted = new Map(rows.map((row) => [row.key, row]));
    for (const [name, known] of this.#rows) {
      const row = wanted.get(name);
      if (row && (row.sig === known.sig || stored(known, row))) continue;
      known.element.remove();
      this.#rows.delete(name);
    }
    const now = new Map();
    let spot = this.#box.firstChild;
    for (const row of rows) {
      const element = this.#rows.get(row.key)?.element ?? build(row, nick);
      element.classList.toggle("target", row.seq !== undefined && row.seq === this.#target);
      if (element === spot) spot = spot.nextSibling;
      else this.#box.insertBefore(element, spot);
      now.set(row.key, { sig: row.sig, element });
    }
    this.#rows = now;
  }

  // Scrolling.

  /** The row at the top of what is in view, and where it stands. */
  #anchor() {
    const top = this.#box.scrollTop;
    for (const [name, { element }] of this.#rows) {
      if (element.offsetTop + element.offsetHeight > top && element.dataset.seq)
        return { name, seq: Number(element.dataset.seq), offset: element.offsetTop - top };
    }
    return null;
  }

  /** Have the row *anchor* stand where it stood. */
  #restore(anchor) {
    const row = anchor && this.#rows.get(anchor.name);
    if (row) this.#to(row.element.offsetTop - anchor.offset);
  }

  #to(top) {
    const wanted = Math.max(0, Math.round(top));
    if (Math.abs(this.#box.scrollTop - wanted) >= 1) this.#box.scrollTop = wanted;
    this.#top = this.#box.scrollTop;
  }

  #toEnd() {
    this.#to(this.#box.scrollHeight - this.#box.clientHeight);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    const atEnd = scrollHeight - scrollTop - clientHeight < END && this.#last === Infinity;
    // What grows under somebody who looks at the end is followed; who scrolls up, stays.
    if (atEnd || scrollTop < this.#top - 1) this.#following = atEnd;
    this.#top = scrollTop;
    this.#look();
  }

  /** Have more rows where somebody may soon look, and mark as read what is in view. */
  #look() {
    if (!this.#room) return;
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    const up = scrollTop < NEAR && this.#extendUp();
    const down = !up && scrollHeight - scrollTop - clientHeight < NEAR && this.#extendDown();
    if (up || down) this.refresh();
    shown(this.#button, !this.#following);
    this.#read();
  }

  #read() {
    if (this.#chat.reading()) this.#chat.catchUp();
  }

  /** What changes now is nothing that has just been said, so it is not to be read out. */
  #quiet() {
    this.#box.setAttribute("aria-live", "off");
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => this.#following && this.#box.setAttribute("aria-live", "polite"), 400);
  }
}

/** Whether the element of what was pending could be made that of *row*, which is the same, and has been stored. */
const stored = ({ sig, element }, row) => sig.replace("pending", "truefalse") === row.sig && settle(element, row);
