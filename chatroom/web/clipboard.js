/** Clipboard: copies a text, also where the page was not loaded over TLS. */

import { h } from "./dom.js";

/** @import { Store } from "./store.js" */

/**
 * Copy *text*; if the browser doesn't let us, say so.
 * @param {Store} store
 * @param {string} text
 */
export async function copyText(store, text) {
	try {
		// Without TLS there is no clipboard in `navigator`.
		await navigator.clipboard.writeText(text);
	} catch {
		if (!copySelected(text)) store.note("The browser doesn't allow copying here.");
	}
}

/**
 * Copy *text* from a field, as a person would.
 * @param {string} text
 */
function copySelected(text) {
	const { activeElement } = document;
	const field = h("textarea", { readonly: true, value: text, "aria-hidden": "true" });
	document.body.append(field);
	field.select();
	const copied = document.execCommand("copy");
	field.remove();
	if (activeElement instanceof HTMLElement) activeElement.focus();
	return copied;
}
