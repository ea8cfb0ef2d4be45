/** Who is in the current room, how they are, and what can be done about them. */

import { h, say } from "./dom.js";
import { openMenu } from "./menu.js";
import { key } from "./rooms.js";
import { hue } from "./row.js";
import { overPerson } from "./ruling.js";

const MOST = 500;
const OFTEN = 60000;
const RANKS = { admin: 0, operator: 1 };

export class People {
  #chat;
  #composer;
  #list;
  #title;
  #shown = "";

  /** @param {Chat} chat @param {Composer} composer @param {HTMLElement} aside "Members" */
  constructor(chat, composer, aside) {
    this.#chat = chat;
    this.#composer = composer;
    this.#list = aside.querySelector("ul");
    this.#title = aside.querySelector("h2 span");
    chat.on("rooms", () => this.#draw());
    // Who goes away, or is idle, says nothing of it.
    setInterval(() => document.hidden || chat.refresh(), OFTEN);
  }

  /** Open the menu about *nick* next to *button*. */
  menu(button, nick) {
    const chat = this.#chat;
    const room = chat.current;
    if (key(nick) === key(chat.nick)) {
      openMenu(button, nick, [["Mention", () => this.#mention(nick)], ["Whois", () => this.#whois(nick)]]);
      return;
    }
    const ignored = chat.preferences.ignore.some((one) => key(one) === key(nick));
    openMenu(button, nick, [
      ["Private message", () => (chat.converse(nick), this.#composer.focus())],
      ["Mention", () => this.#mention(nick)],
      ["Whois", () => this.#whois(nick)],
      [ignored ? "Hear again" : "Ignore", () => chat.send({ type: ignored ? "unignore" : "ignore", nick })],
      ...overPerson(chat, room, nick),
    ]);
  }

  #mention(nick) {
    this.#composer.insert(`${nick}: `);
  }

  #whois(nick) {
    this.#chat.send({ type: "whois", nick });
  }

  #draw() {
    const { current, nick } = this.#chat;
    const people = [...current.people.values()].sort(
      (one, other) => rank(one) - rank(other) || one.nick.localeCompare(other.nick),
    );
    const state = JSON.stringify([people, nick]);
    if (state === this.#shown) return;
    this.#shown = state;
    say(this.#title, current.private ? "" : String(people.length));
    const focused = document.activeElement?.closest?.("[data-person]")?.dataset.person;
    this.#list.replaceChildren(
      ...people.slice(0, MOST).map((person) => this.#person(person, nick)),
      ...(people.length > MOST ? [h("li", { class: "hint" }, `… and ${people.length - MOST} more`)] : []),
    );
    if (focused) this.#list.querySelector(`[data-person="${CSS.escape(focused)}"]`)?.focus();
  }

  #person({ nick, role, away = null, connected = true }, me) {
    const notes = [role in RANKS ? role : "", away === null ? "" : "away", connected ? "" : "reconnecting"].filter(Boolean);
    const own = key(nick) === key(me);
    const button = h(
      "button",
      {
        type: "button",
        class: `person ${hue(nick)}${away === null && connected ? "" : " absent"}`,
        "data-person": nick,
        "aria-haspopup": "menu",
        "aria-expanded": "false",
        title: away || null,
        onclick: () => this.menu(button, nick),
      },
      h("span", { class: "dot", "aria-hidden": "true" }),
      h("span", { class: "nick" }, nick),
      own && h("span", { class: "note" }, " (you)"),
      notes.map((note) => h("span", { class: `note ${note}` }, h("span", { class: "unseen" }, ", "), note)),
    );
    return h("li", {}, button);
  }
}

const rank = ({ role }) => RANKS[role] ?? 2;
