/** Menus: moved in with the arrow keys, closed by Escape or by whatever else is done. */

import { button, h } from "./dom.js";

let open = null;

/** Close what is open; with *focus*, that goes back to the opener. */
export function closeMenu(focus) {
	const { menu, opener } = open ?? {};
	open = null;
	menu?.remove();
	opener?.setAttribute("aria-expanded", "false");
	if (focus) opener?.focus();
}

/** Open or close a menu by its *opener*; each item has a text and what it does, null is a line. */
export function openMenu(opener, name, items) {
	const again = open?.opener === opener;
	closeMenu();
	if (again) return;
	const pick = (does) => () => {
		closeMenu(true);
		does();
	};
	const menu = h(
		"div",
		{ role: "menu", class: "menu", "aria-label": name },
		items.map((item) =>
			item ? button(item[0], pick(item[1]), { role: "menuitem", tabindex: -1 }) : h("div", { role: "separator" }),
		),
	);
	const choices = [...menu.querySelectorAll("button")];
	menu.addEventListener("keydown", (event) => {
		const { key } = event;
		const at = choices.indexOf(document.activeElement);
		const to = { ArrowDown: choices[at + 1] ?? choices[0], ArrowUp: choices.at(at - 1), Home: choices[0], End: choices.at(-1) };
		if (key in to) to[key].focus();
		else if (key === "Escape" || key === "Tab") closeMenu(true);
		else return;
		event.preventDefault();
		event.stopPropagation();
	});
	opener.closest("nav, header, main, aside").append(menu);
	const { bottom, top, left } = opener.getBoundingClientRect();
	const { offsetHeight: height, offsetWidth: width } = menu;
	const below = bottom + height + 8 < innerHeight;
	menu.style.top = `${below ? bottom + 4 : Math.max(8, top - height - 4)}px`;
	menu.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
	opener.setAttribute("aria-expanded", "true");
	open = { menu, opener };
	choices[0].focus();
}

addEventListener("pointerdown", ({ target }) => {
	if (open && !open.menu.contains(target) && !open.opener.contains(target)) closeMenu();
});
addEventListener("resize", () => closeMenu());
