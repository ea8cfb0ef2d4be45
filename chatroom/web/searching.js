/** Search: what was said where one may read, and each result shown among what was said around it. */

import { openDialog } from "./dialog.js";
import { h, say } from "./dom.js";
import { searched } from "./pieces.js";
import { hue, rich } from "./row.js";
import { counted, momentOf } from "./words.js";

/**
 * Open the search.
 * @param {Chat} chat
 * @param {Log} log
 * @param {?object} found results that are there already
 */
export function openSearch(chat, log, found = null) {
  const results = h("ul", { class: "rows results", "aria-label": "Results" });
  const status = h("p", { role: "status", class: "hint" }, 'Words, "phrases", from:ann, in:lobby, before:2026-11-23, after:yesterday');
  const more = h("button", { type: "button", hidden: true }, "More results");
  const input = h("input", {
    type: "search",
    "aria-label": "Search",
    placeholder: "What was said …",
    autocomplete: "off",
    enterkeyhint: "search",
    autofocus: true,
    value: found?.words ?? "",
  });
  const here = h("input", { type: "checkbox" });
  const { current } = chat;
  let count = 0;
  let asked = "";
  let page = 1;

  const go = async (room, seq) => {
    dialog.close();
    if (!(await log.jump(room, seq)))
      chat.tell({ kind: "refusal", rows: [`That cannot be shown in its place: you are not in #${room}, or it is no longer kept.`] });
  };
  const show = (answer) => {
    if (answer.type !== "found") {
      say(status, answer.text);
      return;
    }
    count += answer.events.length;
    const marks = searched(answer.words);
    results.append(...answer.events.map((event) => h("li", {}, result(event, chat, marks, go))));
    say(status, count ? `${counted(count, "result")}${answer.more ? ", and more" : ""}, newest first` : "Nothing was found.");
    more.hidden = !answer.more;
    page = answer.page;
  };
  const ask = (words) => {
    asked = words;
    say(status, "Searching…");
    chat.ask({ type: "search", words }).then((answer) => words === asked && show(answer), () => say(status, "There is no connection now."));
  };
  const begin = () => {
    results.replaceChildren();
    count = 0;
    more.hidden = true;
    const words = input.value.trim();
    if (words) ask(here.checked ? `${words} in:${current.id}` : words);
  };
  more.addEventListener("click", () => ask(`${asked.replace(/ page:\d+$/, "")} page:${page + 1}`));

  const dialog = openDialog(
    "Search",
    h(
      "form",
      {
        role: "search",
        onsubmit: (event) => {
          event.preventDefault();
          begin();
        },
      },
      input,
      h("button", { class: "primary" }, "Find"),
      current.private || !current.id ? null : h("label", { class: "check" }, here, `Only in ${current.title}`),
    ),
    status,
    results,
    more,
  );
  dialog.classList.add("search");
  here.addEventListener("change", begin);
  if (found) {
    asked = found.words;
    show(found);
  }
}

function result(event, chat, marks, go) {
  const room = chat.rooms.get(event.room);
  const where = event.room.startsWith("@") ? `with ${room?.other ?? event.to ?? event.nick}` : `#${event.room}`;
  return h(
    "button",
    { type: "button", class: `choice ${hue(event.nick)}`, onclick: () => go(event.room, event.seq) },
    h("span", { class: "by" }, h("span", { class: "nick" }, event.nick), " ", h("span", { class: "note" }, `${where} · ${momentOf(event.at)}`)),
    h("span", { class: "text" }, rich(event.text, marks).map((piece) => piece.href ? piece.textContent : piece)),
  );
}
