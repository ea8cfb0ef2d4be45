/** Times in the local zone, which changes under an open page when somebody travels. */

/** @satisfies {Record<string, Intl.DateTimeFormatOptions>} */
const STYLES = {
	day: { dateStyle: "full" },
	time: { timeStyle: "short" },
	moment: { dateStyle: "medium", timeStyle: "short" },
};

/** Size of the day cache, in minutes: more than the log's window needs. */
const MAX_REMEMBERED_MINUTES = 5000;

/** @type {Map<string, string>} Cache: the day of each minute, because formatting is slow. */
const days = new Map();

/** The zone that the formatters were made in, and how far it is from UTC now. */
let zone = "";

/** @type {Map<string, Intl.DateTimeFormat>} Cache: formatters keep the zone that they were made in. */
const formatters = new Map();

/**
 * Return whether the system's zone has changed since the last call; from then on, times are in the new one.
 */
export function zoneChanged() {
	const now = `${new Intl.DateTimeFormat().resolvedOptions().timeZone} ${new Date().getTimezoneOffset()}`;
	if (now === zone) return false;
	zone = now;
	days.clear();
	formatters.clear();
	return true;
}

zoneChanged();

/**
 * @param {keyof typeof STYLES} style
 * @param {string} at
 */
function format(style, at) {
	let formatter = formatters.get(style);
	if (!formatter) {
		formatter = new Intl.DateTimeFormat([], { ...STYLES[style], hourCycle: "h23" });
		formatters.set(style, formatter);
	}
	return formatter.format(new Date(at));
}

/**
 * Return the time of day of an event's `at`.
 * @param {string} at
 */
export const timeOf = (at) => format("time", at);

/**
 * Return the day and time of an event's `at`.
 * @param {string} at
 */
export const momentOf = (at) => format("moment", at);

/**
 * Return the day of an event's `at`.
 * @param {string} at
 */
export function dayOf(at) {
	const minute = at.slice(0, "2026-11-23T12:34".length);
	let day = days.get(minute);
	if (day === undefined) {
		if (days.size > MAX_REMEMBERED_MINUTES) days.clear();
		day = format("day", at);
		days.set(minute, day);
	}
	return day;
}
