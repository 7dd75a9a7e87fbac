// Who sits at the desk: this page, somebody else, nobody. The session that the server gave is kept for as long as the tab lives, so that a
// reload keeps the desk; it is a secret and goes nowhere else.

import { newKey } from '../lib/intent.js';

/** @typedef {import('../lib/types.js').Desk} Desk */
/** @typedef {import('../lib/types.js').OwnDesk} OwnDesk */

/**
 * - `mine`: open, and this page holds it
 * - `paused`: this page holds it and calls nobody for a while
 * - `taken`: another session holds it
 * - `free`: closed, or open without anybody's session
 * @typedef {'mine'|'paused'|'taken'|'free'} Standing
 */

/** @param {Desk} desk @param {boolean} own  this page's session holds it @returns {Standing} */
export function standingOf(desk, own) {
  if (!desk.ocupado || desk.estado === 'cerrado') return 'free';
  if (!own) return 'taken';
  return desk.estado === 'pausado' ? 'paused' : 'mine';
}

/** The sessions of this tab, one for each desk. */
export class Sessions {
  #storage;
  #branch;
  /** @type {Map<number, string>} where there is no storage, until a reload */ #here = new Map();

  /** @param {Pick<Storage, 'getItem'|'setItem'|'removeItem'>|undefined} storage @param {string|null} branch */
  constructor(storage, branch) {
    this.#storage = storage;
    this.#branch = branch ?? '';
  }

  /** @param {number} desk @returns {string|null} */
  of(desk) {
    return this.#here.get(desk) ?? this.#try((storage) => storage.getItem(this.#name(desk))) ?? null;
  }

  /** The one that there is, else a new one: drawn here, so that an opening whose answer is lost is the same one when it is tried again. @param {number} desk */
  draw(desk) {
    const known = this.of(desk);
    if (known) return known;
    const drawn = newKey();
    this.keep(desk, drawn);
    return drawn;
  }

  /** @param {number} desk @param {string} session */
  keep(desk, session) {
    this.#here.set(desk, session);
    this.#try((storage) => storage.setItem(this.#name(desk), session));
  }

  /** @param {number} desk */
  forget(desk) {
    this.#here.delete(desk);
    this.#try((storage) => storage.removeItem(this.#name(desk)));
  }

  /** @param {number} desk */
  #name(desk) {
    return `siguiente.sesion.${this.#branch}.${desk}`;
  }

  /** @template T @param {(storage: Pick<Storage, 'getItem'|'setItem'|'removeItem'>) => T} use @returns {T|undefined} */
  #try(use) {
    try {
      return this.#storage && use(this.#storage);
    } catch {
      // no storage, or a full one: the page remembers until it is reloaded
      return undefined;
    }
  }
}

/** What the server last said of whether this page holds its desk. It is asked again whenever the desk changed without the page having done it. */
export class Seat {
  own = false;
  #ask;
  #onchange;
  #seen = '';
  #asking = false;
  /** Tells apart what was said before a question was answered. */ #turn = 0;

  /** @param {() => Promise<OwnDesk|null>} ask  reads the desk @param {() => void} onchange */
  constructor(ask, onchange) {
    this.#ask = ask;
    this.#onchange = onchange;
  }

  /** The server's own word, with the answer to a command or to entering. @param {OwnDesk|undefined} desk */
  told(desk) {
    if (!desk) return;
    this.#turn += 1;
    this.own = Boolean(desk.propio);
    this.#seen = marks(desk);
  }

  /** The board says so. @param {Desk} desk */
  async check(desk) {
    if (this.#asking || marks(desk) === this.#seen) return;
    this.#asking = true;
    const turn = this.#turn;
    const answer = await this.#ask();
    this.#asking = false;
    if (!answer) return;
    // Meanwhile a command was answered, which is newer.
    if (turn === this.#turn) this.told(answer);
    this.#onchange();
  }
}

/** What changes when somebody else sits down. @param {Partial<Desk>} desk */
function marks({ estado, agente, desde, ocupado }) {
  return JSON.stringify([estado, agente ?? null, desde ?? null, Boolean(ocupado)]);
}
