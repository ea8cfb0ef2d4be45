/** Menus: opened by a button, moved in with the arrow keys, closed by Escape or by whatever else is done. */

import { h } from "./dom.js";

let open = null;

/** Close the menu that is open, if any. */
export function closeMenu(focus = false) {
  if (!open) return;
  const { menu, button } = open;
  open = null;
  menu.remove();
  button.setAttribute("aria-expanded", "false");
  if (focus) button.focus();
}

/**
 * Open a menu next to *button*, or close it if it is open there.
 * @param {HTMLElement} button
 * @param {string} name for those who do not see where it opened
 * @param {Array<?[string, Function]>} items what each says and does; null is a line between two groups
 */
export function openMenu(button, name, items) {
  const again = open?.button === button;
  closeMenu();
  if (again) return;
  const menu = h(
    "div",
    { role: "menu", class: "menu", "aria-label": name },
    items.map((item) =>
      item
        ? h("button", { type: "button", role: "menuitem", tabindex: -1, onclick: () => (closeMenu(true), item[1]()) }, item[0])
        : h("div", { role: "separator" }),
    ),
  );
  const choices = [...menu.querySelectorAll("[role=menuitem]")];
  const move = (to) => choices[(to + choices.length) % choices.length].focus();
  menu.addEventListener("keydown", (event) => {
    const at = choices.indexOf(document.activeElement);
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    if (event.key in moves) move(moves[event.key]);
    else if (event.key === "Escape" || event.key === "Tab") closeMenu(true);
    else if (event.key.length === 1) {
      const next = [...choices.slice(at + 1), ...choices].find((one) => starts(one, event.key));
      next?.focus();
      return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.body.append(menu);
  const spot = button.getBoundingClientRect();
  const below = spot.bottom + menu.offsetHeight < innerHeight - 8;
  const top = below ? spot.bottom + 4 : Math.max(8, spot.top - menu.offsetHeight - 4);
  menu.style.top = `${top}px`;
  menu.style.left = `${Math.max(8, Math.min(spot.left, innerWidth - menu.offsetWidth - 8))}px`;
  button.setAttribute("aria-expanded", "true");
  open = { menu, button };
  move(0);
}

const starts = (item, letter) => item.textContent.toLowerCase().startsWith(letter.toLowerCase());

addEventListener("pointerdown", (event) => {
  if (open && !open.menu.contains(event.target) && !open.button.contains(event.target)) closeMenu();
});
addEventListener("resize", () => closeMenu());
