// The users of the office by name: who sits here, and who sits elsewhere. Asked over REST when somebody wants to know, page by page.

import { recall, remember } from '../lib/kept.js';

const USERS_A_PAGE = 500;
/** Before a list that could not be had is asked for again. */
const AGAIN_AFTER = 30_000;
const SAVED_USER = 'siguiente.usuario';

/** @typedef {{id: string, nombre: string}} User */

export class Users {
  /** @type {User[]} */ list = [];
  /** @type {string|null} who sits here */ me = new URLSearchParams(location.search).get('usuario') ?? recall(SAVED_USER);
  #asked = false;
  /** Who is signed in sits here, and nobody else is chosen. */ fixed = false;
  /** @type {Set<() => void>} */ #listeners = new Set();

  /** @param {User} [self]  who is signed in; in the demonstration nobody is */
  constructor(self) {
    if (self) this.#is(self);
  }

  /** Who is signed in, where that was not known from the start. @param {User} self */
  is(self) {
    this.#is(self);
    this.#changed();
  }

  /** @param {User} self */
  #is({ id, nombre }) {
    this.me = id;
    this.fixed = true;
    this.list = [...this.list.filter((user) => user.id !== id), { id, nombre }];
  }

  /** @param {() => void} fn  called after each change */
  onChange(fn) {
    this.#listeners.add(fn);
  }

  /** @param {string|null|undefined} id @returns {string} empty when it is nobody, or nobody known */
  nameOf(id) {
    return this.list.find((user) => user.id === id)?.nombre ?? '';
  }

  /** @param {string} id  of a user, or empty */
  become(id) {
    if (this.fixed) return;
    this.me = id || null;
    remember(SAVED_USER, this.me);
    this.#changed();
  }

  /** @param {User} user */
  add(user) {
    this.list = [...this.list.filter((one) => one.id !== user.id), user];
    this.#changed();
  }

  /** Whether there may be such a user: without an answer, too. @param {string} id @returns {Promise<boolean>} */
  async exists(id) {
    if (this.list.some((one) => one.id === id)) return true;
    const response = await fetch(`/api/v1/users/${encodeURIComponent(id)}`).catch(() => null);
    if (response?.ok) this.add(await response.json());
    return response?.status !== 404 && response?.status !== 422 && response?.status !== 400;
  }

  /** Once; again a while after it failed. */
  async load() {
    if (this.#asked) return;
    this.#asked = true;
    try {
      for (let after = ''; ;) {
        const response = await fetch(`/api/v1/users?limite=${USERS_A_PAGE}${after && `&despues=${encodeURIComponent(after)}`}`);
        // Who may not know does not ask again.
        if (response.status === 401 || response.status === 403) return;
        if (!response.ok) throw new Error(`users: ${response.status}`);
        const { usuarios, siguiente } = await response.json();
        this.list = [...this.list.filter((one) => !usuarios.some((/** @type {User} */ other) => other.id === one.id)), ...usuarios];
        if (!siguiente) break;
        after = siguiente;
      }
    } catch {
      // Who is wanted to be known is wanted again by the next change on the screen, and a server in trouble is left in peace.
      setTimeout(() => (this.#asked = false), AGAIN_AFTER);
      return;
    }
    this.#changed();
  }

  #changed() {
    for (const fn of this.#listeners) fn();
  }
}
