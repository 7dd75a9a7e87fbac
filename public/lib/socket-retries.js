// Events that are sent again until they are acknowledged, one after the other (option `retries`).

/** @typedef {import('./socket-namespace.js').Flags} Flags */
/** @typedef {{args: any[], flags: Flags, tries: number, pending: boolean}} Repeated */

export class Retries {
  #most;
  #ready;
  #emit;
  /** @type {Repeated[]} */ #queue = [];

  /**
   * @param {number} most  how often an event is sent again
   * @param {() => boolean} ready  whether there is a connection
   * @param {(args: any[], flags: Flags) => void} emit  sends an event with an acknowledgement in its last argument
   */
  constructor(most, ready, emit) {
    this.#most = most;
    this.#ready = ready;
    this.#emit = emit;
  }

  /**
   * @param {any[]} args  of `emit`
   * @param {Flags} flags
   * @param {(...args: any[]) => void} [done]  gets an error, or null and the acknowledgement
   */
  add(args, flags, done) {
    /** @type {Repeated} */
    const event = { args: [...args], flags, tries: 0, pending: false };
    const answered = (/** @type {any} */ error, /** @type {any[]} */ ...reply) => this.#answered(event, done, error, reply);
    event.args.push(Object.assign(answered, { failing: true }));
    this.#queue.push(event);
    this.next();
  }

  /** Sends the first one, if it is not on its way. @param {boolean} [again] the connection is a new one: what was on its way is lost */
  next(again = false) {
    const event = this.#queue[0];
    if (!event || !this.#ready() || (event.pending && !again)) return;
    event.pending = true;
    event.tries += 1;
    this.#emit(event.args, event.flags);
  }

  /** @param {Repeated} event @param {((...args: any[]) => void)|undefined} done @param {any} error @param {any[]} reply */
  #answered(event, done, error, reply) {
    if (event !== this.#queue[0]) return;
    event.pending = false;
    if (!error || event.tries > this.#most) {
      this.#queue.shift();
      done?.(error, ...reply);
    }
    this.next();
  }
}
