/** Join form: nick, room and password. */

import { button, byId, find, h, root, say } from "./dom.js";
import { local } from "./storage.js";
import { roomInAddress, untrustedText } from "./untrusted.js";

/** @import { Session } from "./session.js" */
/** @import { SavedSession } from "./types" */

/** Longest nick that is filled in, in characters. */
const MAX_NICK = 32;

/**
 * Offer to go on as the person who is in the chat in another tab; the form is for somebody else.
 * @param {Session} session
 * @param {SavedSession} saved
 */
export function offerSamePerson(session, saved) {
	const form = byId("join-form");
	const same = button(["Go on as ", h("bdi", {}, saved.nick)], () => session.attach(saved), { class: "primary" });
	const offer = h("div", { id: "same" }, same, h("p", { class: "hint" }, "as in your other tab, or join as somebody else:"));
	find(form, ".hint").replaceWith(offer);
	same.focus();
	session.store.on("out", () => offer.remove());
}

/** @param {Session} session */
export function makeJoinForm(session) {
	const { store } = session;
	const form = byId("join-form");
	const nick = byId("nick", HTMLInputElement);
	const room = byId("room", HTMLInputElement);
	const account = find(form, "[name=account]", HTMLInputElement);
	const password = byId("password", HTMLInputElement);
	const submit = find(form, "button", HTMLButtonElement);
	const alert = find(form, "[role=alert]");

	const revealPassword = () => {
		byId("join-password").hidden = !account.checked;
		password.required = account.checked;
	};
	const fail = (/** @type {string} */ reason) => {
		say(alert, reason);
		(account.checked ? password : nick).focus();
	};

	nick.value = untrustedText(local.get("nick"), MAX_NICK);
	// A link may lead into a room: …/#tea.
	const linked = roomInAddress(location.hash);
	room.value = linked.startsWith("@") ? "lobby" : linked || "lobby";
	account.addEventListener("change", revealPassword);
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		alert.textContent = "";
		local.set("nick", nick.value.trim());
		session.join(nick.value.trim(), room.value.trim(), account.checked ? password.value : "");
	});
	store.on("state", () => {
		const { state } = store;
		submit.disabled = state === "greeting";
		if (state === "out") root.view = "join";
		if (state === "live") {
			root.view = "chat";
			password.value = "";
		}
	});
	store.on("registered", () => {
		account.checked = true;
		revealPassword();
		password.focus();
	});
	store.on("refused", fail);
	store.on("out", fail);
	revealPassword();
}
