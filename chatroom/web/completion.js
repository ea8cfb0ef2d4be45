/** What may become of the word before the cursor: commands, nicks and rooms, whichever belongs there. */

const SECRET = /PASSWORD|OLD|NEW|KEY/;
const MOST = 8;

/**
 * One thing to offer: it takes the place of the `word`'s letters.
 * @typedef {{text: string, label: string, help: string}} Offer
 */

/**
 * Work out what to offer.
 * @param {string} before the text up to the cursor
 * @param {{commands: object, nicks: string[], rooms: string[]}} known
 * @param {boolean} asked whether completion was asked for, so that a bare nick is worth offering
 * @returns {{word: string, offers: Offer[], usage: string[]}} `usage` explains the command that is being typed
 */
export function complete(before, { commands, nicks, rooms }, asked = false) {
  const words = before.split(/\s/);
  const word = words.pop();
  const usages = Object.entries(commands);
  const named = /^\/\w/.test(words[0] ?? "");
  const usage = named ? (usages.find(([usage]) => usage.split(" ")[0] === words[0].toLowerCase()) ?? []) : [];
  const offer = (names, ending = "", mark = "") => ({
    word,
    usage,
    offers: names
      .filter((name) => starts(mark + name, word))
      .sort((one, other) => one.localeCompare(other))
      .slice(0, MOST)
      .map((name) => ({ text: `${mark}${name}${ending}`, label: mark + name, help: "" })),
  });
  if (!words.length && word.startsWith("/") && !word.startsWith("//")) {
    const fitting = usages.filter(([usage]) => starts(usage.split(" ")[0], word));
    return { word, usage: [], offers: fitting.map(([label, help]) => ({ text: `${label.split(" ")[0]} `, label, help })) };
  }
  const kind = argument(usage[0], words.length);
  if (SECRET.test(kind)) return { word, usage, offers: [] };
  if (/^[a-z|]+$/.test(kind)) return offer(kind.split("|"), " ");
  if (kind === "ROOM" || word.startsWith("#")) return offer(rooms, " ", word.startsWith("#") ? "#" : "");
  if (kind === "COMMAND") return offer(usages.map(([usage]) => usage.split(" ")[0].slice(1)), " ");
  if (kind === "NICK") return offer(nicks, " ");
  if (word.startsWith("@")) {
    const { offers } = complete([...words, word.slice(1)].join(" "), { commands: {}, nicks, rooms }, true);
    return { word, usage, offers };
  }
  return asked && word ? offer(nicks, words.length ? " " : ": ") : { word, usage, offers: [] };
}

/** What a command's *usage* calls its argument number *place*: `NICK` in `/msg NICK TEXT`. */
function argument(usage, place) {
  const names = usage?.split(" ").slice(1) ?? [];
  // The last one may be of several words.
  return names.length ? names[Math.min(place, names.length) - 1].replace(/[[\]]/g, "") : "";
}

const starts = (name, word) => name.toLowerCase().startsWith(word.toLowerCase());
