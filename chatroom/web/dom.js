/** Builds elements; text goes in as text only, so nothing that people write becomes markup. */

/** Make a *tag*: `on…` are listeners, `--…` styles; what is false or null is left out, children too. */
export function h(tag, given, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(given)) {
		if (value === false || value == null) continue;
		if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
		else if (name.startsWith("--")) element.style.setProperty(name, value);
		else if (/^(value|checked)$/.test(name)) element[name] = value;
		else element.setAttribute(name, value === true ? "" : value);
	}
	element.append(...children.flat().filter(Boolean));
	return element;
}

/** Make a button. */
export const button = (text, onclick, given) => h("button", { type: "button", onclick, ...given }, text);

/** The attributes that the style goes by. */
export const root = document.documentElement.dataset;

/** Find an element of the page. */
export const byId = (id) => document.getElementById(id);

/** Have *element* say *text*, unless it does: a live region must not repeat itself. */
export function say(element, text) {
	if (element.textContent !== text) element.textContent = text;
}

/** Put *children* into *list*; the focus stays with what has the same `data-id`. */
export function fill(list, children) {
	const { id } = document.activeElement.dataset;
	list.replaceChildren(...children);
	if (id) list.querySelector(`[data-id="${CSS.escape(id)}"]`)?.focus();
}
