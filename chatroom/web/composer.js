/** Where messages are written: drafts, completion, what was typed before, and sending. */

import { complete } from "./completion.js";
import { confidential } from "./confidential.js";
import { h, shown } from "./dom.js";
import { local } from "./storage.js";

const DRAFTS = 50;
const TALLEST = 0.4;

export class Composer {
  #chat;
  #log;
  #box;
  #list;
  #hint;
  #drafts = local.get("drafts", {});
  #typed = [];
  /** Which of `#typed` stands in the box; its length: none does. */
  #at = 0;
  #offers = [];
  #word = "";
  #active = -1;
  #room = "";

  /** @param {Chat} chat @param {Log} log @param {HTMLFormElement} form "Send a message" */
  constructor(chat, log, form) {
    this.#chat = chat;
    this.#log = log;
    this.#box = form.querySelector("textarea");
    this.#list = form.querySelector("[role=listbox]");
    this.#hint = form.querySelector(".usage");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#box.addEventListener("input", () => this.#changed());
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    this.#box.addEventListener("blur", () => this.#offer([]));
    addEventListener("pagehide", () => this.#keep());
    chat.on("room", () => this.#show());
    chat.on("restore", (room, text) => {
      if (room === chat.current.id && !this.#box.value) this.#put(text);
    });
    chat.on("out", () => {
      this.#drafts = {};
      this.#typed = [];
      local.set("drafts", null);
      this.#put("");
    });
  }

  focus() {
    this.#box.focus();
  }

  /** Write *text* where the cursor is. */
  insert(text) {
    this.#box.setRangeText(text, this.#box.selectionStart, this.#box.selectionEnd, "end");
    this.#changed();
    this.focus();
  }

  #show() {
    this.#keep();
    this.#room = this.#chat.current.id;
    this.#put(this.#drafts[this.#room] ?? "");
    this.#box.placeholder = this.#room ? `Message ${this.#chat.current.title}` : "Type a command";
  }

  #put(text) {
    this.#box.value = text;
    this.#box.selectionStart = text.length;
    this.#at = this.#typed.length;
    this.#changed();
  }

  /** Remember what stands in the box, unless it is a secret. */
  #keep() {
    const text = this.#box.value;
    delete this.#drafts[this.#room];
    if (text.trim() && !confidential(text)) this.#drafts[this.#room] = text;
    const names = Object.keys(this.#drafts);
    if (names.length > DRAFTS) delete this.#drafts[names[0]];
    local.set("drafts", names.length ? this.#drafts : null);
  }

  #changed() {
    const { style } = this.#box;
    style.height = "auto";
    style.height = `${Math.min(this.#box.scrollHeight + 2, innerHeight * TALLEST)}px`;
    if (this.#room === this.#chat.current.id) this.#keep();
    this.#suggest();
  }

  #send() {
    const text = this.#box.value;
    if (!text.trim()) return;
    try {
      this.#chat.type(text.replace(/\s+$/, ""));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#chat.tell({ kind: "refusal", rows: [error.message] });
      return;
    }
    if (!confidential(text) && this.#typed.at(-1) !== text) this.#typed.push(text);
    this.#put("");
    this.#log.newest();
  }

  // Completion.

  #known() {
    const { chat } = { chat: this.#chat };
    const others = [...chat.current.people.values()].map((one) => one.nick).filter((nick) => nick !== chat.nick);
    const two = chat.current.private ? [chat.current.other] : [];
    const rooms = chat.rooms.listed().filter((room) => !room.private);
    return { commands: chat.commands, nicks: [...new Set([...others, ...two])], rooms: rooms.map((room) => room.id) };
  }

  #suggest(asked = false) {
    const before = this.#box.value.slice(0, this.#box.selectionStart);
    const { word, offers, usage } = complete(before, this.#known(), asked);
    this.#word = word;
    shown(this.#hint, usage.length > 0);
    this.#hint.replaceChildren(...(usage.length ? [h("b", {}, usage[0]), ` ${usage[1]}`] : []));
    const done = offers.length === 1 && offers[0].text.trim() === before.trim();
    this.#offer(document.activeElement === this.#box && !done ? offers : []);
  }

  #offer(offers) {
    this.#offers = offers;
    this.#active = -1;
    shown(this.#list, offers.length > 0);
    this.#list.replaceChildren(
      ...offers.map(({ label, help }, index) =>
        h(
          "li",
          {
            role: "option",
            id: `offer${index}`,
            "aria-selected": "false",
            onmousedown: (event) => {
              event.preventDefault();
              this.#accept(index);
            },
          },
          h("b", {}, label),
          help && ` ${help}`,
        ),
      ),
    );
    this.#box.removeAttribute("aria-activedescendant");
  }

  #choose(step) {
    const count = this.#offers.length;
    this.#active = this.#active < 0 && step < 0 ? count - 1 : (this.#active + step + count) % count;
    [...this.#list.children].forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === this.#active));
      if (index === this.#active) option.scrollIntoView({ block: "nearest" });
    });
    this.#box.setAttribute("aria-activedescendant", `offer${this.#active}`);
  }

  #accept(index) {
    const at = this.#box.selectionStart;
    this.#box.setRangeText(this.#offers[index].text, at - this.#word.length, at, "end");
    this.#changed();
  }

  // Keys.

  #key(event) {
    const { key: name, shiftKey: shift, altKey: alt, ctrlKey: ctrl, metaKey: meta, isComposing: composing } = event;
    if (composing || alt || ctrl || meta) return;
    const offered = this.#offers.length > 0;
    const done =
      (name === "Enter" && !shift && this.#enter()) ||
      (name === "Tab" && !shift && this.#tab()) ||
      (name === "Escape" && offered && (this.#offer([]), true)) ||
      (name === "ArrowDown" && (offered ? (this.#choose(1), true) : this.#recall(1))) ||
      (name === "ArrowUp" && (offered ? (this.#choose(-1), true) : this.#recall(-1))) ||
      (/^Page(Up|Down)$/.test(name) && (this.#log.page(name === "PageUp" ? -1 : 1), true));
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #enter() {
    if (this.#active >= 0) this.#accept(this.#active);
    else this.#send();
    return true;
  }

  #tab() {
    if (!this.#offers.length) this.#suggest(true);
    const count = this.#offers.length;
    if (!count) return false;
    if (count === 1 || this.#active >= 0) this.#accept(Math.max(0, this.#active));
    else this.#choose(1);
    return true;
  }

  /** Put what was typed before into the box, if that is empty or holds such a thing already. */
  #recall(step) {
    const standing = this.#typed[this.#at] ?? "";
    const to = this.#at + step;
    if (this.#box.value !== standing || to < 0 || to > this.#typed.length) return false;
    this.#at = to;
    this.#box.value = this.#typed[to] ?? "";
    this.#changed();
    return true;
  }
}
