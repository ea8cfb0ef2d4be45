/** Lets the model tell whoever shows it that something has changed. */

export class Emitter {
  #listeners = new Map();

  /** Call *listener* with the details of each *kind* of change. */
  on(kind, listener) {
    this.#listeners.set(kind, [...(this.#listeners.get(kind) ?? []), listener]);
  }

  /** Tell that a change of *kind* has happened. */
  emit(kind, ...details) {
    for (const listener of this.#listeners.get(kind) ?? []) listener(...details);
  }
}
