/** The view to join from. */

import { byId, root, say } from "./dom.js";
import { local } from "./storage.js";

/** Let people join *chat* from it. */
export function makeJoining(chat) {
	const form = byId("join-form");
	const { nick, room, account, password } = form.elements;
	const submit = form.querySelector("button");
	const alert = form.querySelector("[role=alert]");

	const reveal = () => {
		byId("join-password").hidden = !account.checked;
		password.required = account.checked;
	};
	const fail = (why) => {
		say(alert, why);
		(account.checked ? password : nick).focus();
	};

	nick.value = local.get("nick") ?? "";
	room.value = decodeURI(location.hash.slice(1)) || "lobby";
	account.addEventListener("change", reveal);
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		alert.textContent = "";
		local.set("nick", nick.value.trim());
		chat.join(nick.value.trim(), room.value.trim(), account.checked ? password.value : "");
	});
	chat.on("state", () => {
		const { state } = chat;
		if (state === "live") password.value = "";
		submit.disabled = state === "greeting";
		if (state === "out" || state === "live") root.view = state === "out" ? "join" : "chat";
	});
	chat.on("refused", fail);
	chat.on("out", fail);
	reveal();
}
