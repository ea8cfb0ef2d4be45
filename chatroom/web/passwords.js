/** Asks for passwords, where nobody sees them, and gives them to nobody but the server. */

import { askFor, field } from "./dialog.js";

const BYTES = 512;
const SHORTEST = 8;

const input = (label, name, autocomplete, more = {}) =>
  field(label, { type: "password", name, autocomplete, required: true, ...more });

/** The nick for a password manager, which saves the one with the other. */
const owner = (nick) => field("Nick", { name: "username", autocomplete: "username", value: nick, readonly: true });

const tooLong = (password) =>
  new TextEncoder().encode(password).length > BYTES ? `A password has at most ${BYTES} bytes.` : "";

const twice = ({ password, again }) => {
  if (password.length < SHORTEST) return `A password has at least ${SHORTEST} characters.`;
  return password === again ? tooLong(password) : "These are two different passwords.";
};

/** Ask for the password that the reply *wanted* says a command lacks. */
export function askPassword(chat, { command, nick }) {
  if (command === "register") return register(chat);
  const deleting = command === "account";
  const values = deleting ? { type: "account", action: "delete" } : { type: command, ...(nick && { nick }) };
  return askFor(
    deleting ? "Delete your account" : "Log in",
    deleting ? "Delete the account" : "Log in",
    [owner(nick || chat.nick), input("Password", "password", "current-password", { autofocus: true })],
    ({ password }) => {
      if (tooLong(password)) return tooLong(password);
      chat.send({ ...values, password }, `/${command}`);
    },
    deleting,
  );
}

/** Ask for the password that one's nick shall have. */
export function register(chat) {
  return askFor(
    "Register this nick",
    "Register",
    [
      owner(chat.nick),
      field(
        "New password",
        { type: "password", name: "password", autocomplete: "new-password", required: true, minlength: SHORTEST, autofocus: true },
        `At least ${SHORTEST} characters.`,
      ),
      input("The same again", "again", "new-password"),
    ],
    (values) => {
      const why = twice(values);
      if (why) return why;
      chat.send({ type: "register", password: values.password }, "/register");
    },
  );
}

/** Ask for another password of the account. */
export function changePassword(chat) {
  return askFor(
    "Change the password",
    "Change it",
    [
      owner(chat.account),
      input("Present password", "old", "current-password", { autofocus: true }),
      input("New password", "password", "new-password", { minlength: SHORTEST }),
      input("The same again", "again", "new-password"),
    ],
    (values) => {
      const why = twice(values);
      if (why) return why;
      chat.send({ type: "password", old: values.old, new: values.password, password: "" }, "/password");
    },
  );
}
