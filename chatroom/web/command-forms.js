/** Command forms: forms for commands and passwords, and the moderators' menus. */

import { isolated } from "./bidi.js";
import { field, openForm } from "./dialog.js";
import { h } from "./dom.js";
import { FORMS } from "./form-fields.js";
import { bytes } from "./input.js";
import { nickKey } from "./rooms.js";

/** @import { Command, PasswordCommand } from "./protocol" */
/** @import { Session } from "./session.js" */
/** @import { GivenArguments, MenuItem, Values } from "./types" */

/** Longest password, in bytes. */
const MAX_PASSWORD_BYTES = 512;

/** Longest argument, in characters. */
const MAX_ARGUMENT = 300;

/**
 * Ask for the arguments of a command, then have it done in the current room.
 * @param {Session} session
 * @param {string} name
 * @param {string} title
 * @param {GivenArguments} [given]
 */
export function askCommand(session, name, title, { about = {}, value = "", empty } = {}) {
	const { hint, fields } = FORMS[name];
	const { id: room } = session.store.current;
	const inputs = fields.map(({ label, name, hint, ...attributes }) =>
		field(label, name, { value, dir: "auto", maxlength: MAX_ARGUMENT, min: 1, ...attributes }, hint),
	);
	openForm(title, title, [hint && h("p", { class: "hint" }, hint), ...inputs], (values) => {
		/** @type {Command} */
		const command = { type: name, room, ...about };
		for (const { name, type } of fields) {
			const given = values[name].trim() || empty;
			if (given) command[name] = type === "number" ? Number(given) : given;
		}
		return session.perform(command);
	});
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
		const [nick] = Object.values(given?.about ?? {});
		const formTitle = nick ? `${title} ${isolated(nick)}` : title;
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
		ask("kick", "Kick", { about: { nick } }),
		ask("mute", "Mute", { about: { target: nick } }),
		now(`/unmute ${nick}`, "Unmute"),
		ask("ban", "Ban", { about: { target: nick } }),
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
		passwordField("Repeat it", "again", "new"),
	];
	switch (name) {
		case "register":
			return ["Register this nick", ...chosen()];
		case "password":
			return ["Change the password", passwordField("Current password", "old", "current"), ...chosen()];
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
		if (password !== again) return "The passwords don't match.";
		if (bytes(password) > MAX_PASSWORD_BYTES) return `A password has at most ${MAX_PASSWORD_BYTES} bytes.`;
		return session.perform(passwordCommand(name, values));
	});
}
