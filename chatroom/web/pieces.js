/** Takes apart what people say: links, mentions and what was searched for, each as a piece of text. */

const LINK = /\b(?:https?:\/\/|mailto:)[^\s<>"\u0000-\u001f]+/giu;
const HARMLESS = ["http:", "https:", "mailto:"];
const CLOSING = { ")": "(", "]": "[", "}": "{" };

/**
 * Take *text* apart.
 * @param {string} text
 * @param {RegExp[]} marks what to find beside links, by rank
 * @returns {{text: string, href?: string, mark?: boolean}[]} which make up the whole of it
 */
export function pieces(text, marks = []) {
  const made = [];
  let end = 0;
  for (const found of text.matchAll(LINK)) {
    const shown = trimmed(found[0]);
    const href = harmless(shown);
    if (!href) continue;
    made.push(...marked(text.slice(end, found.index), marks), { text: shown, href });
    end = found.index + shown.length;
  }
  return [...made, ...marked(text.slice(end), marks)];
}

/** The address of a link that can do no harm; "" for any other. */
export function harmless(text) {
  try {
    const url = new URL(text);
    return HARMLESS.includes(url.protocol) && (url.host || url.protocol === "mailto:") ? url.href : "";
  } catch {
    return "";
  }
}

const named = { nick: "", mark: null };

/** What finds *nick* as a word of its own in what people say, as the server does. */
export function mention(nick) {
  if (named.nick !== nick) {
    named.nick = nick;
    named.mark = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(nick)}(?![\\p{L}\\p{N}_])`, "giu");
  }
  return named.mark;
}

/** What finds the words of a search, as it was typed. */
export function searched(typed) {
  const words = typed.replace(/\b(?:from|in|before|after|page):(?:"[^"]*"|\S+)/gu, " ").match(/[\p{L}\p{N}_]+/gu) ?? [];
  return words.length ? [new RegExp(words.map(escaped).join("|"), "giu")] : [];
}

/** Tell whether *text* names *nick*. */
export const mentions = (nick, text) => Boolean(nick) && text.search(mention(nick)) >= 0;

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

function marked(text, marks) {
  const made = [];
  let end = 0;
  for (const mark of marks) {
    for (const found of text.matchAll(mark)) {
      if (found.index > end) made.push({ text: text.slice(end, found.index) });
      made.push({ text: found[0], mark: true });
      end = found.index + found[0].length;
    }
    if (made.length) break;
  }
  if (end < text.length) made.push({ text: text.slice(end) });
  return made;
}

/** Leave out of a link what ends the sentence around it. */
function trimmed(link) {
  for (;;) {
    const last = link.at(-1);
    const open = CLOSING[last];
    const lonely = open && link.split(last).length > link.split(open).length;
    if (!lonely && !/[.,;:!?'*_~`|…”’»]/u.test(last)) return link;
    link = link.slice(0, -1);
  }
}
