/** Makes rows of events: by day and sender, and with the line of what is new. */

import { mentions } from "./linkify.js";
import { dayOf, told } from "./phrases.js";
import { isTalk, key } from "./rooms.js";

const PAUSE = 5 * 60 * 1000;
const NAMED = 8;

/**
 * Make rows of *events*, of the *locals* up to the seq *end*, and of what is *pending*, as *nick* sees them.
 * @returns {{key: string, sig: string, kind: string}[]} of which two with the same `key` and `sig` look the same
 */
export function rowsOf(events, locals, pending, { nick, marker, end }) {
	const rows = [];
	const start = events[0]?.seq ?? 0;
	const left = locals.filter(({ after }) => after >= start - 1 && after <= end);
	const tell = (before) => {
		while (left.length && left[0].after < before) rows.push({ key: `l${left[0].id}`, sig: "", ...left.shift() });
	};
	let isNew = marker === null || start > marker + 1;
	let day = "";
	for (const event of events) {
		tell(event.seq);
		if (dayOf(event.at) !== day) {
			day = dayOf(event.at);
			rows.push({ key: `d${event.seq}`, sig: day, kind: "day", text: day });
		}
		if (!isNew && event.seq > marker && isTalk(event)) {
			isNew = true;
			rows.push({ key: "unread", sig: "", kind: "unread", text: "New messages" });
		}
		if (isTalk(event)) rows.push(message(event, rows.at(-1), nick));
		else if (told(event) && (event.type !== "received" || key(event.nick) !== key(nick))) notice(rows, event);
	}
	tell(Infinity);
	for (const { ref, text } of pending) {
		const [, me, said] = /^(\/me +)?([^]*)/.exec(text);
		const event = { type: me ? "acted" : "said", nick, text: said.replace(/^\/\//, "/"), ref };
		rows.push({ ...message(event, rows.at(-1), nick), pending: ref, sig: "pending" });
	}
	return rows;
}

function message(event, before, nick) {
	const { at, ref, seq, text, type } = event;
	const own = ref !== undefined || key(event.nick) === key(nick);
	const named = !own && mentions(nick, text);
	const last = before?.event;
	const head = !last || before.kind !== "message" || type === "acted" || last.type === "acted"
		|| key(last.nick) !== key(event.nick) || new Date(at) - new Date(before.since) > PAUSE;
	const since = head ? at : before.since;
	return { key: ref ? `r${ref}` : `s${seq}`, sig: `${head}${named}`, kind: "message", event, head, own, named, seq, since };
}

/** Tell in one line who came and went, so that it is clear who is here now. */
function notice(rows, event) {
	const { seq, nick, type } = event;
	const before = rows.at(-1);
	const passing = type === "joined" || type === "left";
	if (passing && before?.passing && before.names.length < NAMED && !before.names.includes(nick)) {
		before.names.push(nick);
		before.text += ` · ${told(event)}`;
		before.sig = before.seq = seq;
	} else rows.push({ key: `s${seq}`, sig: seq, kind: "notice", passing, names: [nick], text: told(event), event, seq });
}
