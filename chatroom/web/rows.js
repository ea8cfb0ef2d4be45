/** Makes rows of events: by day and sender, with what came and went in one line, and the line of what is new. */

import { mentions } from "./pieces.js";
import { key, TALK } from "./rooms.js";
import { dayOf, told } from "./words.js";

const PAUSE = 5 * 60 * 1000;
const NAMED = 8;

/**
 * One row of the log.  Two of the same `key` and `sig` look the same.
 * @typedef {{key: string, sig: string, kind: string, event?: object, head?: boolean, own?: boolean,
 *   mention?: boolean, text?: string, rows?: Array, seq?: number}} Row
 */

/**
 * Make rows.
 * @param {object[]} events in order
 * @param {object[]} locals what only we were told, each to stand `after` a seq
 * @param {object[]} pending what has not been answered; only behind the end of all
 * @param {{nick: string, marker: ?number, end: number}} view one's own nick, the seq before the line of what is new,
 *   and up to where to tell the locals
 * @returns {Row[]}
 */
export function rowsOf(events, locals, pending, { nick, marker, end }) {
  const rows = [];
  let day = "";
  let isNew = marker === null || events[0]?.seq > marker + 1;
  let left = 0;
  const tell = (upto) => {
    for (; left < locals.length && locals[left].after <= upto; left++)
      rows.push({ key: `l${locals[left].id}`, sig: "", ...locals[left] });
  };
  if (events.length) while (left < locals.length && locals[left].after < events[0].seq - 1) left++;
  for (const event of events) {
    tell(event.seq - 1);
    const today = event.at ? dayOf(event.at) : day;
    if (today !== day) {
      rows.push({ key: `d${event.seq}`, sig: today, kind: "day", text: today });
      day = today;
    }
    if (!isNew && event.seq > marker && TALK.has(event.type)) {
      isNew = true;
      rows.push({ key: "unread", sig: "", kind: "unread", text: "New messages" });
    }
    if (TALK.has(event.type)) rows.push(messageRow(event, rows.at(-1), nick));
    else if (told(event)) addNotice(rows, event);
  }
  tell(end);
  for (const line of pending) rows.push(pendingRow(line, rows.at(-1), nick));
  return rows;
}

function messageRow(event, before, nick) {
  const own = event.ref !== undefined || key(event.nick) === key(nick);
  const mention = !own && mentions(nick, event.text);
  const head = !continues(before, event.nick, event.type, event.at);
  return {
    key: event.ref ? `r${event.ref}` : `s${event.seq}`,
    sig: `${head}${own}${mention}`,
    kind: "message",
    event,
    head,
    own,
    mention,
    seq: event.seq,
    since: head ? event.at : before.since,
  };
}

function pendingRow(line, before, nick) {
  const acted = line.text.startsWith("/me ");
  const event = { type: acted ? "acted" : "said", nick, text: acted ? line.text.slice(4) : line.text.replace(/^\/\//, "/") };
  const head = !continues(before, nick, event.type, "");
  const since = head ? "" : before.since;
  return { key: `r${line.ref}`, sig: `${head}pending`, kind: "message", event, head, own: true, pending: line.ref, since };
}

/** Whether what *nick* says goes on from the row *before*: then it needs no name again. */
function continues(before, nick, type, at) {
  if (before?.kind !== "message" || type === "acted" || before.event.type === "acted") return false;
  if (key(before.event.nick) !== key(nick)) return false;
  return !at || !before.since || Date.parse(at) - Date.parse(before.since) < PAUSE;
}

/** Tell who came and went in one line, but never so that it is unclear who is here in the end. */
function addNotice(rows, event) {
  const before = rows.at(-1);
  const passing = event.type === "joined" || event.type === "left";
  if (passing && before?.passing && before.names.length < NAMED && !before.names.includes(event.nick)) {
    before.names.push(event.nick);
    before.text += ` · ${told(event)}`;
    before.sig = `${event.seq}`;
    before.seq = event.seq;
  } else {
    const { seq, nick } = event;
    rows.push({ key: `s${seq}`, sig: `${seq}`, kind: "notice", passing, names: [nick], text: told(event), event, seq });
  }
}
