/** Exit dialog: asks before a typed `exit` leaves the chat. */

import { openDialog } from "./dialog.js";
import { button, h } from "./dom.js";

/** @import { Composer } from "./composer.js" */
/** @import { Room } from "./rooms.js" */
/** @import { Session } from "./session.js" */

/**
 * @param {Session} session
 * @param {Composer} composer
 * @param {Room} room  Where it was typed.
 */
export function askBeforeExit(session, composer, room) {
	const choice = (/** @type {string} */ text, /** @type {() => void} */ act, /** @type {string} */ kind) => {
		const press = () => {
			dialog.close();
			act();
		};
		return button(text, press, { class: kind });
	};
	const clear = () => {
		composer.clear();
		composer.focus();
	};
	const say = () => {
		if (room.id) session.send({ type: "say", text: "exit", room: room.id }, "exit");
		clear();
	};
	const dialog = openDialog(
		"Leave the chat?",
		h("p", { class: "hint" }, "A message that is just “exit” leaves the chat."),
		h(
			"div",
			{ class: "buttons" },
			choice("Stay", clear, "primary"),
			choice("Leave", () => session.leave(), "danger"),
			choice("Say “exit”", say, ""),
		),
	);
}
