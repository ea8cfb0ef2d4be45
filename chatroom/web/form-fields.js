/** The forms of commands: what each asks for, in words of its own. */

/** @import { FormText, FieldText } from "./types" */

/** @type {FieldText} */
const REASON = { name: "reason", label: "Reason (optional)" };

/** @type {FieldText} */
const NICK = { name: "nick", label: "Nick", required: true };

/** @type {FieldText} */
const DURATION = {
	name: "duration",
	label: "Duration",
	hint: "For example 10m, 2h or 1d. Leave it empty if it has no end.",
	placeholder: "forever",
};

/** @type {FieldText} */
const LISTED = {
	name: "target",
	label: "Nick",
	hint: "Or whatever else the list of bans and mutes shows.",
	required: true,
};

/** @type {Record<string, FormText>} By the command's type; the names of the fields are the protocol's. */
export const FORMS = {
	nick: { fields: [NICK] },
	away: {
		hint: "Others see that you are away, and your message, if you leave one.",
		fields: [{ name: "text", label: "Message (optional)" }],
	},
	keys: {
		hint: "With it, you come in by ssh without a password. /keys lists yours, and removes them.",
		fields: [
			{
				name: "public_key",
				label: "Public key",
				hint: "A line of a file such as ~/.ssh/id_ed25519.pub.",
				placeholder: "ssh-ed25519 AAAA…",
				required: true,
				maxlength: 3000,
			},
		],
	},
	topic: {
		hint: "Everyone in the room sees it at the top.",
		fields: [{ name: "topic", label: "Topic", hint: "Leave it empty to remove the topic." }],
	},
	invite: { hint: "They can join this room, even if it is locked.", fields: [NICK] },
	kick: { hint: "They leave this room, and can come back.", fields: [REASON] },
	mute: { hint: "They stay in this room, but nobody hears them.", fields: [DURATION, REASON] },
	ban: { hint: "They leave this room, and can't come back.", fields: [DURATION, REASON] },
	slow: {
		hint: "Everyone waits between two lines.",
		fields: [{ name: "seconds", label: "Seconds", hint: "Leave it empty to turn slow mode off.", type: "number" }],
	},
	limit: {
		hint: "Whoever is inside stays.",
		fields: [{ name: "people", label: "People", hint: "Leave it empty to let in any number.", type: "number" }],
	},
	lock: {
		hint: "Only people who know the key or are invited can join.",
		fields: [{ name: "key", label: "Key", hint: "Leave it empty to let in invited people only." }],
	},
	unban: { hint: "They can join this room again.", fields: [LISTED] },
	unmute: { hint: "They are heard in this room again.", fields: [LISTED] },
};
