// Dialogs about the desk itself: why it pauses, and whether to take it from somebody else.

import { find, setText } from '../lib/dom.js';
import { clock } from '../lib/time.js';
import { Dialog, walk } from './dialog.js';
import { words } from './ticket-dialogs.js';

/** @typedef {import('./workplace.js').Workplace} Workplace */
/** @typedef {import('./commands.js').Commands} Commands */

export class PauseDialog {
  #dialog;
  #work;
  #commands;

  /** @param {Workplace} work @param {() => Commands} commands */
  constructor(work, commands) {
    this.#work = work;
    this.#commands = commands;
    this.#dialog = new Dialog('pause', work, (key, event) => {
      const word = work.board?.sucursal.pausas?.[Number(key) - 1];
      return word ? (this.#pause(word.id), true) : walk(find('[data-pauses]'), event);
    });
  }

  open() {
    this.#dialog.open();
    this.render();
    /** @type {HTMLElement|null} */ (this.#dialog.node.querySelector('[data-pauses] button'))?.focus();
  }

  render() {
    const { board, i18n } = this.#work;
    if (!this.#dialog.node.open || !board) return;
    words(find('[data-pauses]'), board.sucursal.pausas ?? [], i18n.lang, (id) => this.#pause(id));
    this.#dialog.render();
  }

  /** @param {string} reason */
  #pause(reason) {
    if (this.#dialog.ready) void this.#dialog.follow(this.#commands().pause(reason, 'dialog'));
  }
}

export class TakeDialog {
  #dialog;
  #work;
  /** @type {'taken'|'busy'} */ #why = 'taken';

  /** @param {Workplace} work @param {() => Commands} commands */
  constructor(work, commands) {
    this.#work = work;
    this.#dialog = new Dialog('take', work);
    find('[data-take]').addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#dialog.ready) void this.#dialog.follow(commands().open(true, 'dialog'));
    });
  }

  /** @param {'taken'|'busy'} why */
  open(why) {
    this.#why = why;
    this.#dialog.open();
    this.render();
    find('[data-submit]', this.#dialog.node).focus();
  }

  render() {
    const { desk, board, users, i18n } = this.#work;
    if (!this.#dialog.node.open || !desk) return;
    const busy = this.#why === 'busy';
    const name = users.nameOf(busy ? users.me : desk.agente) || i18n.t('desk.take.somebody');
    const time = desk.desde ? clock(desk.desde, i18n.lang, board?.sucursal.zona) : '–';
    setText(find('[data-take-text]'), i18n.t(busy ? 'desk.take.busy' : 'desk.take.taken', { name, time }));
    this.#dialog.render();
  }
}
