/** What the browser keeps for us, where it does: every access may fail, and then the page goes on without. */

class Kept {
  #area;

  /** @param {string} area `localStorage` (of all tabs) or `sessionStorage` (of this one) */
  constructor(area) {
    try {
      // Merely naming it fails where storage is switched off.
      this.#area = window[area];
    } catch {
      this.#area = null;
    }
  }

  /** Read what is kept as *name*; *otherwise* if there is nothing to be had. */
  get(name, otherwise = null) {
    try {
      return JSON.parse(this.#area.getItem(`chatroom.${name}`)) ?? otherwise;
    } catch {
      return otherwise;
    }
  }

  /** Keep *value* as *name*; null removes it. */
  set(name, value) {
    try {
      if (value === null) this.#area.removeItem(`chatroom.${name}`);
      else this.#area.setItem(`chatroom.${name}`, JSON.stringify(value));
    } catch {
      // Full, or switched off: what we have in memory will do.
    }
  }
}

/** Kept for good, and shared by all tabs: settings, the last nick, drafts. */
export const local = new Kept("localStorage");

/** Kept for this tab, over a reload: the session and what it has not had answered. */
export const tab = new Kept("sessionStorage");
