/** The help: keys and commands. */

import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

const KEYS = {
	Enter: "send",
	"Shift+Enter": "a new line",
	Tab: "complete a command or a nick",
	"↑ in the empty box": "what you wrote before",
	"Alt+↑, Alt+↓": "the room above, or below",
	"Alt+Shift+↑, ↓": "the next room with something new",
	"Ctrl+K, ⌘K": "search",
	"Page Up, Page Down": "scroll back, and on",
	"Ctrl+End": "jump to the newest",
	"Ctrl+/, ⌘/": "this help",
	Escape: "close; or go to the message box",
};

const table = (rows) => h("dl", {}, Object.entries(rows).flatMap(([term, means]) => [h("dt", {}, term), h("dd", {}, means)]));

/** Open the help. */
export function openHelp({ commands }) {
	const hint = h("p", { class: "hint" }, "A message that begins with / is a command; // says one slash.");
	openDialog("Help", h("h3", {}, "Keys"), table(KEYS), h("h3", {}, "Commands"), hint, table(commands)).className = "wide";
}
