/** The help dialog: the keys of this page, and every command of the server. */

import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

const KEYS = [
  ["Enter", "send"],
  ["Shift+Enter", "a new line"],
  ["Tab", "complete a command or a nick"],
  ["↑ in the empty box", "what you wrote before"],
  ["Alt+↑, Alt+↓", "the room above, or below"],
  ["Alt+Shift+↑, ↓", "the next room with something new"],
  ["Ctrl+K or ⌘K", "search"],
  ["Page Up, Page Down", "scroll back, and on"],
  ["Ctrl+End", "jump to the newest"],
  ["F6", "the next part of the page"],
  ["Ctrl+/ or ⌘/", "this help"],
  ["Escape", "close; in the page: to the message box"],
];

const table = (rows) =>
  h("dl", {}, rows.map(([term, means]) => [h("dt", {}, h("kbd", {}, term)), h("dd", {}, means)]));

/** @param {Chat} chat */
export function openHelp(chat) {
  const dialog = openDialog(
    "Help",
    h("h3", {}, "Keys"),
    table(KEYS),
    h("h3", {}, "Commands"),
    h("p", { class: "hint" }, "Begin a message with / to see them as you type; // says a line that begins with a slash."),
    table(Object.entries(chat.commands)),
  );
  dialog.classList.add("help");
}
