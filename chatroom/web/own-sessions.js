/** Own sessions: the list, in the settings, of where we are connected; each can be ended there. */

import { button, h } from "./dom.js";
import { doorName } from "./doors.js";
import { momentOf } from "./times.js";

/** @import { OwnSession } from "./protocol" */
/** @import { Session } from "./session.js" */

/**
 * Make the list; it fills itself.
 * @param {Session} session
 */
export function ownSessions(session) {
	const list = h("ul", { class: "sessions" });
	const hint = h("p", { class: "hint", role: "status" });
	const all = button("End all others", () => end("others"), { hidden: true });

	const show = async () => {
		const reply = await session.ask({ type: "sessions" });
		if (reply.type !== "sessions") {
			hint.textContent = reply.type === "refused" ? reply.text : "";
			return;
		}
		const { sessions } = reply;
		list.replaceChildren(...sessions.map((one) => row(one, end)));
		all.hidden = sessions.length < 2;
	};
	const end = async (/** @type {string} */ which) => {
		const reply = await session.ask({ type: "sessions", action: "end", which });
		hint.textContent = reply.type === "refused" || reply.type === "notice" ? reply.text : "";
		await show();
	};
	show();
	return [list, hint, h("div", { class: "buttons" }, all)];
}

/**
 * @param {OwnSession} session
 * @param {(which: string) => unknown} end
 */
function row({ number, door, since, active, address, connected, current }, end) {
	const name = doorName(door);
	const state = connected ? `active ${momentOf(active)}` : "reconnecting";
	const about = [`since ${momentOf(since)}`, current ? "this one" : state, address].filter(Boolean).join(" · ");
	const ending = !current && button("End", () => end(String(number)), { class: "small", "aria-label": `End session ${number}, ${name}` });
	return h("li", {}, h("span", {}, h("b", {}, name), h("small", {}, about)), ending);
}
