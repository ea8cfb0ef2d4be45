/** Builds elements: text goes in as text only, so nothing that people write can become markup. */

/**
 * Make a *tag*.  Of what is *given*, `on…` are listeners, `value` and `checked` properties, all else attributes;
 * what is false or null is left out, and so are such *children*.
 */
export function h(tag, given, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(given)) {
		if (value === false || value == null) continue;
		if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
		else if (name === "value" || name === "checked") element[name] = value;
		else element.setAttribute(name, value === true ? "" : value);
	}
	element.append(...children.flat().filter(Boolean));
	return element;
}

/** Make a button that does *onclick*. */
export const button = (text, onclick, given) => h("button", { type: "button", onclick, ...given }, text);

/** Find an element of the page. */
export const byId = (id) => document.getElementById(id);

/** Have *element* say *text*, if it does not already: a live region must not repeat itself. */
export function say(element, text) {
	if (element.textContent !== text) element.textContent = text;
}
