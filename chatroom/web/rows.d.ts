/**
 * The rows of the log, and what they are made of.
 *
 * This file is for the type checker only; browsers do not get it.
 */

import type { RoomEvent, Talk } from "./protocol";
import type { Finder } from "./scripts.js";
import type { LocalRow, Stretch } from "./types";

/** A part of a text. */
export interface Piece {
	text: string;
	/** Where it leads, if it is a link. */
	href?: string;
	/** Whether it is highlighted. */
	mark?: boolean;
}

/** A part of a message: what a mark encloses, or the mark itself, which is not shown. */
export interface Span {
	start: number;
	end: number;
	style: "" | "code" | "em" | "sign" | "strong";
}

/** Some lines of a message; together with the others, they are all of it. */
export interface Block {
	style: "" | "fence" | "quote";
	spans: Span[];
}

/** The contents of the log's window. */
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

/** The reader's position and identity in a room. */
export interface View {
	nick: string;
	/** The seq before the line "New messages". */
	marker: number | null;
	/** The seq up to which local rows are shown. */
	end: number;
}

/** Speech, stored or pending. */
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
	/** The time of the row with the sender's name. */
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

/** Who came or went, and in the end is here or not. */
export interface Passage {
	nick: string;
	first: "joined" | "left";
	last: "joined" | "left";
	/** Why they left, the last time. */
	reason: string;
}

export interface NoticeRow extends RowBase {
	kind: "notice";
	event: RoomEvent;
	text: string;
	/** If it is about joins and leaves: whose, by `nickKey`. */
	passages?: Map<string, Passage>;
}

export interface LineRow extends RowBase {
	kind: "day" | "unread" | "edge";
	text: string;
}

export type ReplyRow = RowBase & LocalRow;

/** A row of the log. */
export type Row = MessageRow | NoticeRow | LineRow | ReplyRow;

/** A row and its position, in pixels from the top of the view. */
export interface Anchor {
	key: string;
	offset: number;
}

/** The message that was jumped to. */
export interface Target {
	/** 0: none. */
	seq: number;
	/** Finds the words that were searched for. */
	mark: Finder | null;
}
