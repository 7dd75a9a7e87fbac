// What all live links of pages have in common: how they connect, and how one waits until something can be asked for.

import { SOCKET_PATH } from './socket-path.js';

/** A screen is better off with a WebSocket from the start; polling is for networks that let none through. */
export const CONNECTION = { path: SOCKET_PATH, transports: ['websocket', 'polling'], reconnectionDelay: 500, timeout: 10_000 };
/** How long a loss of connection is a blip that screens do not show. */
export const BLIP = 2500;

/** Whether a link can be used, and those who wait until it can. */
export class Readiness {
  #ready = false;
  /** @type {Set<() => void>} */ #waiting = new Set();

  /** @param {boolean} ready */
  set(ready) {
    this.#ready = ready;
    if (ready) for (const done of [...this.#waiting]) done();
  }

  /** @param {number} ms @returns {Promise<boolean>} whether it is ready, at the latest after `ms` */
  within(ms) {
    if (this.#ready) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve(this.#ready);
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
    });
  }
}
