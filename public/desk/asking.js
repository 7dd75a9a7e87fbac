// What the desk asks again and again: who is next and why, and the figures of today. Each question waits for its answer, and answers that
// come for another desk, or late, are thrown away.

/** @typedef {import('../lib/types.js').Reply} Reply */

/** @template T */
export class Asking {
  /** @type {T|null} */ answer = null;
  #ask;
  #read;
  #onchange;
  #pause;
  #turn = 0;
  #wanted = false;
  #running = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  /** @type {ReturnType<typeof setInterval>|undefined} */ #again;

  /**
   * @param {() => Promise<Reply|null>|null} ask  null: there is nothing to ask now
   * @param {(reply: import('../lib/types.js').Done) => T} read
   * @param {() => void} onchange
   * @param {{pause: number, every: number}} times  ms: after something happened, and in any case
   */
  constructor(ask, read, onchange, { pause, every }) {
    this.#ask = ask;
    this.#read = read;
    this.#onchange = onchange;
    this.#pause = pause;
    this.#again = setInterval(() => this.touch(), every);
  }

  /** Something happened that may change the answer. Of many such things at once the question is asked once. */
  touch() {
    this.#wanted = true;
    if (this.#timer === undefined && !this.#running) this.#timer = setTimeout(() => void this.#run(), this.#pause);
  }

  /** What is known is of another place. */
  forget() {
    this.#turn += 1;
    this.answer = null;
  }

  close() {
    clearTimeout(this.#timer);
    clearInterval(this.#again);
    this.forget();
  }

  async #run() {
    this.#timer = undefined;
    const asked = this.#wanted ? this.#ask() : null;
    this.#wanted = false;
    if (!asked) return;
    this.#running = true;
    const turn = this.#turn;
    const reply = await asked;
    this.#running = false;
    if (turn === this.#turn && reply?.ok) {
      this.answer = this.#read(reply);
      this.#onchange();
    }
    if (this.#wanted) this.touch();
  }
}
