/** What operators do, without typing commands: kick, ban, mute, and the settings of a room. */

import { askFor, field, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { key } from "./rooms.js";
import { banned } from "./words.js";

const reason = () => field("Reason (optional)", { name: "reason", maxlength: 300 });

const duration = () =>
  h(
    "div",
    { class: "field" },
    h("label", { for: "duration" }, "For"),
    h(
      "select",
      { id: "duration", name: "duration" },
      [["10m", "10 minutes"], ["1h", "1 hour"], ["1d", "1 day"], ["7d", "7 days"], ["", "good"]].map(([value, text]) =>
        h("option", { value }, text),
      ),
    ),
  );

/** Only what was filled in: an empty field is one that was not given. */
const given = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));

/**
 * What may be done about *nick* in *room*, as items of a menu.
 * @param {Chat} chat
 */
export function overPerson(chat, room, nick) {
  if (!chat.rules(room)) return [];
  const at = { room: room.id };
  const send = (values) => chat.send({ ...at, ...given(values) });
  const ask = (title, action, fields, make) =>
    askFor(title, action, fields, (values) => send(make(values)), true);
  const target = room.people.get(key(nick));
  return [
    null,
    [`Kick…`, () => ask(`Kick ${nick}`, "Kick", [reason()], (values) => ({ type: "kick", nick, ...values }))],
    [`Mute…`, () => ask(`Mute ${nick}`, "Mute", [duration(), reason()], (values) => ({ type: "mute", target: nick, ...values }))],
    ...(room.muted.has(key(nick)) ? [["Unmute", () => send({ type: "unmute", target: nick })]] : []),
    [`Ban…`, () => ask(`Ban ${nick}`, "Ban", [duration(), reason()], (values) => ({ type: "ban", target: nick, ...values }))],
    target?.role === "operator"
      ? ["Take operator away", () => send({ type: "deop", nick })]
      : ["Make operator", () => send({ type: "op", nick })],
  ];
}

/** What may be done with *room*, as items of a menu. */
export function overRoom(chat, room) {
  const at = { room: room.id };
  const { lock, private: hidden, slow } = room.settings;
  const invite = [
    "Invite…",
    () => askFor("Invite someone", "Invite", [field("Nick", { name: "nick", required: true })], (values) => void chat.send({ type: "invite", ...at, ...values })),
  ];
  const topic = ["Change topic…", () => changeTopic(chat, room)];
  if (!chat.rules(room)) return [topic, invite];
  return [
    topic,
    invite,
    null,
    slow
      ? ["End slow mode", () => chat.send({ type: "slow", ...at })]
      : ["Slow mode…", () => askSlow(chat, at)],
    lock ? ["Unlock", () => chat.send({ type: "unlock", ...at })] : ["Lock…", () => askLock(chat, at)],
    [hidden ? "Make public" : "Make private", () => chat.send({ type: "private", switch: hidden ? "off" : "on", ...at })],
    ["Bans and mutes…", () => listBans(chat, room)],
  ];
}

function changeTopic(chat, room) {
  askFor(
    `Topic of ${room.title}`,
    "Set topic",
    [field("Topic", { name: "topic", value: room.topic, maxlength: 300, autofocus: true }, "Leave it empty to have none.")],
    ({ topic }) => void chat.send({ type: "topic", topic: topic.trim() || "-", room: room.id }),
  );
}

function askSlow(chat, at) {
  askFor(
    "Slow mode",
    "Make it slow",
    [field("Seconds between two lines of one person", { name: "seconds", type: "number", min: 1, max: 3600, value: 10, required: true })],
    ({ seconds }) => void chat.send({ type: "slow", seconds: Number(seconds), ...at }),
  );
}

function askLock(chat, at) {
  askFor(
    "Lock the room",
    "Lock",
    [field("Key (optional)", { name: "key" }, "Who knows the key may enter; without one, only who is invited.")],
    ({ key: word }) => void chat.send({ type: "lock", ...at, ...given({ key: word.trim() }) }, "/lock"),
  );
}

async function listBans(chat, room) {
  const list = h("ul", { class: "rows" });
  const dialog = openDialog(`Bans and mutes in ${room.title}`, list);
  const answer = await chat.ask({ type: "bans", room: room.id }).catch(() => null);
  if (!answer?.bans) {
    list.append(h("li", {}, answer?.text ?? "The server cannot be reached."));
    return;
  }
  for (const one of answer.bans) {
    const lift = () => {
      chat.send({ type: one.kind === "mute" ? "unmute" : "unban", target: one.target, room: room.id });
      dialog.close();
    };
    list.append(h("li", {}, h("span", {}, banned(one)), h("button", { type: "button", onclick: lift, "aria-label": `Lift that of ${one.target}` }, "Lift")));
  }
  if (!answer.bans.length) list.append(h("li", {}, "Nobody is banned or muted here."));
}
