// The shell of a dialog: opens under the agent's hands without taking the key that opened it, has its own keys, says a refusal inside, and
// closes when the command was done. For tests: `data-ready` once it takes presses.

import { find, setAttribute } from '../lib/dom.js';
import { showFailure } from './action-bar.js';

/** @typedef {import('./workplace.js').Workplace} Workplace */

/** The second press of a double press that opened it does nothing in it. */
const SETTLE = 350;

export class Dialog {
  /** @type {HTMLDialogElement} */ node;
  work;
  #keys;
  #settled = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;

  /**
   * @param {string} name @param {Workplace} work
   * @param {(key: string, event: KeyboardEvent) => boolean|void} [keys]  what a key does here, outside of fields; true: it did something
   */
  constructor(name, work, keys = () => false) {
    this.node = find(`[data-dialog="${name}"]`);
    this.work = work;
    this.#keys = keys;
    this.node.addEventListener('close', () => this.#closed());
    // A press beside it is a press on the page that is not there now.
    this.node.addEventListener('click', (event) => {
      if (event.target === this.node && this.ready) this.close();
    });
    this.node.addEventListener('keydown', (event) => this.#pressed(event));
    for (const button of this.node.querySelectorAll('[data-close]')) button.addEventListener('click', () => this.close());
  }

  /** Something is ordered by it only a moment after it opened: a double press is one press. */
  get ready() {
    return this.#settled && !this.work.orders.busy;
  }

  open() {
    this.work.orders.clear();
    if (!this.node.open) this.node.showModal();
    this.#settle(false);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(true), SETTLE);
    this.render();
  }

  close() {
    if (this.node.open) this.node.close();
  }

  /** @param {Promise<unknown>} order  closes when it was done */
  async follow(order) {
    if (await order) this.close();
  }

  render() {
    if (!this.node.open) return;
    const error = this.node.querySelector('[data-dialog-error]');
    if (error) showFailure(/** @type {HTMLElement} */ (error), this.work, 'dialog');
    setAttribute(this.node, 'data-busy', Boolean(this.work.orders.busy));
  }

  /** @param {boolean} settled */
  #settle(settled) {
    this.#settled = settled;
    setAttribute(this.node, 'data-ready', settled);
  }

  #closed() {
    if (this.work.orders.failure?.place === 'dialog') this.work.orders.clear();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    // Whoever still holds the key that opened this presses nothing in it.
    if (event.repeat && event.key === 'Enter') return event.preventDefault();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (/** @type {HTMLElement} */ (event.target).matches('input:not([type="radio"]), textarea, select')) return;
    if (this.#keys(event.key.length === 1 ? event.key.toUpperCase() : event.key, event)) event.preventDefault();
  }
}

/** Moves through what is offered with the arrow keys. @param {HTMLElement} options @param {KeyboardEvent} event @returns {boolean} */
export function walk(options, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return false;
  const buttons = /** @type {HTMLElement[]} */ ([...options.querySelectorAll('button')]);
  const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
  return true;
}
