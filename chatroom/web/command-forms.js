/** What can be done without typing: a form for any command, and passwords. */

import { askFor, field } from "./dialog.js";
import { h } from "./dom.js";
import { bytes } from "./input.js";
import { key } from "./rooms.js";

const HINTS = { DURATION: "10m, 2h or 1d; nothing means for good.", SECONDS: "Nothing ends it." };

/** Have *text* done in the current room, as if it had been typed. */
export function does(chat, text) {
	chat.send({ type: "line", text, ...(chat.current.id && { room: chat.current.id }) }, text);
}

/** Ask for what the command *name* takes beside *nick*: *value* at first; *empty* is sent for nothing. */
export function askCommand(chat, name, title, { nick = "", value = "", empty = "" } = {}) {
	const [usage, help] = Object.entries(chat.commands).find(([one]) => one.split(" ")[0] === `/${name}`);
	const fields = usage.split(" ").slice(nick ? 2 : 1).map((one) => {
		const bare = one.replace(/[[\]]/g, "");
		return field(bare[0] + bare.slice(1).toLowerCase(), bare, { value, required: bare === one, maxlength: 300 }, HINTS[bare]);
	});
	askFor(title, title, [h("p", { class: "hint" }, help), fields].flat(), (values) => {
		const given = Object.values(values).join(" ").trim() || empty;
		does(chat, [`/${name}`, nick, given].join(" ").replace(/ +/g, " ").trim());
	});
}

/** What may be done about *nick*, as items of a menu. */
export function overPerson(chat, nick) {
	if (!chat.rules(chat.current)) return [];
	const ask = (name, title) => [`${title}…`, () => askCommand(chat, name, `${title} ${nick}`, { nick })];
	const now = (name, title) => [title, () => does(chat, `/${name} ${nick}`)];
	const operator = chat.current.people.get(key(nick))?.role === "operator";
	return [
		null,
		ask("kick", "Kick"),
		ask("mute", "Mute"),
		now("unmute", "Unmute"),
		ask("ban", "Ban"),
		operator ? now("deop", "Take operator away") : now("op", "Make operator"),
	];
}

/** What may be done with the current room. */
export function overRoom(chat) {
	const { topic, settings } = chat.current;
	const ask = (name, title, more) => [`${title}…`, () => askCommand(chat, name, title, more)];
	const now = (line, title) => [title, () => does(chat, line)];
	const common = [ask("topic", "Set the topic", { value: topic, empty: "-" }), ask("invite", "Invite someone")];
	if (!chat.rules(chat.current)) return common;
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

const secret = (label, name, kind) => field(label, name, { type: "password", autocomplete: `${kind}-password`, required: true });

/** Ask for the password that the command *name* lacks, of *nick*. */
export function askPassword(chat, name, nick = chat.nick) {
	const present = secret("Password", "password", "current");
	const chosen = [secret("New password", "password", "new"), secret("The same again", "again", "new")];
	const [title, ...fields] = {
		register: ["Register this nick", ...chosen],
		password: ["Change the password", secret("Present password", "old", "current"), ...chosen],
		account: ["Delete the account", present],
		login: ["Log in", present],
	}[name];
	// The nick is there for password managers, too.
	const owner = field("Nick", "nick", { value: nick, autocomplete: "username", readonly: name !== "login" });
	askFor(title, title, [owner, ...fields], ({ nick: who, old, password, again = password }) => {
		if (password !== again) return "These are two different passwords.";
		if (bytes(password) > 512) return "A password has at most 512 bytes.";
		const more = { account: { action: "delete" }, login: { nick: who }, password: { old, new: password } }[name];
		return void chat.send({ type: name, password, ...more });
	});
}
