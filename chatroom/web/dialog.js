/** Dialogs: one at a time or one over the other, with a heading, a way out, and the focus kept inside. */

import { h, icon } from "./dom.js";

let count = 0;

/**
 * Open a dialog.
 * @param {string} title
 * @param {...(Node|string)} content
 * @returns {HTMLDialogElement}
 */
export function openDialog(title, ...content) {
  const id = `dialog${++count}`;
  const dialog = h(
    "dialog",
    { "aria-labelledby": id, onclose: () => dialog.remove() },
    h(
      "header",
      {},
      h("h2", { id }, title),
      h("button", { type: "button", class: "plain", "aria-label": "Close", onclick: () => dialog.close() }, icon("close")),
    ),
    ...content,
  );
  dialog.addEventListener("pointerdown", (event) => {
    // A click beside it, on what is behind.
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("[autofocus]")?.focus();
  return dialog;
}

/**
 * One thing to fill in.
 * @param {string} label
 * @param {object} attributes of the input
 * @param {string} hint shown under it
 * @returns {HTMLElement} with the input in it
 */
export function field(label, attributes, hint = "") {
  const id = `field${++count}`;
  const described = hint ? { "aria-describedby": `${id}h` } : {};
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h("input", { id, type: "text", autocomplete: "off", ...described, ...attributes }),
    hint && h("p", { class: "hint", id: `${id}h` }, hint),
  );
}

/**
 * A form with its buttons.
 * @param {string} action what the button says
 * @param {Node[]} fields
 * @param {(values: object, complain: (why: string) => void) => ?Promise} done takes what was filled in, by name
 * @param {boolean} danger whether it should give pause
 */
export function form(action, fields, done, danger = false) {
  const alert = h("p", { role: "alert", class: "alert" });
  return h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        alert.textContent = "";
        done(Object.fromEntries(new FormData(event.currentTarget)), (why) => (alert.textContent = why));
      },
    },
    ...fields,
    alert,
    h("div", { class: "buttons" }, h("button", { class: danger ? "primary danger" : "primary" }, action)),
  );
}

/** Ask for *fields* in a dialog called *title*; *done* takes what was filled in, and the dialog closes. */
export function askFor(title, action, fields, done, danger = false) {
  const dialog = openDialog(
    title,
    form(
      action,
      fields,
      (values, complain) => {
        const why = done(values);
        if (why) complain(why);
        else dialog.close();
      },
      danger,
    ),
  );
  return dialog;
}
