/** Help dialog: keys and commands. */

import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

const KEYS = {
	Enter: "send",
	"Shift+Enter": "a new line",
	Tab: "complete a command, a nick or an emoji, as in :smile",
	"↑ in the empty box": "edit your last message; again: the one before",
	"Ctrl+↑, ⌘↑": "what you sent before, commands too",
	"Alt+↑, Alt+↓": "the room above, or below",
	"Alt+Shift+↑, ↓": "the next room with something new",
	"Ctrl+K, ⌘K": "go to a room or a person",
	"Ctrl+Shift+F, ⌘Shift+F": "search",
	"↑, ↓ among the messages": "the message before, or after; Enter opens its menu",
	"Page Up, Page Down": "scroll back, and on",
	"Ctrl+End": "jump to the newest",
	"Ctrl+/, ⌘/": "this help",
	Escape: "close; or go to the message box",
};

/** @param {Record<string, string>} rows */
const table = (rows) =>
	h("dl", {}, Object.entries(rows).flatMap(([term, meaning]) => [h("dt", {}, term), h("dd", {}, meaning)]));

/**
 * @param {Record<string, string>} commands  What each does, by its usage.
 */
export function openHelp(commands) {
	const dialog = openDialog(
		"Help",
		h("h3", {}, "Keys"),
		table(KEYS),
		h("h3", {}, "Commands"),
		h("p", { class: "hint" }, "A message that begins with / is a command; // says one slash."),
		table(commands),
	);
	dialog.className = "wide";
}
