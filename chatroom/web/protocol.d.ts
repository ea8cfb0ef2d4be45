/**
 * What the server sends, in types: the fields that the page reads.
 *
 * docs/protocol.md says what they mean. This file is for the type checker only; browsers do not get it.
 */

export type Role = "guest" | "account" | "operator" | "admin" | "bot" | "";

/** Someone in a room. From an event only the nick is known; the rest comes with the reply `who`. */
export interface Member {
	nick: string;
	role?: Role;
	away?: string | null;
	connected?: boolean;
	/** How they are connected, the door used last first; older servers don't say. */
	doors?: string[];
}

/** Someone as `who` and `whois` describe them. */
export interface Person extends Required<Omit<Member, "doors">> {
	door: string;
	doors?: string[];
	idle: number;
}

/** One of our own sessions. */
export interface OwnSession {
	number: number;
	door: string;
	since: string;
	active: string;
	address: string;
	connected: boolean;
	/** Whether it is this one. */
	current: boolean;
}

/** How far we have read a room, and what is unread there; older servers don't say. */
export interface Reading {
	read?: number | null;
	unread?: number | null;
	mentions?: number | null;
}

/** A private conversation, as the server remembers it. */
export interface ListedConversation {
	room: string;
	nick: string;
	seq: number;
	read: number;
	unread: number;
	at: string;
}

/** The settings of a room; empty or missing is the default. */
export interface RoomSettings {
	lock?: string;
	private?: string;
	unlisted?: string;
	moderated?: string;
	freetopic?: string;
	slow?: string;
	limit?: string;
}

// Events: what happened in a room. They have a `seq`, and are stored.

interface Happened {
	room: string;
	seq: number;
	/** ISO 8601 in UTC. */
	at: string;
	nick: string;
	/** The mark of our own command; other people's events have none. */
	ref?: string;
	/** Whether it comes from another device of ours. */
	own?: boolean;
	/** Whether a script did it. */
	bot?: boolean;
}

/** Speech; with `to` in a private conversation. */
export interface Talk extends Happened {
	type: "said" | "acted" | "noticed" | "whispered";
	text: string;
	to?: string;
	/** The seq of the message that it answers, and how that begins; null: it is gone. */
	re?: number;
	quote?: Quote | null;
	edited?: boolean;
	/** Who deleted it; the text is empty then. */
	deleted?: string;
	reactions?: { emoji: string; nicks: string[] }[];
}

/** Whose message it is, and how it begins; the text is empty if it has been deleted. */
export interface Quote {
	nick: string;
	text: string;
}

export interface Edited extends Happened {
	type: "edited";
	re: number;
	/** What the message says by now; empty if it has been deleted. */
	text: string;
}

export interface Deleted extends Happened {
	type: "deleted";
	re: number;
	author: string;
	/** Whether the author did it. */
	by_author: boolean;
	reason: string;
}

export interface Reacted extends Happened {
	type: "reacted";
	re: number;
	/** Empty if the message has been deleted. */
	emoji: string;
	added: boolean;
}

/** An event about an earlier message. */
export type Change = Edited | Deleted | Reacted;

export interface Passing extends Happened {
	type: "joined" | "left";
	reason?: string;
}

export interface Renamed extends Happened {
	type: "renamed";
	new: string;
}

export interface TopicSet extends Happened {
	type: "topic";
	topic: string;
}

export interface Moderated extends Happened {
	type: "kicked" | "banned" | "unbanned" | "muted" | "unmuted" | "invited";
	target: string;
	reason?: string;
	until?: string | null;
}

export interface SettingChanged extends Happened {
	type: "setting";
	setting: keyof RoomSettings;
	value: string;
}

export interface RoleChanged extends Happened {
	type: "role";
	target: string;
	role: Role | "voice" | "no voice";
}

export interface Delivered extends Happened {
	type: "received";
}

export interface AuditEntry extends Happened {
	type: "recorded";
	act: string;
	where: string;
	text: string;
}

export type RoomEvent =
	| Talk
	| Change
	| Passing
	| Renamed
	| TopicSet
	| Moderated
	| SettingChanged
	| RoleChanged
	| Delivered
	| AuditEntry;

// Replies: only to us, not stored.

interface Page {
	page: number;
	/** The number of further rows. */
	more: number;
}

export interface Preferences {
	ignore: string[];
	notify: string;
	color: boolean;
	plain: boolean;
	away: string | null;
	others: boolean;
	numbers: boolean;
	correct: boolean;
}

export interface Ban {
	target: string;
	kind: "ban" | "mute";
	reason: string;
	by: string;
	at: string;
	until: string | null;
}

export interface ListedRoom {
	room: string;
	people: number;
	topic: string;
}

/** The fields of each reply, by its type. */
export interface ReplyFields {
	welcome: { nick: string; resume: string; server: string; commands: Record<string, string>; secrets?: Record<string, number>; asks?: string[] };
	room: Reading & { room: string; seq: number; people: string[]; topic: string; role: Role; settings: RoomSettings };
	read: { room: string; seq: number; unread: number; mentions: number };
	unread: { rooms: { room: string; nick: string; unread: number; mentions: number }[] };
	conversations: { conversations: ListedConversation[] };
	sessions: { sessions: OwnSession[] };
	live: {};
	nick: { nick: string };
	who: Page & { room: string; people: Person[] };
	whois: { person: Person; rooms: string[]; since: string; account: string; address: string; conversation?: string };
	rooms: Page & { rooms: ListedRoom[] };
	topic_is: { room: string; topic: string };
	history: { room: string; events: RoomEvent[]; more: boolean; first: number; numbers?: boolean; earlier_than?: string };
	found: { words: string; events: Talk[]; page: number; more: boolean; indexing?: boolean };
	seen: { nick: string; here: boolean; at: string | null };
	password_wanted: { command: PasswordCommand | "hello"; nick: string; wants?: string[] };
	logged_in: { account: string; role: Role; resume: string; new_password?: boolean };
	logged_out: { reason: string; resume: string };
	bans: { room: string; bans: Ban[]; more: number };
	preferences: Preferences & { changed: (keyof Preferences)[]; asked?: (keyof Preferences)[] };
	audit: { events: AuditEntry[]; more: boolean };
	gap: { room: string; first: number; last: number };
	time: { at: string };
	help: { commands: [usage: string, help: string][]; groups?: string[]; more?: number };
	notice: { text: string };
	refused: { code: string; text: string };
	pong: {};
	goodbye: { text: string; ended?: boolean; again?: boolean };
}

export type ReplyType = keyof ReplyFields;

/** A reply, of one type or any. */
export type Reply<T extends ReplyType = ReplyType> = {
	[K in T]: ReplyFields[K] & { type: K; ref?: string };
}[T];

/** The commands that ask for a password. */
export type PasswordCommand = "register" | "password" | "account" | "login";

/** Commands. */
export interface Command {
	type: string;
	text?: string;
	password?: string;
	[field: string]: unknown;
}
