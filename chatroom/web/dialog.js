/** Dialogs and forms. */

import { button, h } from "./dom.js";

let count = 0;

/** Open a dialog. */
export function openDialog(title, ...content) {
	const id = `dialog${++count}`;
	const close = () => dialog.close();
	const dialog = h(
		"dialog",
		{
			"aria-labelledby": id,
			onclose: () => dialog.remove(),
			// A search box would only be emptied by it.
			onkeydown: ({ key }) => key === "Escape" && close(),
			onpointerdown: ({ target }) => target === dialog && close(),
		},
		h("header", {}, h("h2", { id }, title), button("×", close, { class: "plain", "aria-label": "Close" })),
		...content,
	);
	document.body.append(dialog);
	dialog.showModal();
	dialog.querySelector("form input:not([readonly])")?.focus();
	return dialog;
}

/** One thing to fill in, called *name* among the values of its form. */
export function field(label, name, given, hint) {
	const id = `field${++count}`;
	return h(
		"div",
		{ class: "field" },
		h("label", { for: id }, label),
		h("input", { id, name, autocomplete: "off", "aria-describedby": hint && `${id}h`, ...given }),
		hint && h("p", { class: "hint", id: `${id}h` }, hint),
	);
}

/** A box to tick. */
export const check = (label, checked, onchange) =>
	h("label", { class: "check" }, h("input", { type: "checkbox", checked, onchange }), label);

/** A form; *done* takes its values by name, and may return or promise why they won't do. */
export function makeForm(action, fields, done) {
	const alert = h("p", { role: "alert", class: "alert" });
	const onsubmit = async (event) => {
		event.preventDefault();
		alert.textContent = "";
		alert.textContent = (await done(Object.fromEntries(new FormData(event.target)))) ?? "";
	};
	return h("form", { onsubmit }, ...fields, alert, h("div", { class: "buttons" }, h("button", { class: "primary" }, action)));
}

/** Open a dialog with a form, which closes when it is *done*. */
export function askFor(title, action, fields, done) {
	const dialog = openDialog(title, makeForm(action, fields, async (values) => (await done(values)) || dialog.close()));
}
