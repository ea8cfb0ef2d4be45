/** Builds elements: text goes in as text only, so nothing that people write can become markup. */

/**
 * Make an element.
 * @param {string} tag its name
 * @param {object} given attributes by name; `on…` functions are listeners, false and null are left out,
 *   `class` and `data-…` are attributes like any other
 * @param {...(Node|string|null|Array)} children strings become text nodes
 * @returns {HTMLElement}
 */
export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}

/** Find an element of the page by its id. */
export const byId = (id) => document.getElementById(id);

/** Show or hide *element*. */
export function shown(element, on) {
  element.hidden = !on;
}

/** Say *what* in the element's text, if it does not say so already: a live region must not repeat itself. */
export function say(element, what) {
  if (element.textContent !== what) element.textContent = what;
}

/** Draw the icon *name*, one of those at the top of index.html. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  svg.append(use);
  return svg;
}
