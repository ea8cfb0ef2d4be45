/** Main: puts the page together, and resumes this tab's session, if any. */

import { Address } from "./address.js";
import { askPassword } from "./command-forms.js";
import { Composer } from "./composer.js";
import { copyRowsOf } from "./copying.js";
import { byId, root, say } from "./dom.js";
import { askBeforeExit } from "./exit-dialog.js";
import { Focus } from "./focus.js";
import { rename, renamed } from "./going.js";
import { openHelp } from "./help-dialog.js";
import { makeJoinForm, offerSamePerson } from "./join-form.js";
import { isComposing, isLetter, isSlash } from "./keys.js";
import { Log } from "./log.js";
import { MemberList } from "./member-list.js";
import { closeMenu } from "./menu.js";
import { MessageMenu } from "./message-menu.js";
import { Notifications } from "./notifications.js";
import { OfferBar } from "./offer-bar.js";
import { Panels } from "./panels.js";
import { sendReadMarks } from "./read-marks.js";
import { RoomList } from "./room-list.js";
import { findSession } from "./saved-session.js";
import { openSearch } from "./search-dialog.js";
import { Session } from "./session.js";
import { openSettings } from "./settings-dialog.js";
import { applySettings, showNumbers } from "./settings.js";
import { Store } from "./store.js";
import { openSwitcher } from "./switcher.js";

/** @import { Reply } from "./protocol" */

applySettings();
const store = new Store();
const session = new Session(store);
const log = new Log(session, byId("log"), byId("newest"));
const composer = new Composer(session, log, byId("send"));
const rooms = new RoomList(session, byId("rooms"));
const members = new MemberList(session, composer, byId("members"));
const notifications = new Notifications(session);
const panels = new Panels();
const address = new Address(session, log);
new OfferBar(session);
sendReadMarks(session);
const focus = new Focus(store, composer);
makeJoinForm(session);
copyRowsOf(byId("log"));
new MessageMenu(session, byId("log"));

const search = (/** @type {Reply<"found"> | undefined} */ found) => openSearch(session, log, found);
const help = () => openHelp(store.commands);

// Clicks.

/** @type {Record<string, (event: MouseEvent) => unknown>} */
const CLICKS = {
	"show-search": () => search(undefined),
	"show-help": help,
	"show-settings": () => openSettings(session, notifications),
	reload: () => location.reload(),
	connect: () => session.connect(),
	log({ target }) {
		if (target instanceof HTMLElement && target.dataset.nick) members.openMenu(target, target.dataset.nick);
	},
};
for (const [id, act] of Object.entries(CLICKS)) byId(id).addEventListener("click", act);

// Keys, as listed in the help.

/**
 * Return what a key does, if anything.
 * @param {KeyboardEvent} event
 * @returns {(() => unknown) | undefined}
 */
function shortcut(event) {
	const { key, altKey, shiftKey, ctrlKey, metaKey, target } = event;
	if (altKey && key === "ArrowUp") return () => rooms.move(-1, shiftKey);
	if (altKey && key === "ArrowDown") return () => rooms.move(1, shiftKey);
	if (key === "Escape") {
		return () => {
			byId(panels.over ? `show-${panels.over}` : "message").focus();
			panels.close();
		};
	}
	// With Alt it is AltGr on some systems, which types a character; with Shift, another shortcut in some browsers.
	if ((!ctrlKey && !metaKey) || altKey) return undefined;
	if (isLetter(event, "k") && !shiftKey) return () => openSwitcher(session);
	if (isLetter(event, "f") && shiftKey) return () => search(undefined);
	if (isSlash(event)) return help;
	// Where something is written, this goes to the end of it.
	const writing = target instanceof HTMLTextAreaElement && target.value;
	return key === "End" && !writing ? () => log.toNewest() : undefined;
}

addEventListener("keydown", (event) => {
	// What ends a composition must not send the form that it is in.
	if (isComposing(event) && event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
	if (root.view !== "chat" || isComposing(event) || document.querySelector("dialog[open]")) return;
	const act = shortcut(event);
	if (!act) return;
	act();
	event.preventDefault();
});

// Chat events.

store.on("room", () => {
	closeMenu();
	panels.close();
});
store.on("password", (command, nick, wants, unasked) => {
	askPassword(session, command, { nick: nick || store.nick, wants, typed: composer.takeHeld(), unasked });
});
store.on("renamed", (nick) => rename(session, nick));
store.on("exit", (room) => askBeforeExit(session, composer, room));
store.on("find", search);
store.on("preferences", () => showNumbers(store.preferences.numbers));
store.on("upgraded", () => {
	byId("upgraded").hidden = false;
});

/** @param {string} reason */
function connectionText(reason) {
	const { state, delay } = store;
	if (session.leaving && state === "live") return "Leaving, as soon as everything is sent…";
	if (state === "live") return "Connected";
	if (state === "ended") return `Disconnected: ${reason}`;
	if (state === "waiting") return delay ? `Offline: reconnecting in ${delay} s` : "Connecting…";
	return null;
}

let joined = false;
store.on("state", (reason) => {
	const { state, nick } = store;
	const connection = byId("connection");
	const text = connectionText(reason);
	if (text !== null) say(connection, text);
	connection.dataset.state = session.leaving ? "leaving" : state;
	byId("connect").hidden = state !== "waiting" && state !== "ended";
	say(byId("me"), nick);
	if (state === "out") joined = false;
	if (state === "live") for (const one of renamed) rename(session, one);
	if (state === "live" && !joined) {
		joined = true;
		focus.toBox();
	}
});

// Resuming.

addEventListener("pagehide", () => session.save());
document.addEventListener("visibilitychange", () => document.hidden && session.save());

const found = await findSession();
if (found && found.where !== "elsewhere") {
	address.honour();
	session.resume(found.saved, found.where === "behind");
} else {
	root.view = "join";
	if (found) offerSamePerson(session, found.saved);
	else byId("nick").focus();
}
