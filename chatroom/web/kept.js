/** What the browser keeps for us, where it does: every access may fail, and then the page goes on without. */

class Kept {
	/** @param {"localStorage"|"sessionStorage"} area merely naming it fails where storage is switched off */
	constructor(area) {
		this.area = area;
	}

	get(name) {
		try {
			return JSON.parse(window[this.area].getItem(`chatroom.${name}`));
		} catch {
			return null;
		}
	}

	set(name, value) {
		try {
			window[this.area].setItem(`chatroom.${name}`, JSON.stringify(value));
		} catch {
			// Full, or switched off: what is in memory will do.
		}
	}
}

/** For good, and for all tabs: settings, the last nick, drafts. */
export const local = new Kept("localStorage");

/** For this tab, over a reload: the session, and what it has not had answered. */
export const tab = new Kept("sessionStorage");

/** How this person wants the page. */
export const settings = { theme: "system", desktop: false, sound: false, colours: true, notify: "mentions", members: true };
Object.assign(settings, local.get("settings"));

/** Set *name* to *value*, or nothing, and let the page look as it is wanted. */
export function set(name, value) {
	if (name) {
		settings[name] = value;
		local.set("settings", settings);
	}
	document.documentElement.dataset.theme = settings.theme;
	document.documentElement.dataset.colours = settings.colours;
}
