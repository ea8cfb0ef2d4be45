/** Settings dialog: preferences, nick and account. */

import { isolated } from "./bidi.js";
import { askCommand, askPassword } from "./command-forms.js";
import { checkbox, openDialog } from "./dialog.js";
import { button, h } from "./dom.js";
import { ownSessions } from "./own-sessions.js";
import { set, settings } from "./settings.js";

/** @import { Notifications } from "./notifications.js" */
/** @import { Session } from "./session.js" */
/** @import { MakeButton } from "./types" */

/**
 * @param {Session} session
 * @param {Notifications} notifications
 */
export function openSettings(session, notifications) {
	const { account, nick } = session.store;
	/** @type {MakeButton} What it does comes after the settings, so they are closed first. */
	const closing = (text, act, attributes) => {
		const press = () => {
			dialog.close();
			act();
		};
		return button(text, press, attributes);
	};
	const leave = closing("Leave the chat", () => session.leave(), { class: "danger" });
	const dialog = openDialog(
		"Settings",
		h("h3", {}, "Notifications"),
		...notificationSettings(session, notifications),
		h("h3", {}, "Appearance"),
		...appearanceSettings(),
		h("h3", {}, "Messages"),
		...messageSettings(session),
		h("h3", {}, `You are ${isolated(nick)}, ${account ? `logged in to the account ${isolated(account)}` : "a guest"}`),
		h("div", { class: "buttons" }, nickButtons(session, closing), accountButtons(session, closing), leave),
		h("h3", {}, "Your sessions"),
		...ownSessions(session),
	);
}

/**
 * @param {Session} session
 * @param {Notifications} notifications
 */
function notificationSettings(session, notifications) {
	const hint = h("p", { class: "hint", role: "status" });
	const desktop = async (/** @type {HTMLInputElement} */ box) => {
		if (box.checked) box.checked = await notifications.allow();
		hint.textContent = settings.desktop || box.checked ? "" : "The browser does not allow that.";
		set("desktop", box.checked);
	};
	const sound = (/** @type {HTMLInputElement} */ box) => {
		set("sound", box.checked);
		if (box.checked) notifications.ring();
	};
	const notify = (/** @type {string} */ when) => {
		set("notify", when);
		session.run(`/notify ${when}`);
	};
	const times = { all: "Everything", mentions: "Mentions", none: "Nothing" };
	return [
		choice("Notify me of", times, session.store.notify, notify),
		checkbox("Desktop notifications", settings.desktop && notifications.allowed, desktop),
		checkbox("Sound", settings.sound, sound),
		hint,
	];
}

function appearanceSettings() {
	const themes = { system: "System", light: "Light", dark: "Dark" };
	return [
		choice("Theme", themes, settings.theme, (theme) => set("theme", theme)),
		checkbox("Colour nicks", settings.colours, (box) => set("colours", box.checked)),
	];
}

/** @param {Session} session */
function messageSettings(session) {
	const { numbers, correct } = session.store.preferences;
	const preference = (/** @type {string} */ name) => (/** @type {HTMLInputElement} */ { checked }) =>
		session.run(`/${name} ${checked ? "on" : "off"}`);
	return [
		checkbox("Number messages", numbers, preference("numbers")),
		checkbox("s/old/new/ corrects my last message", correct, preference("correct")),
	];
}

/**
 * Make a choice between several options.
 * @param {string} label
 * @param {Record<string, string>} options  What each is called.
 * @param {string} value
 * @param {(value: string) => unknown} changed
 */
function choice(label, options, value, changed) {
	const choices = Object.entries(options).map(([name, text]) =>
		h("option", { value: name, selected: name === value }, text),
	);
	const select = h("select", { onchange: () => changed(select.value) }, choices);
	return h("label", { class: "check" }, label, select);
}

/**
 * @param {Session} session
 * @param {MakeButton} button
 */
function nickButtons(session, button) {
	const { nick, preferences } = session.store;
	const rename = () => askCommand(session, "nick", "Change nick", { value: nick });
	const goAway = () => askCommand(session, "away", "Set yourself away");
	const comeBack = () => session.run("/away");
	return [
		button("Change nick", rename),
		preferences.away === null ? button("Set yourself away", goAway) : button("Be back", comeBack),
	];
}

/**
 * @param {Session} session
 * @param {MakeButton} button
 */
function accountButtons(session, button) {
	const { account } = session.store;
	if (!account) {
		return [
			button("Register this nick", () => askPassword(session, "register")),
			button("Log in", () => askPassword(session, "login")),
		];
	}
	return [
		button("Change password", () => askPassword(session, "password", { nick: account })),
		button("Add an SSH key", () => askCommand(session, "keys", "Add an SSH key", { about: { action: "add" } })),
		button("Log out", () => session.run("/logout")),
		button("Delete account", () => askPassword(session, "account", { nick: account }), { class: "danger" }),
	];
}
