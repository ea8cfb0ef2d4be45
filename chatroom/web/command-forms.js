/** Command forms: forms for commands and passwords, and the moderators' menus. */

import { isolated } from "./bidi.js";
import { field, openForm } from "./dialog.js";
import { button, h } from "./dom.js";
import { FORMS } from "./form-fields.js";
import { bytes } from "./input.js";
import { nickKey } from "./rooms.js";

/** @import { Command, PasswordCommand } from "./protocol" */
/** @import { Session } from "./session.js" */
/** @import { Attributes, GivenArguments, MenuItem } from "./types" */

/** Longest password, in bytes. */
const MAX_PASSWORD_BYTES = 1024;

/** Longest argument, in characters. */
const MAX_ARGUMENT = 300;

/**
 * Ask for the arguments of a command, then have it done in the room that is the current one now.
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
		return perform(session, command);
	});
}

/**
 * Have something done that the person has filled in a form for; it is not tried again.
 * @param {Session} session
 * @param {Command} command
 * @returns {Promise<string | undefined>}  Why it was not done.
 */
async function perform(session, command) {
	const reply = await session.ask(command, true);
	return reply.type === "refused" ? reply.text : undefined;
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
		settings.moderated ? now("/moderated off", "Let everyone speak") : now("/moderated on", "Let only some speak"),
		settings.lock ? now("/unlock", "Unlock") : ask("lock", "Lock"),
		settings.private ? now("/private off", "Make public") : now("/private on", "Make private"),
		settings.unlisted ? now("/unlisted off", "List it again") : now("/unlisted on", "Leave it out of lists"),
		settings.freetopic
			? now("/freetopic off", "Let only operators set the topic")
			: now("/freetopic on", "Let everyone set the topic"),
		ask("limit", "Limit the number of people", { value: settings.limit ?? "" }),
		null,
		now("/bans", "List bans and mutes"),
		ask("unban", "Lift a ban"),
		ask("unmute", "Lift a mute"),
	];
}

// Passwords.

/** @type {Record<PasswordCommand, { title: string, wants: string[] }>} */
const PASSWORD_FORMS = {
	register: { title: "Register this nick", wants: ["password"] },
	password: { title: "Change the password", wants: ["old", "new"] },
	account: { title: "Delete the account", wants: ["password"] },
	login: { title: "Log in", wants: ["password"] },
};

/**
 * Make the fields for a password that a command wants; a new one is repeated.
 * @param {PasswordCommand} command
 * @param {string} name  What the protocol calls the password.
 * @param {Attributes} attributes
 */
function passwordFields(command, name, attributes) {
	const made = (/** @type {string} */ label, /** @type {string} */ name, /** @type {Attributes} */ more) =>
		field(label, name, { type: "password", required: true, ...more });
	if (command !== "register" && name !== "new") {
		const label = name === "old" ? "Current password" : "Password";
		return [made(label, name, { autocomplete: "current-password", ...attributes })];
	}
	const autocomplete = "new-password";
	return [made("New password", name, { autocomplete, ...attributes }), made("Repeat it", "again", { autocomplete })];
}

/**
 * Ask for the passwords that a command needs.
 * @param {Session} session
 * @param {PasswordCommand} command
 * @param {{ nick?: string, wants?: string[], typed?: string, unasked?: boolean }} [given]
 *     Whose they are, what the protocol calls them, what was typed before the form was there, and whether it comes
 *     unasked.
 */
export function askPassword(session, command, { nick = session.store.nick, wants, typed, unasked } = {}) {
	const { title, wants: usual } = PASSWORD_FORMS[command];
	// The nick is there for password managers, too.
	const owner = field("Nick", "nick", { value: nick, autocomplete: "username", readonly: command !== "login" });
	const fields = (wants ?? usual).flatMap((name, index) =>
		passwordFields(command, name, index ? {} : { value: typed, autofocus: true }),
	);
	const strange = unasked && command === "login";
	const hint = strange && h("p", { class: "hint" }, "That nick is registered. If it is not yours, take another one.");
	const other = strange && button("Take another nick", (event) => takeAnother(event.currentTarget));
	const takeAnother = (/** @type {HTMLElement} */ pressed) => {
		pressed.closest("dialog")?.close();
		askCommand(session, "nick", "Change nick");
	};
	openForm(title, title, [hint, owner, ...fields, other], ({ nick, again, ...passwords }) => {
		const { password, new: chosen = password } = passwords;
		if (again !== undefined && chosen !== again) return "The passwords don't match.";
		if (Object.values(passwords).some((one) => bytes(one) > MAX_PASSWORD_BYTES))
			return `A password has at most ${MAX_PASSWORD_BYTES} bytes.`;
		const which = { login: { nick }, account: { action: "delete" } };
		return perform(session, { type: command, ...passwords, ...which[/** @type {keyof typeof which} */ (command)] });
	});
}
