/** The view to join from: nick, room, and a password for those who have an account. */

import { byId, say, shown } from "./dom.js";
import { local } from "./storage.js";

/** Set the view up. @param {Chat} chat */
export function joining(chat) {
  const form = byId("join-form");
  const { nick, room, account, password } = form.elements;
  const alert = byId("join-alert");
  const button = form.querySelector("button[type=submit]");

  const busy = (on) => {
    button.disabled = on;
    say(button, on ? "Joining…" : "Join");
  };
  const reveal = () => {
    shown(byId("join-password"), account.checked);
    password.required = account.checked;
  };
  const view = () => {
    const out = chat.state === "out" || (chat.state === "greeting" && !chat.server);
    document.documentElement.dataset.view = out ? "join" : "chat";
    busy(chat.state === "greeting");
    if (chat.state === "live") password.value = "";
  };

  nick.value = local.get("nick", "");
  room.value = decodeURIComponent(location.hash.slice(1)) || "lobby";
  account.addEventListener("change", () => {
    reveal();
    if (account.checked) password.focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    alert.textContent = "";
    local.set("nick", nick.value.trim());
    chat.join(nick.value.trim(), room.value.trim(), account.checked ? password.value : "");
  });
  chat.on("state", view);
  chat.on("refused", (why) => {
    busy(false);
    say(alert, why);
    (account.checked ? password : nick).focus();
  });
  chat.on("out", (why) => {
    busy(false);
    chat.server = "";
    view();
    say(alert, why);
    nick.focus();
  });
  reveal();
}
