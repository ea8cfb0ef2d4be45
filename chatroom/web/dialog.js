/** Dialogs and forms. */

import { button, h, seek } from "./dom.js";
import { isComposing } from "./keys.js";

/** @import { Attributes, Children, Values } from "./types" */

let dialogs = 0;
let fields = 0;

/**
 * @param {string} title
 * @param {Node[]} content
 */
export function openDialog(title, ...content) {
	const id = `dialog${++dialogs}`;
	const close = () => dialog.close();
	/** @type {HTMLDialogElement} */
	const dialog = h(
		"dialog",
		{
			"aria-labelledby": id,
			onclose: () => dialog.remove(),
			// In a search box, Escape would only empty the box.
			onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && !isComposing(event) && close(),
			// The dialog itself is what is under its content, and all around it.
			onpointerdown: (/** @type {PointerEvent} */ { target }) => target === dialog && close(),
		},
		h("header", {}, h("h2", { id }, title), button("×", close, { class: "plain", "aria-label": "Close" })),
		...content,
	);
	document.body.append(dialog);
	dialog.showModal();
	(seek(dialog, "form [autofocus]") ?? seek(dialog, "form input:not([readonly])"))?.focus();
	return dialog;
}

/**
 * Make an input field.
 * @param {string} label
 * @param {string} name  Its key in the form's values.
 * @param {Attributes} [attributes]
 * @param {string} [hint]
 */
export function field(label, name, attributes, hint) {
	const id = `field${++fields}`;
	const described = hint && `${id}-hint`;
	return h(
		"div",
		{ class: "field" },
		h("label", { for: id }, label),
		h("input", { id, name, autocomplete: "off", "aria-describedby": described, ...attributes }),
		hint && h("p", { class: "hint", id: described }, hint),
	);
}

/**
 * Make a checkbox.
 * @param {string} label
 * @param {boolean} checked
 * @param {(box: HTMLInputElement) => unknown} changed
 */
export function checkbox(label, checked, changed) {
	const box = h("input", { type: "checkbox", checked, onchange: () => changed(box) });
	return h("label", { class: "check" }, box, label);
}

/**
 * @param {string} action  The label of its button.
 * @param {Children} content
 * @param {(values: Values) => string | void | Promise<string | void>} done  May return what is wrong with the values.
 */
export function makeForm(action, content, done) {
	const alert = h("p", { role: "alert", class: "alert" });
	let busy = false;
	const onsubmit = async (/** @type {SubmitEvent} */ event) => {
		event.preventDefault();
		if (busy) return;
		busy = true;
		alert.textContent = "";
		// There is no field for files, so all values are strings.
		const values = /** @type {Values} */ (Object.fromEntries(new FormData(form)));
		alert.textContent = (await done(values)) ?? "";
		busy = false;
	};
	const buttons = h("div", { class: "buttons" }, h("button", { class: "primary" }, action));
	const form = h("form", { onsubmit }, content, alert, buttons);
	return form;
}

/**
 * Open a dialog with a form, which stays open until its values are accepted.
 * @param {string} title
 * @param {string} action
 * @param {Children} content
 * @param {(values: Values) => string | void | Promise<string | void>} done  May return what is wrong with the values.
 */
export function openForm(title, action, content, done) {
	const form = makeForm(action, content, async (values) => {
		const problem = await done(values);
		if (!problem) dialog.close();
		return problem;
	});
	const dialog = openDialog(title, form);
}
