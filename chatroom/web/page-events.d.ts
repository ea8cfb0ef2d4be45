/**
 * Every event by which the parts of the page hear of changes, with what its listeners are given.
 *
 * This file is for the type checker only; browsers do not get it.
 */

import type { PasswordCommand, Reply, Talk } from "./protocol";
import type { Room } from "./rooms.js";
import type { Line, Offer } from "./types";

export interface PageEvents {
	/** The connection state, our nick, account or role has changed. */
	state: [reason: string];
	/** The current room has changed or must be redrawn; or it has only another name. */
	room: [renamed?: boolean];
	/** The room list or the current room's header may have changed. */
	rooms: [];
	/** The log of the current room may have changed. */
	log: [];
	/** A message of the current room is shown in its context, or with 0, the end again. */
	jumped: [room: Room, seq: number, stays: boolean];
	/** A message to notify us of. */
	called: [room: Room, event: Talk];
	/** The server refused our hello. */
	refused: [reason: string];
	/** The server wants the password of this nick before it lets us in. */
	registered: [nick: string];
	/** We have left the chat. */
	out: [reason: string];
	/** A command needs a password, or several; the nick may be empty. *unasked*: because of our nick, on coming in. */
	password: [command: PasswordCommand, nick: string, wants?: string[], unasked?: boolean];
	/** This text is put into the message box, before what is there. */
	compose: [text: string];
	/** This text is put into the message box, instead of what is there until it has been sent. */
	rewrite: [text: string];
	/** `exit` was typed, in this room. */
	exit: [room: Room];
	/** This room has been read to its end. */
	reading: [room: Room];
	/** A line is on its way, or waits for a connection. */
	sent: [];
	/** Somebody with the nick of a conversation's other party is called this now; it may be somebody else. */
	renamed: [nick: string];
	/** The results of a typed search. */
	find: [found: Reply<"found">];
	/** We are no longer in the room that is on the screen. */
	dropped: [room: Room];
	/** Something that the person may do, but is not in the middle of. */
	offer: [offer: Offer];
	/** What is typed is held back, because a secret may be asked for, or no longer. */
	held: [on: boolean];
	/** A message was refused: its text may return to the message box. */
	restore: [line: Line];
	/** What the person prefers is known, or has changed. */
	preferences: [];
	/** The server's version has changed since the page was loaded. */
	upgraded: [];
}

export type Listener<K extends keyof PageEvents> = (...details: PageEvents[K]) => unknown;
