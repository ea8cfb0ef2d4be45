/**
 * Every event by which the parts of the page hear of changes, with what its listeners are given.
 *
 * This file is for the type checker only; browsers do not get it.
 */

import type { PasswordCommand, Reply, Talk } from "./protocol";
import type { Room } from "./rooms.js";
import type { Line } from "./types";

export interface PageEvents {
	/** The state of the connection has changed, or our nick, account or role. */
	state: [reason: string];
	/** Another room is the current one, or the current one has to be shown anew. */
	room: [];
	/** Something in the list of rooms, or about the current one, may have changed. */
	rooms: [];
	/** Something in the log of the current room may have changed. */
	log: [];
	/** Somebody said something that we are to be notified of. */
	called: [room: Room, event: Talk];
	/** The server did not let us in. */
	refused: [reason: string];
	/** We have left the chat. */
	out: [reason: string];
	/** A command needs a password; the nick may be empty. */
	password: [command: PasswordCommand, nick: string];
	/** A search that was typed has been answered. */
	find: [found: Reply<"found">];
	/** Part of a room's history was asked for, and begins there. */
	jump: [room: string, seq: number | undefined];
	/** A message was refused: its text may go back into the message box. */
	restore: [line: Line];
	/** The server is of another version than when the page was loaded. */
	upgraded: [];
}

export type Listener<K extends keyof PageEvents> = (...details: PageEvents[K]) => unknown;
