/** Who is in the current room, how they are, and what can be done about them. */

import { button, h, say } from "./dom.js";
import { does, overPerson } from "./forms.js";
import { openMenu } from "./menu.js";
import { key } from "./rooms.js";
import { hue } from "./row.js";

const MOST = 500;
const OFTEN = 60000;
const RANKS = ["admin", "operator"];

/** Show them in *aside*; returns what opens the menu about somebody by an element. */
export function makePeople(chat, composer, aside) {
	const list = aside.querySelector("ul");
	let shown = "";

	function menu(opener, nick) {
		const ignored = chat.preferences.ignore.some((one) => key(one) === key(nick));
		const talk = () => {
			chat.select(chat.rooms.converse(nick));
			composer.focus();
		};
		const others = [
			["Private message", talk],
			[ignored ? "Hear again" : "Ignore", () => does(chat, `/${ignored ? "unignore" : "ignore"} ${nick}`)],
			...overPerson(chat, nick),
		];
		openMenu(opener, nick, [
			["Mention", () => composer.insert(`${nick}: `)],
			["Whois", () => does(chat, `/whois ${nick}`)],
			...(key(nick) === key(chat.nick) ? [] : others),
		]);
	}

	function person({ nick, role, away = null, connected = true }) {
		const absent = away !== null || !connected;
		const notes = [RANKS.includes(role) && role, away !== null && "away", !connected && "reconnecting"].filter(Boolean);
		const given = { class: `person ${hue(nick)}${absent ? " absent" : ""}`, "data-nick": nick, "aria-haspopup": "menu", title: away };
		const own = nick === chat.nick && " (you)";
		// The comma is for those who are told.
		const text = notes.map((note) => [h("i", {}, ", "), h("b", { class: note }, note)]);
		const content = [h("span", { class: "nick" }, nick), h("span", { class: "notes" }, own, text.flat())];
		return h("li", {}, button(content, ({ currentTarget }) => menu(currentTarget, nick), given));
	}

	chat.on("rooms", () => {
		const rank = ({ role }) => RANKS.indexOf(role) + 1 || 3;
		const people = [...chat.current.people.values()];
		people.sort((one, other) => rank(one) - rank(other) || one.nick.localeCompare(other.nick));
		const now = JSON.stringify([people, chat.nick, chat.current.id]);
		if (now === shown) return;
		shown = now;
		say(aside.querySelector("h2"), `Members ${people.length || ""}`);
		const focused = document.activeElement.dataset.nick;
		const more = people.length - MOST;
		list.replaceChildren(...people.slice(0, MOST).map(person), ...(more > 0 ? [h("li", { class: "hint" }, `and ${more} more`)] : []));
		if (focused) list.querySelector(`[data-nick="${CSS.escape(focused)}"]`)?.focus();
	});
	// Who goes away, or falls silent, tells nobody.
	setInterval(() => document.hidden || chat.refresh(), OFTEN);
	return menu;
}
