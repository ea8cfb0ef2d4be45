/** Menus: navigated with the arrow keys, closed by Escape or any other action. */

import { button, h } from "./dom.js";

/** @import { MenuItem } from "./types" */

/** Pixels between a menu and the edge of the window, or its opener. */
const MARGIN = 8;
const GAP = 4;

/** @type {{ menu: HTMLElement, opener: HTMLElement } | null} */
let open = null;

/**
 * Close the menu that is open, if any.
 * @param {boolean} [refocus]  Whether the focus returns to its opener.
 */
export function closeMenu(refocus) {
	if (!open) return;
	const { menu, opener } = open;
	open = null;
	menu.remove();
	opener.setAttribute("aria-expanded", "false");
	if (refocus) opener.focus();
}

/**
 * Toggle a menu.
 * @param {HTMLElement} opener  What was pressed.
 * @param {string} name
 * @param {MenuItem[]} items
 */
export function openMenu(opener, name, items) {
	const again = open?.opener === opener;
	closeMenu();
	if (again) return;
	const menu = h("div", { role: "menu", class: "menu", "aria-label": name }, items.map(element));
	const choices = [...menu.querySelectorAll("button")];
	menu.addEventListener("keydown", (event) => pressed(event, choices));
	opener.closest("nav, header, main, aside")?.append(menu);
	place(menu, opener);
	opener.setAttribute("aria-expanded", "true");
	open = { menu, opener };
	choices[0].focus();
}

/** @param {MenuItem} item */
function element(item) {
	if (!item) return h("div", { role: "separator" });
	const [text, act] = item;
	const choose = () => {
		closeMenu(true);
		act();
	};
	return button(text, choose, { role: "menuitem", tabindex: -1 });
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLButtonElement[]} choices
 */
function pressed(event, choices) {
	const { key } = event;
	const at = choices.findIndex((choice) => choice === document.activeElement);
	/** @type {Record<string, HTMLButtonElement | undefined>} */
	const targets = {
		ArrowDown: choices[at + 1] ?? choices[0],
		ArrowUp: choices.at(at - 1),
		Home: choices[0],
		End: choices.at(-1),
	};
	if (key in targets) targets[key]?.focus();
	else if (key === "Escape" || key === "Tab") closeMenu(true);
	else return;
	event.preventDefault();
	event.stopPropagation();
}

/**
 * Put *menu* below its opener, or above it where there is more room.
 * @param {HTMLElement} menu
 * @param {HTMLElement} opener
 */
function place(menu, opener) {
	const { bottom, top, left } = opener.getBoundingClientRect();
	const { offsetHeight: height, offsetWidth: width } = menu;
	const fitsBelow = bottom + height + MARGIN < innerHeight;
	menu.style.top = `${fitsBelow ? bottom + GAP : Math.max(MARGIN, top - height - GAP)}px`;
	menu.style.left = `${Math.max(MARGIN, Math.min(left, innerWidth - width - MARGIN))}px`;
}

addEventListener("pointerdown", ({ target }) => {
	if (open && target instanceof Node && !open.menu.contains(target) && !open.opener.contains(target)) closeMenu();
});
addEventListener("resize", () => closeMenu());
