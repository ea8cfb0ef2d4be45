/** Starts the page: makes its parts, and goes on with the session that this tab had, if any. */

import { Calling } from "./calling.js";
import { Chat } from "./chat.js";
import { claim } from "./claim.js";
import { Composer } from "./composer.js";
import { byId, say, shown } from "./dom.js";
import { openHelp } from "./help.js";
import { joining } from "./joining.js";
import { keys } from "./keys.js";
import { Log } from "./log.js";
import { closeMenu } from "./menu.js";
import { askPassword } from "./passwords.js";
import { People } from "./people.js";
import { Places } from "./places.js";
import { openSettings } from "./preferring.js";
import { openSearch } from "./searching.js";
import { settings } from "./settings.js";
import { tab } from "./storage.js";

settings.apply();
const chat = new Chat();
const log = new Log(chat, byId("log"), byId("newest"));
const composer = new Composer(chat, log, byId("send"));
const places = new Places(chat, byId("rooms"));
const people = new People(chat, composer, byId("members"));
const calling = new Calling(chat);
const search = (found) => openSearch(chat, log, found);
joining(chat);
keys({ places, log, composer, search: () => search(), help: () => openHelp(chat) });

// The head.

const drawers = { rooms: byId("show-rooms"), members: byId("show-members") };
const narrow = matchMedia("(max-width: 760px)");

/** Open or close the part *id*, and say so; in a narrow window only one is open. */
function drawer(id, open) {
  const chatView = byId("chat");
  if (narrow.matches) {
    for (const one of Object.keys(drawers)) chatView.classList.toggle(`show-${one}`, one === id && open);
    if (open) byId(id).querySelector("[aria-current], button")?.focus();
  } else if (id === "members") settings.set("members", open);
  layout();
}

function isOpen(id) {
  return narrow.matches ? byId("chat").classList.contains(`show-${id}`) : id === "rooms" || settings.get("members");
}

function layout() {
  byId("chat").classList.toggle("no-members", !settings.get("members"));
  for (const [id, button] of Object.entries(drawers)) button.setAttribute("aria-expanded", String(isOpen(id)));
  shown(byId("veil"), narrow.matches && Object.keys(drawers).some(isOpen));
}

for (const [id, button] of Object.entries(drawers)) button.addEventListener("click", () => drawer(id, !isOpen(id)));
byId("veil").addEventListener("click", () => drawer("", false));
byId("chat").addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || byId("veil").hidden) return;
  const button = Object.entries(drawers).find(([id]) => isOpen(id))[1];
  drawer("", false);
  button.focus();
  event.stopPropagation();
});
narrow.addEventListener("change", layout);
chat.on("room", () => narrow.matches && !byId("veil").hidden && (drawer("", false), composer.focus()));
byId("show-search").addEventListener("click", () => search());
byId("show-settings").addEventListener("click", () => openSettings(chat, calling));
byId("show-help").addEventListener("click", () => openHelp(chat));
byId("log").addEventListener("click", ({ target }) => {
  if (target.dataset?.nick) people.menu(target, target.dataset.nick);
});
layout();

// What the server tells.

chat.on("password", (wanted) => askPassword(chat, wanted));
chat.on("found", (found) => search(found));
chat.on("room", () => closeMenu());
chat.on("upgraded", () => shown(byId("upgraded"), true));
byId("reload").addEventListener("click", () => location.reload());
byId("connect").addEventListener("click", () => chat.connect());

let before = "";
chat.on("state", (why) => {
  const { state, delay } = chat;
  const words = {
    live: "Connected",
    waiting: delay ? `Offline: reconnecting in ${delay} s` : "Connecting…",
    ended: `Disconnected: ${why}`,
  };
  if (words[state]) say(byId("connection"), words[state]);
  byId("connection").dataset.state = state;
  shown(byId("connect"), state === "waiting" || state === "ended");
  say(byId("me"), chat.nick);
  if (state === "live" && (before === "out" || before === "")) composer.focus();
  if (state === "live" || state === "out") before = state;
});

// The session of this tab.

addEventListener("pagehide", () => chat.save());
document.addEventListener("visibilitychange", () => document.hidden && chat.save());
const kept = tab.get("session");
if (kept && (await claim(kept.token))) chat.resume(kept);
else {
  tab.set("session", null);
  document.documentElement.dataset.view = "join";
}
