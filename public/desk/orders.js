// Carries out what the agent ordered, one thing at a time: each command has a key that it keeps over retries, and the board changes when the
// change arrives, never before. What was refused is said where it was ordered.

import { intend, perform } from '../lib/intent.js';

/** @typedef {import('../lib/live.js').Live} Live */
/** @typedef {import('../lib/types.js').Done} Done */
/** Where it was ordered, and where a refusal is said. @typedef {'actions'|'list'|'dialog'} Place */
/** @typedef {{place: Place, key: string, code: string, msg: string}} Failure */

/** An agent looks at the screen: after this long without an answer it is better to say so. */
const PATIENCE = 12_000;
/** The second press of a double press, after the first one has already changed the state, does nothing. */
const SETTLE = 400;

export class Orders {
  /** @type {string|null} what is on its way */ busy = null;
  /** @type {Failure|null} */ failure = null;
  #live;
  #idioma;
  #onchange;
  #settledAt = 0;

  /** @param {() => Live} live  of the desk as it is now @param {() => string} idioma  of refusals @param {() => void} onchange */
  constructor(live, idioma, onchange) {
    this.#live = live;
    this.#idioma = idioma;
    this.#onchange = onchange;
  }

  /** Whether an order is taken at this moment. */
  get ready() {
    return !this.busy && Date.now() - this.#settledAt >= SETTLE;
  }

  /** From now on a second press counts: something was opened under the first one. */
  settle() {
    this.#settledAt = Date.now();
  }

  clear() {
    this.failure = null;
  }

  /** The desk was left: nobody waits for the answer any more. */
  abandon() {
    this.busy = null;
    this.failure = null;
  }

  /** @param {Place} place @param {string} key @param {string} code */
  refuse(place, key, code) {
    this.failure = { place, key, code, msg: '' };
    this.#onchange();
  }

  /**
   * @param {string} what  its name, for the button that shows it
   * @param {Array<[event: string, payload: object]>} steps  the next one is only ordered when the one before is done
   * @param {Place} [place]
   * @param {(reply: Done) => void} [learn]  takes what the last answer says before anybody looks
   * @returns {Promise<Done|null>} the last answer; null when something of it was not done
   */
  async run(what, steps, place = 'actions', learn = () => {}) {
    if (!this.ready) return null;
    const live = this.#live();
    if (!live.state.ready) return this.refuse(place, 'desk.why.offline', 'offline'), null;
    this.busy = what;
    this.failure = null;
    this.#onchange();
    /** @type {Done|null} */ let last = null;
    for (const [event, payload] of steps) {
      const result = await perform(live, intend(event, { ...payload, idioma: this.#idioma() }), { patience: PATIENCE });
      if (live !== this.#live()) return null;
      if (result.kind === 'refused') this.failure = { place, key: `error.${result.code}`, code: result.code, msg: result.msg };
      else if (result.kind === 'unknown') this.failure = { place, key: 'desk.unknown', code: 'unknown', msg: '' };
      last = result.kind === 'done' ? result.reply : null;
      if (!last) break;
    }
    if (last) learn(last);
    this.busy = null;
    this.settle();
    this.#onchange();
    return last;
  }
}
