/** The settings. */

import { askCommand, askPassword, does } from "./command-forms.js";
import { check, openDialog } from "./dialog.js";
import { button, h } from "./dom.js";
import { set, settings } from "./storage.js";

const choice = (label, options, value, onchange) =>
	h(
		"label",
		{ class: "check" },
		label,
		h("select", { onchange }, Object.entries(options).map(([name, text]) => h("option", { value: name, selected: name === value }, text))),
	);

/** Open the settings. */
export function openSettings(chat, calling) {
	const hint = h("p", { class: "hint", role: "status" });
	const desktop = async ({ target }) => {
		if (target.checked) target.checked = await calling.allow();
		hint.textContent = settings.desktop || target.checked ? "" : "The browser does not allow that.";
		set("desktop", target.checked);
	};
	const sound = ({ target }) => {
		set("sound", target.checked);
		if (target.checked) calling.ring();
	};
	const notify = ({ target }) => {
		set("notify", target.value);
		does(chat, `/notify ${target.value}`);
	};
	const go = (text, action, given) => button(text, () => (dialog.close(), action()), given);
	const ask = (name, title, more) => go(title, () => askCommand(chat, name, title, more));
	const { account, nick, preferences } = chat;
	const own = account
		? [
				go("Change password", () => askPassword(chat, "password", account)),
				go("Log out", () => does(chat, "/logout")),
				go("Delete account", () => askPassword(chat, "account", account), { class: "danger" }),
			]
		: [go("Register this nick", () => askPassword(chat, "register")), go("Log in", () => askPassword(chat, "login"))];
	const dialog = openDialog(
		"Settings",
		h("h3", {}, "Notifications"),
		choice("Notify me of", { all: "Everything", mentions: "Mentions", none: "Nothing" }, chat.notify(), notify),
		check("Desktop notifications", settings.desktop && calling.allowed(), desktop),
		check("Sound", settings.sound, sound),
		hint,
		h("h3", {}, "Appearance"),
		choice("Theme", { system: "System", light: "Light", dark: "Dark" }, settings.theme, ({ target }) => set("theme", target.value)),
		check("Colour nicks", settings.colours, ({ target }) => set("colours", target.checked)),
		h("h3", {}, account ? `You are ${nick}, logged in to the account ${account}` : `You are ${nick}, a guest`),
		h(
			"div",
			{ class: "buttons" },
			ask("nick", "Change nick", { value: nick }),
			preferences.away === null ? ask("away", "Set yourself away") : go("Be back", () => does(chat, "/away")),
			own,
			go("Leave the chat", () => chat.leave(), { class: "danger" }),
		),
	);
}
