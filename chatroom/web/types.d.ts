/**
 * The shapes of what the page's modules hand each other; classes are in the modules themselves.
 *
 * This file is for the type checker only; browsers do not get it.
 */

import type { Command, Reply, ReplyType, Role, RoomEvent, RoomSettings, Talk } from "./protocol";

// The conversation with the server.

/** The connection state. */
export type State =
	/** Not in the chat. */
	| "out"
	/** Waiting for the reply to hello. */
	| "greeting"
	/** Receiving what we missed. */
	| "replaying"
	/** Events are live. */
	| "live"
	/** The connection is lost; reconnecting. */
	| "waiting"
	/** The server has ended the connection. */
	| "ended";

/** How to react to a refusal. */
export type Verdict =
	/** Ignore it: it concerns something else. */
	| "none"
	/** Entry refused; the person has to change something. */
	| "final"
	/** Entry refused for now; retry. */
	| "retry"
	/** The session of another tab has ended. */
	| "over"
	/** The session is unknown; start a new one in the same rooms. */
	| "anew"
	/** In as a guest, because the login failed. */
	| "login";

/** The callbacks of the connection. */
export interface LinkOwner {
	opened(): void;
	/** All objects of one message. */
	received(objects: (RoomEvent | Reply)[]): void;
	/** With the WebSocket's closing code, if the server closed it. */
	lost(code?: number): void;
	/** With the seconds until the next attempt. */
	waiting(seconds: number): void;
}

/** What the page itself has asked for. */
export interface PendingRequest {
	/** Takes the reply, or our own event that answers it. */
	resolve(answer: Reply | RoomEvent): void;
	/** Whether the log shows the reply, too. */
	told: boolean;
}

/** What the person saw, and had typed, when they asked for something. */
export interface Mark {
	/** The id of the room. */
	room: string;
	/** How often something had been typed; null: before a reload. */
	keys: number | null;
}

/** An unanswered line. */
export interface Line extends Mark {
	/** Comes back with the reply. */
	ref: string;
	/** The command as sent. */
	values: Command;
	/** What to show. */
	text: string;
	/** Whether the server may ask for a secret. */
	asks: boolean;
	/** How often the server closed the connection because of it. */
	strikes: number;
}

/** What the person may do next, on their own time. */
export interface Offer {
	text: string;
	/** The label of its button. */
	label: string;
	act: () => unknown;
}

// Rooms.

/** A line of a reply; or a term, and what it means. */
export type TextRow = string | [term: string, meaning: string];

/** Words a reply; falsy rows are omitted. */
export type ReplyPhrase<K extends ReplyType = ReplyType> = (reply: Reply<K>) => (TextRow | "" | false | 0)[];
export type ReplyPhrases = { [K in ReplyType]?: ReplyPhrase<K> };

/** Words an event. */
export type EventPhrase<T extends RoomEvent["type"] = RoomEvent["type"]> = (
	event: Extract<RoomEvent, { type: T }>,
) => string;
export type EventPhrases = { [T in RoomEvent["type"]]?: EventPhrase<T> };

/** A row in the log that only we see. */
export interface LocalRow {
	kind: "reply" | "refusal";
	rows: TextRow[];
	id: number;
	/** The seq that it comes after. */
	after: number;
}

/** A part of a room's journal without gaps. */
export interface Stretch {
	/** It covers all from this seq … */
	first: number;
	/** … to this one; where somebody is ignored there are fewer events than seqs. */
	last: number;
	events: RoomEvent[];
}

/** A room's saved state; see `Room` for the fields. */
export interface KeptRoom {
	id: string;
	other: string;
	topic: string;
	role: Role;
	settings: RoomSettings;
	changes: number;
	seen: number;
	unread: number;
	calls: number;
	marker: number | null;
	oldest: number | null;
	read: number | null;
	closed: boolean;
	begun: boolean;
}

/** A session to go on with. */
export interface FoundSession {
	saved: SavedSession;
	/** Where it is: of this tab; left behind by another one, so it may be over; or still in use there. */
	where: "here" | "behind" | "elsewhere";
}

/** A saved session, for resuming after a reload. */
export interface SavedSession {
	token: string;
	/** Stands for the person in the names of drafts; nobody else has it. */
	person: string;
	nick: string;
	account: string;
	role: Role;
	/** The id of the current room. */
	current: string;
	rooms: KeptRoom[];
	outbox: Line[];
}

// Writing, and dialogs.

/** The words that a completion may offer. */
export interface Vocabulary {
	/** What each command does, by its usage. */
	commands: Record<string, string>;
	nicks: string[];
	rooms: string[];
	/** By name. */
	emoji: Record<string, string>;
}

export interface Suggestion {
	/** What takes the word's place. */
	text: string;
	label: string;
	help?: string;
}

export interface Completion {
	/** The word to be completed. */
	word: string;
	/** The usage and help of the typed command, if any. */
	usage: string[];
	offers: Suggestion[];
}

/** Preset arguments of a command. */
export interface GivenArguments {
	/** Whom it is about: a field that the form does not show. */
	about?: Record<string, string>;
	/** Initial values of the fields. */
	value?: string;
	/** The value sent if left empty. */
	empty?: string;
}

/** What a field of a form is called, and what it is like. */
export interface FieldText {
	name: string;
	label: string;
	hint?: string;
	placeholder?: string;
	required?: boolean;
	type?: string;
	maxlength?: number;
}

/** What a form says and asks for. */
export interface FormText {
	hint?: string;
	fields: FieldText[];
}

/** The form's values, by field name. */
export type Values = Record<string, string>;

/** A label and an action; null is a separator. */
export type MenuItem = [text: string, act: () => unknown] | null;

/** Children of an element; falsy ones are omitted. */
export type Child = string | Node | false | null | undefined | 0;
export type Children = Child | Child[];

/** Attributes, listeners as `on…`, and style properties as `--…`; false and null are left out. */
export type Attributes = Record<string, any>;

/** Makes a button. */
export type MakeButton = (text: string, act: () => unknown, attributes?: Attributes) => HTMLButtonElement;
