/** What can be done without typing: a form for any command, passwords, and what operators do. */

import { askFor, field, openDialog } from "./dialog.js";
import { button, h } from "./dom.js";
import { key } from "./rooms.js";
import { bytes } from "./typed.js";
import { banned } from "./words.js";

const PASSWORD = 512;
const HINTS = { DURATION: "As 10m, 2h or 1d; for good if left empty.", SECONDS: "Leave it empty to end slow mode." };

/** Have *text* done in the current room, as if it had been typed. */
export function does(chat, text) {
	chat.send({ type: "line", text, ...(chat.current.id && { room: chat.current.id }) }, text);
}

/** Ask for what the command *name* takes beside *nick*; *value* stands there to begin with, *empty* stands for nothing. */
export function askCommand(chat, name, title, { nick = "", value = "", empty = "" } = {}) {
	const [usage, help] = Object.entries(chat.commands).find(([one]) => one.split(" ")[0] === `/${name}`);
	const wanted = usage.split(" ").slice(nick ? 2 : 1);
	const fields = wanted.map((one) => {
		const bare = one.replace(/[[\]]/g, "");
		const given = { value, required: bare === one, maxlength: 300 };
		return field(bare[0] + bare.slice(1).toLowerCase(), bare, given, HINTS[bare] ?? "");
	});
	const done = (values) => {
		const given = Object.values(values).map((one) => one.trim());
		does(chat, ["/" + name, nick, ...given].filter(Boolean).join(" ") + (given.join("") ? "" : empty));
	};
	askFor(title, title, [h("p", { class: "hint" }, help), ...fields], done);
}

/** What may be done about *nick*, as items of a menu. */
export function overPerson(chat, nick) {
	const { current } = chat;
	if (!chat.rules(current)) return [];
	const ask = (name, title) => [`${title}…`, () => askCommand(chat, name, `${title} ${nick}`, { nick })];
	const now = (title, name) => [title, () => does(chat, `/${name} ${nick}`)];
	const person = current.people.get(key(nick));
	return [
		null,
		ask("kick", "Kick"),
		ask("mute", "Mute"),
		...(current.muted.has(key(nick)) ? [now("Unmute", "unmute")] : []),
		ask("ban", "Ban"),
		person?.role === "operator" ? now("Take operator away", "deop") : now("Make operator", "op"),
	];
}

/** What may be done with the current room, as items of a menu. */
export function overRoom(chat) {
	const { current } = chat;
	const { lock, private: hidden } = current.settings;
	const ask = (name, title, more) => [`${title}…`, () => askCommand(chat, name, title, more)];
	const now = (title, line) => [title, () => does(chat, line)];
	return [
		ask("topic", "Set the topic", { value: current.topic, empty: " -" }),
		ask("invite", "Invite someone"),
		...(chat.rules(current)
			? [
					null,
					ask("slow", "Slow mode"),
					lock ? now("Unlock", "/unlock") : ask("lock", "Lock"),
					hidden ? now("Make public", "/private off") : now("Make private", "/private on"),
					["Bans and mutes…", () => listBans(chat)],
				]
			: []),
	];
}

async function listBans(chat) {
	const { bans = [], text } = await chat.ask({ type: "bans", room: chat.current.id });
	const lift = ({ kind, target }) => () => {
		does(chat, `/un${kind} ${target}`);
		dialog.close();
	};
	const rows = bans.map((one) => h("li", {}, banned(one), button("Lift", lift(one), { "aria-label": `Lift for ${one.target}` })));
	const nobody = h("li", {}, text ?? "Nobody is banned or muted here.");
	const dialog = openDialog("Bans and mutes", h("ul", { class: "rows" }, rows.length ? rows : nobody));
}

const secret = (label, name, kind) => field(label, name, { type: "password", autocomplete: `${kind}-password`, required: true });

/** Ask for the password that the command *name* lacks: of *nick*, whose it is. */
export function askPassword(chat, name, nick = chat.nick) {
	const [title, ...more] = {
		register: ["Register this nick", secret("New password", "password", "new"), secret("The same again", "again", "new")],
		password: [
			"Change the password",
			secret("Present password", "old", "current"),
			secret("New password", "password", "new"),
			secret("The same again", "again", "new"),
		],
		account: ["Delete the account", secret("Password", "password", "current")],
		login: ["Log in", secret("Password", "password", "current")],
	}[name];
	// The nick is there for password managers, and can be another one's than the present.
	const owner = field("Nick", "nick", { value: nick, autocomplete: "username", readonly: name !== "login" });
	askFor(title, title, [owner, ...more], ({ nick: who, old, password, again = password }) => {
		if (password !== again) return "These are two different passwords.";
		if (bytes(password) > PASSWORD) return `A password has at most ${PASSWORD} bytes.`;
		const asked = {
			register: { password },
			password: { old, new: password, password },
			account: { action: "delete", password },
			login: { nick: who, password },
		};
		chat.send({ type: name, ...asked[name] });
		return "";
	});
}
