/** Where messages are written: drafts, completion, sending. */

import { complete } from "./completion.js";
import { h } from "./dom.js";
import { confidential } from "./input.js";
import { local } from "./storage.js";

const TALLEST = 0.4;

/** Let people write in *form*. */
export function makeComposer(chat, log, form) {
	const box = form.querySelector("textarea");
	const list = form.querySelector("ul");
	const hint = form.querySelector("p");
	let drafts = local.get("drafts") ?? {};
	let room = "";
	const written = [];
	/** Which of those stands in the box, if any. */
	let at = 0;
	let offers = [];
	let word = "";
	let active = -1;

	function put(text) {
		box.value = text;
		box.selectionStart = text.length;
		changed();
	}

	/** Remember what stands in the box, unless it holds a secret. */
	function keep() {
		delete drafts[room];
		if (box.value.trim() && !confidential(box.value)) drafts[room] = box.value;
		local.set("drafts", drafts);
	}

	function changed() {
		box.style.height = "auto";
		box.style.height = `${Math.min(box.scrollHeight + 2, innerHeight * TALLEST)}px`;
		keep();
		suggest();
	}

	function send() {
		const text = box.value.trimEnd();
		if (!text) return;
		try {
			chat.type(text);
		} catch (error) {
			chat.note(error.message);
			return;
		}
		if (!confidential(text) && written.at(-1) !== text) written.push(text);
		at = written.length;
		put("");
		log.newest();
	}

	// Completion.

	function suggest(asked) {
		const { current, nick, rooms, commands } = chat;
		const people = [current, ...rooms.values()].flatMap((room) => [{ nick: room.other }, ...room.people.values()]);
		const nicks = [...new Set(people.map((one) => one.nick))].filter((one) => one && one !== nick);
		const before = box.value.slice(0, box.selectionStart);
		const found = complete(before, { commands, nicks, rooms: rooms.names() }, asked);
		({ word } = found);
		hint.hidden = !found.usage.length;
		if (!hint.hidden) hint.replaceChildren(h("b", {}, found.usage[0]), ` ${found.usage[1]}`);
		const done = found.offers.length === 1 && found.offers[0].text.trim() === before.trim();
		offer(document.activeElement === box && !done ? found.offers : []);
	}

	function offer(found) {
		offers = found;
		list.hidden = !offers.length;
		const option = ({ label, help }, index) =>
			h("li", { role: "option", id: `offer${index}`, onclick: () => accept(index) }, h("b", {}, label), help && ` ${help}`);
		list.replaceChildren(...offers.map(option));
		choose(-1);
	}

	function choose(index) {
		active = offers.length && index !== -1 ? (index + offers.length) % offers.length : -1;
		[...list.children].forEach((option, place) => option.setAttribute("aria-selected", place === active));
		list.children[active]?.scrollIntoView({ block: "nearest" });
		if (active < 0) box.removeAttribute("aria-activedescendant");
		else box.setAttribute("aria-activedescendant", `offer${active}`);
	}

	function accept(index) {
		const end = box.selectionStart;
		box.setRangeText(offers[index].text, end - word.length, end, "end");
		changed();
	}

	// Keys; each tells whether it has done something.

	const does = {
		Enter: () => {
			if (active >= 0) accept(active);
			else send();
			return true;
		},
		Tab: () => {
			if (!offers.length) suggest(true);
			if (!offers.length) return false;
			if (offers.length === 1 || active >= 0) accept(Math.max(0, active));
			else choose(0);
			return true;
		},
		Escape: () => offers.length > 0 && (offer([]), true),
		ArrowDown: () => (offers.length ? (choose(active + 1), true) : recall(1)),
		ArrowUp: () => (offers.length ? (choose(active < 1 ? offers.length - 1 : active - 1), true) : recall(-1)),
		PageUp: () => (log.page(-1), true),
		PageDown: () => (log.page(1), true),
	};

	/** Write again what was written before, if nothing else stands there. */
	function recall(step) {
		if (box.value !== (written[at] ?? "") || !(at + step in [...written, ""])) return false;
		at += step;
		put(written[at] ?? "");
		return true;
	}

	box.addEventListener("input", changed);
	list.addEventListener("mousedown", (event) => event.preventDefault());
	box.addEventListener("blur", () => offer([]));
	box.addEventListener("keydown", (event) => {
		const { key, shiftKey, altKey, ctrlKey, metaKey, isComposing } = event;
		if (isComposing || shiftKey || altKey || ctrlKey || metaKey || !does[key]?.()) return;
		event.preventDefault();
		event.stopPropagation();
	});
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		send();
	});
	chat.on("room", () => {
		room = chat.current.id;
		box.placeholder = room ? `Message ${chat.current.title}` : "Type a command";
		box.disabled = false;
		at = written.length;
		put(drafts[room] ?? "");
	});
	chat.on("restore", (line) => {
		if (line.room === room && !box.value) put(line.text);
	});
	chat.on("out", () => {
		written.length = 0;
		drafts = {};
		put("");
	});
	return {
		focus: () => box.focus(),
		insert: (text) => {
			box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
			box.focus();
			changed();
		},
	};
}
