/** How this person wants the page: kept in the browser, and applied as soon as it changes. */

import { Emitter } from "./emitter.js";
import { local } from "./storage.js";

const USUAL = { theme: "system", desktop: false, sound: false, colours: true, notify: "mentions", members: true };

class Settings extends Emitter {
  #values = { ...USUAL, ...local.get("settings", {}) };

  /** What *name* is set to. */
  get(name) {
    return this.#values[name];
  }

  /** Set *name* to *value*, and remember it. */
  set(name, value) {
    if (this.#values[name] === value) return;
    this.#values[name] = value;
    local.set("settings", this.#values);
    this.apply();
    this.emit("changed", name);
  }

  /** Let the page look as it is wanted. */
  apply() {
    const root = document.documentElement.dataset;
    root.theme = this.#values.theme;
    root.colours = this.#values.colours ? "on" : "off";
  }
}

/** The settings of this page. */
export const settings = new Settings();
