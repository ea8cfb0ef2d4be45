/** Makes the element of one row of the log. */

import { h } from "./dom.js";
import { mention, pieces } from "./pieces.js";
import { key } from "./rooms.js";
import { momentOf, timeOf } from "./words.js";

const HUES = 12;

/** The class of the colour of *nick*, which is the same on every screen. */
export function hue(nick) {
  let sum = 0;
  for (const letter of key(nick)) sum = Math.imul(sum ^ letter.codePointAt(0), 0x01000193);
  return `hue${((sum ^ (sum >>> 15)) >>> 0) % HUES}`;
}

/** *text* as nodes: with links that can be followed, and *marks* made visible. */
export function rich(text, marks = []) {
  return pieces(text, marks).map((piece) => {
    if (piece.href)
      return h("a", { href: piece.href, target: "_blank", rel: "noopener noreferrer nofollow" }, piece.text);
    return piece.mark ? h("mark", {}, piece.text) : piece.text;
  });
}

/** Make the element of *row*, for whoever is called *nick*. */
export function build(row, nick) {
  const element = KINDS[row.kind](row, nick);
  if (row.seq) element.dataset.seq = row.seq;
  return element;
}

/** Turn the element of what was pending into that of *row*, which has been stored; false if that cannot be. */
export function settle(element, row) {
  if (!element.dataset.ref || row.pending || element.querySelector(".text").textContent !== row.event.text) return false;
  delete element.dataset.ref;
  element.dataset.seq = row.seq;
  element.classList.remove("pending");
  element.querySelector(".state").remove();
  for (const time of element.querySelectorAll("time")) time.replaceWith(moment(row.event.at));
  return true;
}

const moment = (at) => h("time", at ? { datetime: at, title: momentOf(at) } : {}, at ? timeOf(at) : "");

function message(row, nick) {
  const { event, head, own, mention: named, pending } = row;
  const acted = event.type === "acted";
  const wide = event.text.includes("\n") && /^(?: {2}|\t)/m.test(event.text);
  const marks = own || !nick ? [] : [mention(nick)];
  const classes = ["message", hue(event.nick), head && "head", own && "own", named && "mention", pending && "pending", acted && "acted"];
  return h(
    "article",
    { class: classes.filter(Boolean).join(" "), "data-ref": pending, "data-initial": [...event.nick][0] },
    h(
      "div",
      { class: head ? "by" : "by again" },
      h("span", { class: "nick", "data-nick": event.nick }, event.nick),
      " ",
      moment(event.at),
      named && h("span", { class: "unseen" }, " mentions you"),
    ),
    h("div", { class: wide ? "text wide" : "text" }, rich(event.text, marks)),
    pending && h("span", { class: "state" }, "sending…"),
  );
}

function separator({ kind, text }) {
  return h("div", { class: kind, role: "separator", "aria-label": text }, h("span", { "aria-hidden": "true" }, text));
}

function reply({ kind, rows }) {
  const lines = rows.map((row) =>
    Array.isArray(row) ? h("div", { class: "pair" }, h("b", {}, row[0]), " ", h("span", {}, rich(row[1]))) : h("div", {}, rich(row)),
  );
  return h("div", { class: kind }, lines);
}

const KINDS = {
  message,
  day: separator,
  unread: separator,
  notice: (row) => h("div", { class: "notice" }, h("span", {}, rich(row.text)), " ", row.event.at ? moment(row.event.at) : null),
  reply,
  refusal: reply,
  edge: ({ text }) => h("div", { class: "edge" }, text),
};
