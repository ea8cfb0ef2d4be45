/** DOM helpers. Text is inserted as text only, so nothing that people write becomes markup. */

/** @import { Attributes, Children } from "./types" */

/**
 * Make an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} attributes
 * @param {Children[]} children
 */
export function h(tag, attributes, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (value === false || value == null) continue;
		if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
		else if (name.startsWith("--")) element.style.setProperty(name, value);
		else if (name === "value" || name === "checked") Object.assign(element, { [name]: value });
		else element.setAttribute(name, value === true ? "" : value);
	}
	const present = /** @type {(string | Node)[]} */ (children.flat().filter(Boolean));
	element.append(...present);
	return element;
}

/**
 * Make a button.
 * @param {Children} content
 * @param {(event: MouseEvent & { currentTarget: HTMLElement }) => unknown} onclick
 * @param {Attributes} [attributes]
 */
export const button = (content, onclick, attributes) => h("button", { type: "button", onclick, ...attributes }, content);

/** The page's attributes for the style sheet: `view`, `theme` and `colours`. */
export const root = document.documentElement.dataset;

/**
 * Return the element with an id; throw if it is missing or of another kind.
 * @template {Element} [E=HTMLElement]
 * @param {string} id
 * @param {new () => E} [kind]
 */
export function byId(id, kind) {
	return check(document.getElementById(id), `#${id}`, kind);
}

/**
 * Return the first element inside *parent* that matches *selector*.
 * @template {Element} [E=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {new () => E} [kind]
 */
export function find(parent, selector, kind) {
	return check(parent.querySelector(selector), selector, kind);
}

/**
 * @template {Element} [E=HTMLElement]
 * @param {Element | null} element
 * @param {string} name
 * @param {new () => E} [kind]
 */
function check(element, name, kind) {
	if (!(element instanceof (kind ?? HTMLElement))) throw new TypeError(`The page has no ${name}.`);
	return /** @type {E} */ (element);
}

/**
 * Return the first element inside *parent* that matches *selector*, or null.
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export const seek = (parent, selector) => parent.querySelector(selector);

/**
 * Set the text of *element* if it differs: a live region must not repeat itself.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function say(element, text) {
	if (element.textContent !== text) element.textContent = text;
}

/**
 * Replace the children of *list*; the focus stays on the same `data-id`.
 * @param {HTMLElement} list
 * @param {(string | Node)[]} children
 */
export function fill(list, children) {
	const { activeElement } = document;
	const id = activeElement instanceof HTMLElement && activeElement.dataset.id;
	list.replaceChildren(...children);
	if (id) seek(list, `[data-id="${CSS.escape(id)}"]`)?.focus();
}
