/** Command forms: forms for commands and passwords, and the moderators' menus. */

import { field, openForm } from "./dialog.js";
import { h } from "./dom.js";
import { bytes } from "./input.js";
import { nickKey } from "./rooms.js";

/** @import { Command, PasswordCommand } from "./protocol" */
/** @import { Session } from "./session.js" */
/** @import { GivenArguments, MenuItem, Values } from "./types" */

/** Longest password, in bytes. */
const MAX_PASSWORD_BYTES = 512;

/** Longest argument, in characters. */
const MAX_ARGUMENT = 300;

/** @type {Record<string, string>} Hints for arguments, by name in the usage. */
const HINTS = { DURATION: "10m, 2h or 1d; empty: forever.", SECONDS: "Leave empty to turn slow mode off." };

/**
 * Ask for the arguments of a command, then run it in the room that is the current one now.
 * @param {Session} session
 * @param {string} name
 * @param {string} title
 * @param {GivenArguments} [given]
 */
export function askCommand(session, name, title, { nick = "", value = "", empty = "" } = {}) {
	const { current } = session.store;
	const commands = Object.entries(session.store.commands);
	const [usage, help] = commands.find(([one]) => one.split(" ")[0] === `/${name}`) ?? [`/${name}`, ""];
	const names = usage.split(" ").slice(nick ? 2 : 1);
	const fields = names.map((name) => argumentField(name, value));
	openForm(title, title, [h("p", { class: "hint" }, help), ...fields], (values) => {
		const filledIn = Object.values(values).join(" ").trim() || empty;
		session.run([`/${name}`, nick, filledIn].join(" ").replace(/ +/g, " ").trim(), current);
	});
}

/**
 * @param {string} name  As in the usage: in square brackets if optional.
 * @param {string} value
 */
function argumentField(name, value) {
	const bare = name.replace(/[[\]]/g, "");
	const label = bare[0] + bare.slice(1).toLowerCase();
	return field(label, bare, { value, required: bare === name, maxlength: MAX_ARGUMENT }, HINTS[bare]);
}

/** @param {Session} session */
const itemsOf = (session) => ({
	/**
	 * An item that asks first.
	 * @param {string} name
	 * @param {string} title
	 * @param {GivenArguments} [given]
	 * @returns {MenuItem}
	 */
	ask: (name, title, given) => {
		const formTitle = given?.nick ? `${title} ${given.nick}` : title;
		return [`${title}…`, () => askCommand(session, name, formTitle, given)];
	},
	/**
	 * @param {string} line
	 * @param {string} title
	 * @returns {MenuItem}
	 */
	now: (line, title) => [title, () => session.run(line)],
});

/**
 * Return the moderation menu for *nick* in the current room.
 * @param {Session} session
 * @param {string} nick
 * @returns {MenuItem[]}
 */
export function personItems(session, nick) {
	const { store } = session;
	if (!store.moderating) return [];
	const { ask, now } = itemsOf(session);
	const operator = store.current.people.get(nickKey(nick))?.role === "operator";
	return [
		null,
		ask("kick", "Kick", { nick }),
		ask("mute", "Mute", { nick }),
		now(`/unmute ${nick}`, "Unmute"),
		ask("ban", "Ban", { nick }),
		operator ? now(`/deop ${nick}`, "Remove operator") : now(`/op ${nick}`, "Make operator"),
	];
}

/**
 * Return the menu of the current room.
 * @param {Session} session
 * @returns {MenuItem[]}
 */
export function roomItems(session) {
	const { current, moderating } = session.store;
	const { topic, settings } = current;
	const { ask, now } = itemsOf(session);
	const common = [ask("topic", "Set the topic", { value: topic, empty: "-" }), ask("invite", "Invite someone")];
	if (!moderating) return common;
	return [
		...common,
		null,
		ask("slow", "Slow mode"),
		settings.lock ? now("/unlock", "Unlock") : ask("lock", "Lock"),
		settings.private ? now("/private off", "Make public") : now("/private on", "Make private"),
		null,
		now("/bans", "List bans and mutes"),
		ask("unban", "Lift a ban"),
		ask("unmute", "Lift a mute"),
	];
}

// Passwords.

/**
 * @param {string} label
 * @param {string} name
 * @param {"current" | "new"} kind
 * @param {string} [typed]  What is in it already.
 * @param {boolean} [autofocus]  Whether it is the first one to fill in.
 */
const passwordField = (label, name, kind, typed = "", autofocus = false) =>
	field(label, name, { type: "password", autocomplete: `${kind}-password`, required: true, value: typed, autofocus });

/**
 * @param {PasswordCommand} name
 * @param {string} typed  What was typed before the form was there.
 * @returns {[title: string, ...fields: Node[]]}
 */
function passwordForm(name, typed) {
	const first = (/** @type {string} */ label, /** @type {string} */ field, /** @type {"current" | "new"} */ kind) =>
		passwordField(label, field, kind, typed, true);
	const present = () => first("Password", "password", "current");
	const repeated = () => passwordField("Repeat it", "again", "new");
	switch (name) {
		case "register":
			return ["Register this nick", first("New password", "password", "new"), repeated()];
		case "password": {
			const chosen = passwordField("New password", "password", "new");
			return ["Change the password", first("Current password", "old", "current"), chosen, repeated()];
		}
		case "account":
			return ["Delete the account", present()];
		case "login":
			return ["Log in", present()];
	}
}

/**
 * @param {PasswordCommand} name
 * @param {Values} values
 * @returns {Command}
 */
function passwordCommand(name, { nick, old, password }) {
	switch (name) {
		case "register":
			return { type: name, password };
		case "password":
			return { type: name, password, old, new: password };
		case "account":
			return { type: name, password, action: "delete" };
		case "login":
			return { type: name, password, nick };
	}
}

/**
 * Ask for the password that a command needs.
 * @param {Session} session
 * @param {PasswordCommand} name
 * @param {string} [nick]  Whose it is.
 * @param {string} [typed]  What was typed before the form was there.
 */
export function askPassword(session, name, nick = session.store.nick, typed = "") {
	const [title, ...fields] = passwordForm(name, typed);
	// The nick is there for password managers, too.
	const owner = field("Nick", "nick", { value: nick, autocomplete: "username", readonly: name !== "login" });
	openForm(title, title, [owner, ...fields], (values) => {
		const { password, again = password } = values;
		if (password !== again) return "The passwords don't match.";
		if (bytes(password) > MAX_PASSWORD_BYTES) return `A password has at most ${MAX_PASSWORD_BYTES} bytes.`;
		session.send(passwordCommand(name, values));
	});
}
