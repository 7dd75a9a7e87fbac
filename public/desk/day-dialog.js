// Whether to close the day by hand, or to open it again: what happens to those who wait is said before.

import { closingText } from '../lib/day.js';
import { find, setText } from '../lib/dom.js';
import { Dialog } from './dialog.js';

export class DayDialog {
  #dialog;
  #work;
  /** What was asked when it opened: the day may be closed elsewhere meanwhile. */ #closes = true;

  /** @param {import('./workplace.js').Workplace} work @param {() => import('./commands.js').Commands} commands */
  constructor(work, commands) {
    this.#work = work;
    this.#dialog = new Dialog('day', work);
    find('[data-day]').addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#dialog.ready) void this.#dialog.follow(commands().day(this.#closes));
    });
  }

  open() {
    const { board } = this.#work;
    if (!board) return;
    this.#closes = !board.cerrada;
    this.#dialog.open();
    this.render();
    // What cannot be taken back is not under the Enter key that opened the question.
    find(this.#closes ? '[data-close]' : '[data-submit]', this.#dialog.node).focus();
  }

  render() {
    const { board, i18n } = this.#work;
    if (!this.#dialog.node.open || !board) return;
    // It was done, here or at another desk: there is nothing left to ask.
    if (this.#closes === Boolean(board.cerrada)) return this.#dialog.close();
    const way = this.#closes ? 'close' : 'open';
    setText(find('[data-day-title]'), i18n.t(`desk.day.${way}.title`));
    setText(find('[data-day-text]'), this.#closes ? closingText(board, i18n) : i18n.t('desk.day.open.text'));
    setText(find('[data-day-do]'), i18n.t(`desk.day.${way}.do`));
    this.#dialog.render();
  }
}
