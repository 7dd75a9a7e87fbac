// The settings of the branch: what is saved, and what is being edited. What is not saved yet survives navigation and a reload of this tab; what
// somebody else saved meanwhile is never overwritten unseen. Renders nothing.

import { get, Problem, request } from '../lib/rest.js';
import { at, copy, differences, merge, put, same } from './draft.js';

/** @typedef {import('./draft.js').Json} Json */
/** @typedef {import('./draft.js').Difference} Difference */
/** @typedef {{theirs: Json, etag: string|null, changes: Difference[], clashes: Difference[], by: {name: string|null, at: number}|null}} Conflict */

const KEPT = 'siguiente.borrador';

export class Settings {
  branch;
  /** @type {Json} as they are saved; null before they are known */ base = null;
  /** @type {Json} as they are edited */ mine = null;
  /** @type {Json} before the last save, to go back to */ before = null;
  /** What was put together with somebody else's changes when it was loaded. */ rebased = false;
  #etag = /** @type {string|null} */ (null);
  /** @type {Set<() => void>} */ #listeners = new Set();

  /** @param {number} branch */
  constructor(branch) {
    this.branch = branch;
  }

  /** @param {() => void} fn  called after each change */
  onChange(fn) {
    this.#listeners.add(fn);
    return () => void this.#listeners.delete(fn);
  }

  /** Once; what this tab had not saved comes back. */
  async load() {
    if (this.base) return;
    const { data, etag } = await this.#fetch();
    this.base = data;
    this.#etag = etag;
    const kept = recall(this.branch);
    this.rebased = kept !== null && !same(kept.base, data);
    this.mine = kept ? merge(kept.base, kept.mine, data).merged : copy(data);
    this.#changed();
  }

  get dirty() {
    return this.base !== null && !same(this.base, this.mine);
  }

  /** @returns {Difference[]} */
  get changes() {
    return this.base ? differences(this.base, this.mine) : [];
  }

  /** @param {string} place @returns {Json} */
  at(place) {
    return at(this.mine, place);
  }

  /** @param {string} place @param {Json} value */
  set(place, value) {
    put(this.mine, place, value);
    this.#changed();
  }

  /** Something was changed in place. */
  touch() {
    this.#changed();
  }

  /** @returns {Json} what was thrown away, to bring it back */
  discard() {
    const thrown = this.mine;
    this.mine = copy(this.base);
    this.#changed();
    return thrown;
  }

  /** @param {Json} mine */
  restore(mine) {
    this.mine = mine;
    this.#changed();
  }

  /** @throws {Problem} `conflict` when somebody else saved meanwhile; then `conflict()` tells what */
  async save() {
    const sent = copy(this.mine);
    const { data, etag } = await request('PUT', `/branches/${this.branch}`, { body: sent, etag: this.#etag });
    this.before = this.base;
    this.base = typeof data === 'object' && data ? data : sent;
    this.#etag = etag;
    // What was typed while it was on its way stays, and is not saved yet.
    this.mine = merge(sent, this.mine, this.base).merged;
    if (!etag) this.#etag = (await this.#fetch()).etag;
    this.#changed();
  }

  /** Back to what it was before the last save, if nobody has changed it since. What is being edited stays. */
  async undo() {
    if (!this.before) return;
    const [saved, edited] = [this.base, this.mine];
    this.mine = copy(this.before);
    try {
      await this.save();
    } catch (error) {
      this.mine = edited;
      throw error;
    }
    this.before = null;
    this.mine = merge(saved, edited, this.base).merged;
    this.#changed();
  }

  /** @returns {Promise<Conflict>} what somebody else saved, and who */
  async conflict() {
    const { data: theirs, etag } = await this.#fetch();
    const by = await get(`/branches/${this.branch}/audit?limite=1&accion=settings*`).then(
      ({ entradas: [entry] }) => (entry ? { name: entry.quien?.nombre ?? null, at: entry.fecha } : null),
      () => null,
    );
    return { theirs, etag, changes: differences(this.base, theirs), clashes: merge(this.base, this.mine, theirs).clashes, by };
  }

  /** @param {Conflict} conflict @param {boolean} keep  whether my changes stay, on top of theirs */
  settle({ theirs, etag }, keep) {
    this.mine = keep ? merge(this.base, this.mine, theirs).merged : copy(theirs);
    this.base = theirs;
    this.#etag = etag;
    this.#changed();
  }

  /** @returns {Promise<import('../lib/rest.js').Answer>} */
  #fetch() {
    return request('GET', `/branches/${this.branch}`);
  }

  #changed() {
    remember(this.branch, this.dirty ? { base: this.base, mine: this.mine } : null);
    for (const fn of [...this.#listeners]) fn();
  }
}

/** @param {unknown} error */
export function isConflict(error) {
  return error instanceof Problem && (error.status === 412 || error.code === 'conflict');
}

/** @param {number} branch @returns {{base: Json, mine: Json}|null} */
function recall(branch) {
  try {
    return JSON.parse(sessionStorage.getItem(`${KEPT}.${branch}`) ?? 'null');
  } catch {
    return null;
  }
}

/** @param {number} branch @param {object|null} draft */
function remember(branch, draft) {
  try {
    if (draft) sessionStorage.setItem(`${KEPT}.${branch}`, JSON.stringify(draft));
    else sessionStorage.removeItem(`${KEPT}.${branch}`);
  } catch {
    // no storage: it lasts as long as the page
  }
}
