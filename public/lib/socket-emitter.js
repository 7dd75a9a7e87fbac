// Listeners by event name, and listeners of all events. Pure.

/** @typedef {(...args: any[]) => void} Listener */
/** @typedef {string|number} EventName */

/** Those who listen to events by name. */
export class Emitter {
  /** @type {Map<string, Array<{fn: Listener, once: boolean}>>} */ #listeners = new Map();

  /** @param {EventName} event @param {Listener} fn */
  on(event, fn) {
    return this.#add(event, fn, false);
  }

  /** @param {EventName} event @param {Listener} fn */
  once(event, fn) {
    return this.#add(event, fn, true);
  }

  /** @param {EventName} [event] all events when left out @param {Listener} [fn] all its listeners when left out */
  off(event, fn) {
    if (event === undefined) this.#listeners.clear();
    else if (!fn) this.#listeners.delete(String(event));
    else this.#remove(String(event), fn);
    return this;
  }

  /** @param {EventName} event @returns {Listener[]} */
  listeners(event) {
    return (this.#listeners.get(String(event)) ?? []).map((entry) => entry.fn);
  }

  /** @param {EventName} event */
  hasListeners(event) {
    return this.#listeners.has(String(event));
  }

  /** @param {EventName} event @param {Listener} fn */
  addEventListener(event, fn) {
    return this.on(event, fn);
  }

  /** @param {EventName} event @param {Listener} fn */
  addListener(event, fn) {
    return this.on(event, fn);
  }

  /** @param {EventName} [event] @param {Listener} [fn] */
  removeEventListener(event, fn) {
    return this.off(event, fn);
  }

  /** @param {EventName} [event] @param {Listener} [fn] */
  removeListener(event, fn) {
    return this.off(event, fn);
  }

  /** @param {EventName} [event] */
  removeAllListeners(event) {
    return this.off(event);
  }

  /**
   * Calls the listeners of an event. A listener that is added meanwhile is not called, one that is removed still is.
   * @param {EventName} event @param {any[]} args
   */
  tell(event, ...args) {
    const name = String(event);
    for (const { fn, once } of this.#listeners.get(name) ?? []) {
      if (once) this.#remove(name, fn);
      fn.apply(this, args);
    }
  }

  /** @param {EventName} event @param {Listener} fn @param {boolean} once */
  #add(event, fn, once) {
    const name = String(event);
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), { fn, once }]);
    return this;
  }

  /** Takes one entry away. @param {string} name @param {Listener} fn */
  #remove(name, fn) {
    const entries = this.#listeners.get(name) ?? [];
    const at = entries.findIndex((entry) => entry.fn === fn);
    if (at < 0) return;
    if (entries.length === 1) this.#listeners.delete(name);
    else this.#listeners.set(name, entries.toSpliced(at, 1));
  }
}

/** Besides: those who listen to every event that comes in or goes out, and get its name first. */
export class CatchAllEmitter extends Emitter {
  /** @type {Listener[]} */ #incoming = [];
  /** @type {Listener[]} */ #outgoing = [];

  /** @param {Listener} fn */
  onAny(fn) {
    this.#incoming = [...this.#incoming, fn];
    return this;
  }

  /** @param {Listener} fn */
  prependAny(fn) {
    this.#incoming = [fn, ...this.#incoming];
    return this;
  }

  /** @param {Listener} [fn] all when left out */
  offAny(fn) {
    this.#incoming = withoutOne(this.#incoming, fn);
    return this;
  }

  listenersAny() {
    return [...this.#incoming];
  }

  /** @param {Listener} fn */
  onAnyOutgoing(fn) {
    this.#outgoing = [...this.#outgoing, fn];
    return this;
  }

  /** @param {Listener} fn */
  prependAnyOutgoing(fn) {
    this.#outgoing = [fn, ...this.#outgoing];
    return this;
  }

  /** @param {Listener} [fn] all when left out */
  offAnyOutgoing(fn) {
    this.#outgoing = withoutOne(this.#outgoing, fn);
    return this;
  }

  listenersAnyOutgoing() {
    return [...this.#outgoing];
  }

  /** @param {any[]} args  the event's name first */
  tellIncoming(args) {
    for (const fn of this.#incoming) fn.apply(this, args);
  }

  /** @param {any[]} args  the event's name first */
  tellOutgoing(args) {
    for (const fn of this.#outgoing) fn.apply(this, args);
  }
}

/** @param {Listener[]} list @param {Listener} [fn] @returns {Listener[]} */
function withoutOne(list, fn) {
  if (!fn) return [];
  const at = list.indexOf(fn);
  return at < 0 ? list : list.toSpliced(at, 1);
}
