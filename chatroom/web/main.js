/** Starts the page, and goes on with the session that this tab had, if any. */

import { makeChat } from "./chat.js";
import { askPassword } from "./command-forms.js";
import { makeComposer } from "./composer.js";
import { byId, root, say } from "./dom.js";
import { openHelp } from "./help-dialog.js";
import { makeJoining } from "./join-form.js";
import { makeLog } from "./log.js";
import { makePeople } from "./member-list.js";
import { closeMenu } from "./menu.js";
import { makeCalling } from "./notifications.js";
import { makePlaces } from "./room-list.js";
import { openSearch } from "./search-dialog.js";
import { openSettings } from "./settings-dialog.js";
import { local, set, settings, tab, taken } from "./storage.js";

set("theme", settings.theme);
const chat = makeChat();
const log = makeLog(chat, byId("log"), byId("newest"));
const composer = makeComposer(chat, log, byId("send"));
const move = makePlaces(chat, byId("rooms"));
const about = makePeople(chat, composer, byId("members"));
const calling = makeCalling(chat);
makeJoining(chat);
const search = (found) => openSearch(chat, log, found);
const help = () => openHelp(chat);
const click = (id, does) => byId(id).addEventListener("click", does);

click("show-search", () => search());
click("show-help", help);
click("show-settings", () => openSettings(chat, calling));
click("reload", () => location.reload());
click("connect", () => chat.connect());
click("log", ({ target }) => target.dataset.nick && about(target, target.dataset.nick));

// The rooms and the members: in a narrow window one at a time, over the log.

const narrow = matchMedia("(max-width: 760px)");
const sides = ["rooms", "members"];
let over = "";

function layout(now) {
	over = now;
	for (const id of sides) {
		const open = narrow.matches ? over === id : id === "rooms" || settings.members;
		byId("chat").classList.toggle(`with-${id}`, open);
		byId(`show-${id}`).setAttribute("aria-expanded", open);
	}
	byId("veil").hidden = !over;
}

const close = () => layout("");

for (const id of sides)
	click(`show-${id}`, () => {
		if (!narrow.matches) set("members", !settings.members);
		layout(narrow.matches && over !== id ? id : "");
		if (over) byId(id).querySelector("button").focus();
	});
click("veil", close);
narrow.addEventListener("change", close);
chat.on("room", () => {
	closeMenu();
	if (over) composer.focus();
	close();
});

// Keys, as the help lists them.

addEventListener("keydown", (event) => {
	const { key, altKey, shiftKey } = event;
	const command = event.ctrlKey || event.metaKey;
	if (root.view !== "chat" || document.querySelector("dialog[open]")) return;
	if (altKey && key === "ArrowUp") move(-1, shiftKey);
	else if (altKey && key === "ArrowDown") move(1, shiftKey);
	else if (command && key === "k") search();
	else if (command && key === "/") help();
	else if (command && key === "End" && !event.target.value) log.newest();
	else if (key === "Escape") {
		byId(over ? `show-${over}` : "message").focus();
		close();
	} else return;
	event.preventDefault();
});

// What the server tells.

chat.on("password", ({ command, nick }) => askPassword(chat, command, nick || chat.nick));
chat.on("find", search);
chat.on("upgraded", () => (byId("upgraded").hidden = false));
let joined = false;
chat.on("state", (why) => {
	const { state, delay, nick } = chat;
	const waiting = delay ? `Offline: reconnecting in ${delay} s` : "Connecting…";
	const words = { live: "Connected", waiting, ended: `Disconnected: ${why}` };
	if (state in words) say(byId("connection"), words[state]);
	byId("connection").dataset.state = state;
	byId("connect").hidden = !/waiting|ended/.test(state);
	say(byId("me"), nick);
	if (state === "out") joined = false;
	if (state === "live" && !joined) {
		joined = true;
		composer.focus();
	}
});

close();
addEventListener("pagehide", () => chat.save());
document.addEventListener("visibilitychange", () => document.hidden && chat.save());
const ours = tab.get("session");
const kept = ours || local.get("session");
if (kept && !(await taken(kept.token))) chat.resume(kept, !ours);
else {
	root.view = "join";
	byId("nick").focus();
}
