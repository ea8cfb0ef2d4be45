/** What can be done without typing: a form for any command, menus of what moderators may do, and passwords. */

import { field, openForm } from "./dialog.js";
import { h } from "./dom.js";
import { bytes } from "./input.js";
import { nickKey } from "./rooms.js";

/** @import { Command, PasswordCommand } from "./protocol" */
/** @import { Session } from "./session.js" */
/** @import { GivenArguments, MenuItem, Values } from "./types" */

/** Bytes that a password may have, as the server counts them. */
const MAX_PASSWORD_BYTES = 512;

/** Characters that may be filled in for an argument. */
const MAX_ARGUMENT = 300;

/** @type {Record<string, string>} What helps to fill in an argument, by its name in the usage. */
const HINTS = { DURATION: "10m, 2h or 1d; nothing means for good.", SECONDS: "Nothing ends it." };

/**
 * Ask for the arguments of a command, and have it done in the current room.
 * @param {Session} session
 * @param {string} name
 * @param {string} title
 * @param {GivenArguments} [given]
 */
export function askCommand(session, name, title, { nick = "", value = "", empty = "" } = {}) {
	const commands = Object.entries(session.store.commands);
	const [usage, help] = commands.find(([one]) => one.split(" ")[0] === `/${name}`) ?? [`/${name}`, ""];
	const names = usage.split(" ").slice(nick ? 2 : 1);
	const fields = names.map((name) => argumentField(name, value));
	openForm(title, title, [h("p", { class: "hint" }, help), ...fields], (values) => {
		const filledIn = Object.values(values).join(" ").trim() || empty;
		session.run([`/${name}`, nick, filledIn].join(" ").replace(/ +/g, " ").trim());
	});
}

/**
 * @param {string} name  As the usage has it: in square brackets if it may be left out.
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
 * Return what we may do about *nick* in the current room, as items of a menu.
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
		operator ? now(`/deop ${nick}`, "Take operator away") : now(`/op ${nick}`, "Make operator"),
	];
}

/**
 * Return what we may do with the current room, as items of a menu.
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
 */
const passwordField = (label, name, kind) =>
	field(label, name, { type: "password", autocomplete: `${kind}-password`, required: true });

/**
 * @param {PasswordCommand} name
 * @returns {[title: string, ...fields: Node[]]}
 */
function passwordForm(name) {
	const present = () => passwordField("Password", "password", "current");
	const chosen = () => [
		passwordField("New password", "password", "new"),
		passwordField("The same again", "again", "new"),
	];
	switch (name) {
		case "register":
			return ["Register this nick", ...chosen()];
		case "password":
			return ["Change the password", passwordField("Present password", "old", "current"), ...chosen()];
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
 */
export function askPassword(session, name, nick = session.store.nick) {
	const [title, ...fields] = passwordForm(name);
	// The nick is there for password managers, too.
	const owner = field("Nick", "nick", { value: nick, autocomplete: "username", readonly: name !== "login" });
	openForm(title, title, [owner, ...fields], (values) => {
		const { password, again = password } = values;
		if (password !== again) return "These are two different passwords.";
		if (bytes(password) > MAX_PASSWORD_BYTES) return `A password has at most ${MAX_PASSWORD_BYTES} bytes.`;
		session.send(passwordCommand(name, values));
	});
}
