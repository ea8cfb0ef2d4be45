/** Doors: what people call the ways into the chat. */

/** @import { Person } from "./protocol" */

/** @type {Record<string, string>} By the name that the server uses. */
const DOORS = { line: "nc", json: "client", web: "web", irc: "IRC", ssh: "SSH" };

/** @param {string} door */
export const doorName = (door) => DOORS[door] ?? door;

/**
 * Name all that somebody is connected by.
 * @param {Person} person
 */
export const doorNames = ({ door, doors }) => (doors?.length ? doors : [door]).map(doorName);
