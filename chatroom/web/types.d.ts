/**
 * The shapes of what the page's modules hand each other; classes are in the modules themselves.
 *
 * This file is for the type checker only; browsers do not get it.
 */

import type { Command, Reply, ReplyType, Role, RoomEvent, RoomSettings, Talk } from "./protocol";

// The conversation with the server.

/** How things stand with the server. */
export type State =
	/** We are not in the chat. */
	| "out"
	/** We have said hello, and wait for the answer. */
	| "greeting"
	/** What we missed is being sent. */
	| "replaying"
	/** All is as it happens. */
	| "live"
	/** The connection is lost, and another one follows. */
	| "waiting"
	/** The server has closed the connection for good. */
	| "ended";

/** What follows from a refusal. */
export type Verdict =
	/** Nothing: it has another cause. */
	| "none"
	/** We are not let in, and the person has to change something. */
	| "final"
	/** We are not let in now, but may be later. */
	| "retry"
	/** The session that another tab left behind is over. */
	| "over"
	/** The server does not know our session; it is to begin anew, in the same rooms. */
	| "anew"
	/** We are in as a guest, and wanted to be logged in. */
	| "login";

/** What the connection calls back. */
export interface LinkOwner {
	opened(): void;
	/** All objects that came in one message. */
	received(objects: any[]): void;
	/** With the WebSocket's closing code, if the other end closed it. */
	lost(code?: number): void;
	/** With the seconds until the next attempt. */
	waiting(seconds: number): void;
}

/** Something that was sent, and has not been answered yet. */
export interface Line {
	/** Comes back with the answer. */
	ref: string;
	/** What goes over the wire. */
	values: Command;
	/** The id of the room that it was typed in. */
	room: string;
	/** What to show. */
	text: string;
}

// Rooms.

/** A line of a reply; or a term, and what it means. */
export type TextRow = string | [term: string, meaning: string];

/** What says in words what a reply says; falsy rows are left out. */
export type ReplyPhrase<K extends ReplyType = ReplyType> = (reply: Reply<K>) => (TextRow | "" | false | 0)[];
export type ReplyPhrases = { [K in ReplyType]?: ReplyPhrase<K> };

/** What says in words what somebody has done. */
export type EventPhrase<T extends RoomEvent["type"] = RoomEvent["type"]> = (
	event: Extract<RoomEvent, { type: T }>,
) => string;
export type EventPhrases = { [T in RoomEvent["type"]]?: EventPhrase<T> };

/** Something in the log that only we were told. */
export interface LocalRow {
	kind: "reply" | "refusal";
	rows: TextRow[];
	id: number;
	/** The seq that it stands after. */
	after: number;
}

/** A part of a room's journal without a hole. */
export interface Stretch {
	/** It covers all from this seq … */
	first: number;
	/** … to this one; where somebody is ignored there are fewer events than seqs. */
	last: number;
	events: RoomEvent[];
}

/** What is kept of a room over a reload; the fields are explained in `Room`. */
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
	closed: boolean;
}

/** What is kept of a session, so that it goes on after a reload. */
export interface SavedSession {
	token: string;
	nick: string;
	account: string;
	role: Role;
	/** The id of the current room. */
	current: string;
	rooms: KeptRoom[];
	outbox: Line[];
}

// The log.

/** A part of a text. */
export interface Piece {
	text: string;
	/** Where it leads, if it is a link. */
	href?: string;
	/** Whether it is to stand out. */
	mark?: boolean;
}

/** What is inside the window of the log. */
export interface Slice {
	/** Those of the whole stretch; inside are those … */
	events: RoomEvent[];
	/** … from this index … */
	from: number;
	/** … up to this one, without it. */
	to: number;
	stretch: Stretch;
	/** Whether the stretch begins inside. */
	atTop: boolean;
	/** Whether the newest event is inside. */
	atEnd: boolean;
}

/** As whom, and how far, to see a room. */
export interface View {
	nick: string;
	/** The seq before the line "New messages". */
	marker: number | null;
	/** The seq up to which local rows are shown. */
	end: number;
}

/** Somebody's words, stored or not. */
export type Words = Pick<Talk, "type" | "nick" | "text"> & Partial<Talk>;

/** Two rows with the same key and the same signature look the same. */
interface RowBase {
	key: string;
	signature: string | number;
	seq?: number;
}

export interface MessageRow extends RowBase {
	kind: "message";
	event: Words;
	/** When the row with the sender's name was said. */
	since?: string;
	/** Its ref, until it is stored. */
	pending?: string;
	/** Whether it begins with the sender's name and the time. */
	head: boolean;
	/** Whether it is ours. */
	own: boolean;
	/** Whether it mentions us. */
	named: boolean;
}

export interface NoticeRow extends RowBase {
	kind: "notice";
	event: RoomEvent;
	text: string;
	nicks: string[];
	/** Whether it is about who came and went. */
	passing: boolean;
}

export interface LineRow extends RowBase {
	kind: "day" | "unread" | "edge";
	text: string;
}

export type ReplyRow = RowBase & LocalRow;

/** A row of the log. */
export type Row = MessageRow | NoticeRow | LineRow | ReplyRow;

/** A row, and where it stands: pixels from the top of what is in view. */
export interface Anchor {
	key: string;
	offset: number;
}

// Writing, and dialogs.

/** The words that a completion may offer. */
export interface Vocabulary {
	/** What each command does, by its usage. */
	commands: Record<string, string>;
	nicks: string[];
	rooms: string[];
}

export interface Offer {
	/** What takes the word's place. */
	text: string;
	label: string;
	help?: string;
}

export interface Completion {
	/** The word to be completed. */
	word: string;
	/** How the command that is being typed is used, and what it does; or nothing. */
	usage: string[];
	offers: Offer[];
}

/** What is known of a command's arguments before they are filled in. */
export interface GivenArguments {
	/** The first argument, which is not asked for. */
	nick?: string;
	/** What is in the fields at first. */
	value?: string;
	/** What is sent for nothing. */
	empty?: string;
}

/** What was filled in, by the names of the fields. */
export type Values = Record<string, string>;

/** What it says, and what it does; null is a line between others. */
export type MenuItem = [text: string, act: () => unknown] | null;

/** What goes into an element; what is falsy is left out. */
export type Child = string | Node | false | null | undefined | 0;
export type Children = Child | Child[];

/** Attributes, listeners as `on…`, and style properties as `--…`; false and null are left out. */
export type Attributes = Record<string, any>;

/** Makes a button. */
export type MakeButton = (text: string, act: () => unknown, attributes?: Attributes) => HTMLButtonElement;
