/** The settings dialog: how one is notified and how the page looks, one's account, and leaving. */

import { askFor, field, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { changePassword, register } from "./passwords.js";
import { settings } from "./settings.js";

/** @param {Chat} chat @param {Calling} calling */
export function openSettings(chat, calling) {
  const dialog = openDialog(
    "Settings",
    h("section", {}, h("h3", {}, "Notifications"), ...notifications(chat, calling)),
    h(
      "section",
      {},
      h("h3", {}, "Appearance"),
      choice("Theme", [["system", "System"], ["light", "Light"], ["dark", "Dark"]], settings.get("theme"), (value) => settings.set("theme", value)),
      check("Colour nicks", settings.get("colours"), (on) => settings.set("colours", on)),
    ),
    h("section", {}, h("h3", {}, "You"), ...account(chat, (next) => (dialog.close(), next()))),
  );
}

function notifications(chat, calling) {
  const hint = h("p", { class: "hint", role: "status" });
  return [
    choice("Notify me of", [["all", "Everything"], ["mentions", "Mentions and private messages"], ["none", "Nothing"]], chat.notify, (when) => {
      settings.set("notify", when);
      chat.send({ type: "notify", when });
    }),
    check("Desktop notifications", settings.get("desktop") && calling.allowed, async (on, box) => {
      const allowed = !on || (await calling.allow());
      if (!allowed) {
        box.checked = false;
        hint.textContent = calling.possible
          ? "The browser does not allow this page to notify you; its own settings can change that."
          : "The browser allows notifications over https and on this machine only.";
      }
      settings.set("desktop", on && allowed);
    }),
    check("Sound", settings.get("sound"), (on) => {
      settings.set("sound", on);
      if (on) calling.ring();
    }),
    hint,
  ];
}

function account(chat, go) {
  const button = (text, action, kind = "") => h("button", { type: "button", class: kind, onclick: () => go(action) }, text);
  const away = chat.preferences.away;
  const who = chat.account
    ? `You are ${chat.nick}, logged in to the account ${chat.account}${chat.role === "admin" ? ", as an admin" : ""}.`
    : `You are ${chat.nick}, a guest. A registered nick is yours for good.`;
  return [
    h("p", {}, who),
    h(
      "div",
      { class: "buttons start" },
      button("Change nick", () => askNick(chat)),
      away === null
        ? button("Set yourself away", () => askAway(chat))
        : button("Be back", () => chat.send({ type: "away" })),
      ...(chat.account
        ? [
            button("Change password", () => changePassword(chat)),
            button("Log out", () => chat.send({ type: "logout" })),
            button("Delete account", () => chat.send({ type: "account", action: "delete" }), "danger"),
          ]
        : [button("Register this nick", () => register(chat)), button("Log in", () => chat.send({ type: "login" }))]),
    ),
    h("div", { class: "buttons start" }, button("Leave the chat", () => chat.leave(), "danger")),
  ];
}

function askNick(chat) {
  askFor("Change nick", "Change it", [field("New nick", { name: "nick", value: chat.nick, maxlength: 32, required: true, autofocus: true })], ({ nick }) =>
    void chat.send({ type: "nick", nick: nick.trim() }),
  );
}

function askAway(chat) {
  askFor("Set yourself away", "Go away", [field("What to tell others (optional)", { name: "text", maxlength: 300, autofocus: true })], ({ text }) => {
    chat.send({ type: "away", text: text.trim() });
    chat.preferences.away = text.trim();
  });
}

const check = (label, on, changed) =>
  h("label", { class: "check" }, h("input", { type: "checkbox", checked: on, onchange: ({ target }) => changed(target.checked, target) }), label);

function choice(label, options, value, changed) {
  return h(
    "label",
    { class: "choose" },
    h("span", {}, label),
    h(
      "select",
      { onchange: ({ target }) => changed(target.value) },
      options.map(([name, text]) => h("option", { value: name, selected: name === value }, text)),
    ),
  );
}
