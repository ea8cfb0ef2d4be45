/** Who is in the current room, and what can be done about them. */

import { does, overPerson } from "./command-forms.js";
import { button, fill, h, say } from "./dom.js";
import { openMenu } from "./menu.js";
import { key } from "./rooms.js";
import { hue } from "./row-view.js";

const MOST = 500;
const OFTEN = 60000;
const RANKS = ["admin", "operator"];

/** Show them in *aside*; returns what opens the menu about somebody by an element. */
export function makePeople(chat, composer, aside) {
	let shown = "";

	function menu(opener, nick) {
		const ignored = chat.preferences.ignore.some((one) => key(one) === key(nick));
		const now = (name, title) => [title, () => does(chat, `/${name} ${nick}`)];
		const talk = () => {
			chat.select(chat.rooms.converse(nick));
			composer.focus();
		};
		const others = [
			["Private message", talk],
			ignored ? now("unignore", "Hear again") : now("ignore", "Ignore"),
			...overPerson(chat, nick),
		];
		const items = [["Mention", () => composer.insert(`${nick}: `)], now("whois", "Whois")];
		openMenu(opener, nick, key(nick) === key(chat.nick) ? items : [...items, ...others]);
	}

	function person({ nick, role, away = null, connected = true }) {
		const state = away === null && connected ? "" : " absent";
		const notes = [RANKS.includes(role) && role, away !== null && "away", !connected && "reconnecting"].filter(Boolean);
		const content = [
			h("span", { class: "nick" }, nick),
			h("span", { class: "notes" }, nick === chat.nick && " (you)", ...notes.flatMap((note) => [" ", h("b", { class: note }, note)])),
		];
		const given = { class: `person hue${state}`, "--hue": hue(nick), "data-id": nick, "aria-haspopup": "menu", title: away };
		return h("li", {}, button(content, ({ currentTarget }) => menu(currentTarget, nick), given));
	}

	chat.on("rooms", () => {
		const { current, nick } = chat;
		const now = [current.id, current.changes, nick].join();
		if (now === shown) return;
		shown = now;
		const rank = ({ role }) => RANKS.indexOf(role) + 1 || 3;
		const people = [...current.people.values()];
		people.sort((one, other) => rank(one) - rank(other) || one.nick.localeCompare(other.nick));
		const more = people.length - MOST;
		aside.hidden = !people.length;
		say(aside.querySelector("h2"), `Members ${people.length || ""}`);
		fill(aside.querySelector("ul"), [...people.slice(0, MOST).map(person), more > 0 ? h("li", { class: "hint" }, `and ${more} more`) : ""]);
	});
	// Who goes away, or falls silent, tells nobody.
	setInterval(() => document.hidden || chat.refresh(), OFTEN);
	return menu;
}
