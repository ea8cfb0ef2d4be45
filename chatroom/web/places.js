/** The list of rooms and conversations, the head of the current one, and going into others. */

import { field, form, openDialog } from "./dialog.js";
import { byId, h, icon, say, shown } from "./dom.js";
import { openMenu } from "./menu.js";
import { rich } from "./row.js";
import { overRoom } from "./ruling.js";
import { counted, specialties } from "./words.js";

export class Places {
  #chat;
  #list;
  #shown = "";

  /** @param {Chat} chat @param {HTMLElement} nav "Rooms" */
  constructor(chat, nav) {
    this.#chat = chat;
    this.#list = nav.querySelector("ul");
    byId("join-room").addEventListener("click", () => this.ask());
    const menu = byId("room-menu");
    menu.addEventListener("click", () => this.#menu(menu));
    chat.on("rooms", () => this.#draw());
  }

  /** Look at the room *step* places further down the list; *unread*: at the next with something new. */
  move(step, unread = false) {
    const rooms = this.#chat.rooms.listed();
    const at = rooms.indexOf(this.#chat.current);
    for (let tried = 1; tried <= rooms.length; tried++) {
      const room = rooms[(((at < 0 && step < 0 ? 0 : at) + step * tried) % rooms.length + rooms.length) % rooms.length];
      if (!unread || room.unread) {
        this.#chat.select(room);
        return;
      }
    }
  }

  /** Ask which room to go into. */
  async ask() {
    const chat = this.#chat;
    const list = h("ul", { class: "rows" });
    const join = async (values, complain) => {
      const name = values.room.trim().replace(/^#/, "");
      const known = chat.rooms.get(name.toLowerCase());
      const answer = known ?? (await chat.ask({ type: "join", room: name, ...(values.key && { key: values.key }) }).catch(() => null));
      if (known) chat.select(known);
      if (answer && answer.type !== "refused") dialog.close();
      else complain(answer?.text ?? "There is no connection now. Please try again.");
    };
    const dialog = openDialog(
      "Join a room",
      form(
        "Join",
        [
          field("Room", { name: "room", required: true, maxlength: 33, autocapitalize: "none", autofocus: true }),
          field("Key (if locked)", { name: "key" }),
        ],
        join,
      ),
      h("h3", {}, "Open rooms"),
      list,
    );
    const room = dialog.querySelector("[name=room]");
    const { rooms = [] } = await chat.ask({ type: "rooms" }).catch(() => ({}));
    list.replaceChildren(
      ...rooms.map(({ room: name, people, topic }) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "choice", onclick: () => ((room.value = name), room.form.requestSubmit()) },
            h("b", {}, `#${name}`),
            h("span", { class: "note" }, ` ${counted(people, "person", "people")}`),
            topic && h("span", { class: "hint" }, topic),
          ),
        ),
      ),
    );
  }

  #menu(button) {
    const chat = this.#chat;
    const room = chat.current;
    if (room.private) openMenu(button, room.title, [["Close conversation", () => chat.close(room)]]);
    else if (room.id)
      openMenu(button, room.title, [
        ...overRoom(chat, room),
        null,
        [`Leave ${room.title}`, () => chat.send({ type: "leave", room: room.id })],
      ]);
  }

  #draw() {
    const { current, rooms } = this.#chat;
    const listed = rooms.listed();
    say(byId("room-name"), current.title);
    const topic = [current.topic, ...specialties(current.settings)].filter(Boolean).join(" · ");
    const state = JSON.stringify([current.id, topic, listed.map(({ id, title, unread, calls }) => [id, title, unread, calls])]);
    if (state === this.#shown) return;
    this.#shown = state;
    byId("topic").replaceChildren(...rich(topic));
    byId("topic").title = topic;
    shown(byId("room-menu"), Boolean(current.id));
    const focused = document.activeElement?.dataset?.room;
    this.#list.replaceChildren(...listed.map((room) => this.#place(room)));
    if (focused) this.#list.querySelector(`[data-room="${CSS.escape(focused)}"]`)?.focus();
  }

  #place(room) {
    const chat = this.#chat;
    const current = room === chat.current;
    const { unread, calls, title } = room;
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: `place${unread ? " news" : ""}${calls ? " called" : ""}`,
          "data-room": room.id,
          "aria-current": current ? "true" : null,
          "aria-label": unread ? `${title}, ${unread} unread` : title,
          onclick: () => chat.select(room),
        },
        icon(room.private ? "person" : "hash"),
        h("span", { class: "name" }, room.private ? title : title.slice(1)),
        unread ? h("span", { class: "badge" }, unread > 999 ? "999+" : String(unread)) : null,
      ),
    );
  }
}
