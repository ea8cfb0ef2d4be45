/**
 * What handles the server's replies.
 *
 * This file is for the type checker only; browsers do not get it.
 */

import type { Reply, ReplyType } from "./protocol";
import type { Store } from "./store.js";
import type { Line } from "./types";

export interface ReplyContext {
	store: Store;
	/** The typed line that the reply answers, if any. */
	line?: Line;
	/** Whether the page itself requested it. */
	asked: boolean;
}

/**
 * Does what follows from a reply.
 *
 * It may return whether the reply is shown in the log; otherwise it is, unless the page itself has asked for it.
 */
export type ReplyHandler<K extends ReplyType = ReplyType> = (reply: Reply<K>, context: ReplyContext) => boolean | void;

export type ReplyHandlers = { [K in ReplyType]?: ReplyHandler<K> };
