// Acknowledgements that are waited for.

/** An acknowledgement did not come: in time (`timeout`), or before the connection ended (`disconnected`). */
export class AckError extends Error {
  /** @param {'timeout'|'disconnected'} code */
  constructor(code) {
    super(code === 'timeout' ? 'operation has timed out' : 'socket has been disconnected');
    this.code = code;
  }
}

/**
 * Gets the arguments of the acknowledgement. With `failing` an error or null comes before them; without, a failure is not told.
 * @typedef {object} Waiter
 * @property {(...args: any[]) => void} fn
 * @property {boolean} failing
 * @property {ReturnType<typeof setTimeout>} [timer]
 */

export class Acks {
  /** @type {Map<number, Waiter>} */ #waiting = new Map();
  #next = 0;

  /**
   * @param {Waiter} waiter
   * @param {number} [ms]  how long it waits
   * @param {(id: number) => void} [onTimeout]  before it is told
   * @returns {number} the id of its acknowledgement
   */
  add(waiter, ms, onTimeout) {
    const id = this.#next++;
    this.#waiting.set(id, waiter);
    if (ms === undefined) return id;
    waiter.timer = setTimeout(() => {
      this.#waiting.delete(id);
      onTimeout?.(id);
      if (waiter.failing) waiter.fn(new AckError('timeout'));
    }, ms);
    return id;
  }

  /** It came. One that nobody waits for (any more) is ignored. @param {number} id @param {any[]} args */
  settle(id, args) {
    const waiter = this.#take(id);
    if (!waiter) return;
    if (waiter.failing) waiter.fn(null, ...args);
    else waiter.fn(...args);
  }

  /** They cannot come any more, but those of packets that are still to be sent. @param {Set<number|undefined>} unsent */
  abandon(unsent) {
    for (const id of [...this.#waiting.keys()].filter((one) => !unsent.has(one))) {
      const waiter = this.#take(id);
      if (waiter?.failing) waiter.fn(new AckError('disconnected'));
    }
  }

  /** @param {number} id */
  #take(id) {
    const waiter = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiter?.timer);
    return waiter;
  }
}
