/** Settings of the page, stored by the browser. */

import { root } from "./dom.js";
import { local } from "./storage.js";
import { untrustedSettings } from "./untrusted.js";

export const settings = {
	/** `system`, `light` or `dark`. */
	theme: "system",
	/** Whether the desktop shows notifications. */
	desktop: false,
	sound: false,
	/** Whether each nick has a colour of its own. */
	colours: true,
	/** What to be notified of, until the server says what is preferred: `all`, `mentions` or `none`. */
	notify: "mentions",
	/** Whether the list of members is shown in a wide window. */
	members: true,
};
Object.assign(settings, untrustedSettings(local.get("settings")));

/**
 * Change a setting.
 * @template {keyof typeof settings} K
 * @param {K} name
 * @param {(typeof settings)[K]} value
 */
export function set(name, value) {
	settings[name] = value;
	local.set("settings", settings);
	applySettings();
}

/**
 * Show the number of each message, or not.
 * @param {boolean} on
 */
export function showNumbers(on) {
	root.numbers = String(on);
}

/** Apply the settings to the page. */
export function applySettings() {
	root.theme = settings.theme;
	root.colours = String(settings.colours);
}
