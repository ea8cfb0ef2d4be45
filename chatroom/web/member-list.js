/** Member list of the current room, with a menu for each member. */

import { personItems } from "./command-forms.js";
import { button, fill, find, h, say } from "./dom.js";
import { doorName } from "./doors.js";
import { converse } from "./going.js";
import { openMenu } from "./menu.js";
import { nickKey } from "./rooms.js";
import { hue } from "./row-view.js";

/** @import { Composer } from "./composer.js" */
/** @import { Member } from "./protocol" */
/** @import { Session } from "./session.js" */
/** @import { MenuItem } from "./types" */

/** Maximum members listed; the rest is counted. */
const MAX_MEMBERS = 500;

/** Milliseconds between polls of who is away or idle, which have no events. */
const REFRESH_INTERVAL = 60_000;

export class MemberList {
	#session;
	#store;
	#composer;
	#aside;
	/** What the list was last made of, so that it is not made again for nothing. */
	#shown = "";

	/**
	 * @param {Session} session
	 * @param {Composer} composer
	 * @param {HTMLElement} aside
	 */
	constructor(session, composer, aside) {
		this.#session = session;
		this.#store = session.store;
		this.#composer = composer;
		this.#aside = aside;
		this.#store.on("rooms", () => this.#update());
		setInterval(() => document.hidden || session.refresh(), REFRESH_INTERVAL);
	}

	/**
	 * Open the menu about somebody.
	 * @param {HTMLElement} opener  What was pressed.
	 * @param {string} nick
	 */
	openMenu(opener, nick) {
		/** @type {MenuItem[]} */
		const items = [
			["Mention", () => this.#composer.insert(`${nick}: `)],
			["Whois", () => this.#session.run(`/whois ${nick}`)],
		];
		if (this.#store.isMe(nick)) items.push(["Note to yourself", () => converse(this.#session, nick)]);
		else items.push(...this.#otherItems(nick));
		openMenu(opener, nick, items);
	}

	/**
	 * @param {string} nick
	 * @returns {MenuItem[]}
	 */
	#otherItems(nick) {
		const ignored = this.#store.preferences.ignore.some((one) => nickKey(one) === nickKey(nick));
		return [
			["Private message", () => converse(this.#session, nick)],
			ignored
				? ["Stop ignoring", () => this.#session.run(`/unignore ${nick}`)]
				: ["Ignore", () => this.#session.run(`/ignore ${nick}`)],
			...personItems(this.#session, nick),
		];
	}

	#update() {
		const { current, nick } = this.#store;
		const shown = [current.id, current.changes, nick].join();
		if (shown === this.#shown) return;
		this.#shown = shown;
		const people = [...current.people.values()].sort(byRank);
		const listed = people.slice(0, MAX_MEMBERS).map((person) => this.#person(person));
		const more = people.length - listed.length;
		if (more > 0) listed.push(h("li", { class: "hint" }, `and ${more} more`));
		this.#aside.hidden = !people.length;
		say(find(this.#aside, "h2"), `Members ${people.length || ""}`);
		fill(find(this.#aside, "ul"), listed);
	}

	/** @param {Member} member */
	#person({ nick, role, away = null, connected = true, doors = [] }) {
		const notes = [];
		if (role && role !== "guest" && role !== "account") notes.push(role);
		if (away !== null) notes.push("away");
		if (!connected) notes.push("reconnecting");
		const you = nick === this.#store.nick && " (you)";
		const several = doors.length > 1 && ` ${doors.map(doorName).join(", ")}`;
		const badges = notes.flatMap((note) => [" ", h("b", { class: note }, note)]);
		const content = [h("bdi", { class: "nick" }, nick), h("span", { class: "notes" }, you, ...badges, several)];
		const absent = away !== null || !connected;
		return h(
			"li",
			{},
			button(content, ({ currentTarget }) => this.openMenu(currentTarget, nick), {
				class: absent ? "person hue absent" : "person hue",
				"--hue": hue(nick),
				"data-id": nick,
				"aria-haspopup": "menu",
				title: away,
			}),
		);
	}
}

/** @param {Member} member */
function rank({ role }) {
	if (role === "admin") return 1;
	return role === "operator" ? 2 : 3;
}

/**
 * @param {Member} one
 * @param {Member} other
 */
const byRank = (one, other) => rank(one) - rank(other) || one.nick.localeCompare(other.nick);
