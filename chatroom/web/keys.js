/** The keys of the page, which the help dialog lists. */

import { byId } from "./dom.js";

const PARTS = ["rooms", "log", "message", "members"];

/** Listen for them. @param {{places: Places, log: Log, composer: Composer, search: Function, help: Function}} does */
export function keys({ places, log, composer, search, help }) {
  addEventListener("keydown", (event) => {
    if (byId("chat").hidden || document.documentElement.dataset.view !== "chat" || document.querySelector("dialog[open]")) return;
    const { key, altKey: alt, shiftKey: shift } = event;
    const command = event.ctrlKey || event.metaKey;
    if (alt && !command && /^Arrow(Up|Down)$/.test(key)) places.move(key === "ArrowUp" ? -1 : 1, shift);
    else if (command && !alt && !shift && key.toLowerCase() === "k") search();
    else if (command && !alt && key === "/") help();
    else if (command && key === "End") log.newest();
    else if (key === "F6") part(shift ? -1 : 1);
    else if (key === "Escape") composer.focus();
    else return;
    event.preventDefault();
  });
}

/** Go to another part of the page, *step* further. */
function part(step) {
  const at = PARTS.findIndex((id) => byId(id).contains(document.activeElement));
  for (let tried = 1; tried <= PARTS.length; tried++) {
    const place = byId(PARTS[(at + step * tried + 2 * PARTS.length) % PARTS.length]);
    const into = place.tabIndex === 0 ? place : place.querySelector("[aria-current], button");
    into?.focus();
    if (into && document.activeElement === into) return;
  }
}
