// What the desk itself is (open, paused, taken, closed) and the buttons for it, beside the desk's name.

import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { nameIn } from '../lib/i18n.js';
import { clock } from '../lib/time.js';
import { seatActionsFor } from './actions.js';

/** @typedef {import('../lib/types.js').Desk} Desk */

export class SeatBar {
  #work;
  #commands;

  /** @param {import('./workplace.js').Workplace} work @param {import('./commands.js').Commands} commands */
  constructor(work, commands) {
    this.#work = work;
    this.#commands = commands;
    find('[data-action="change"]').addEventListener('click', () => void commands.leave());
  }

  /** @param {Desk} desk @param {boolean} ready */
  render(desk, ready) {
    const { i18n, standing, users, orders, board } = this.#work;
    const seat = find('[data-seat]');
    seat.dataset.standing = standing;
    const reason = nameIn(board?.sucursal.pausas?.find((one) => one.id === desk.motivo)?.nombre, i18n.lang) || desk.motivo;
    const who = standing === 'free' ? '' : users.nameOf(desk.agente);
    setText(find('[data-seat-text]'), [i18n.t(`desk.seat.${standing}`), standing === 'paused' ? reason : who].filter(Boolean).join(' · '));
    const since = standing === 'free' || !desk.desde ? '' : clock(desk.desde, i18n.lang, board?.sucursal.zona);
    setText(find('[data-seat-time]'), since && i18n.t('desk.since', { time: since }));
    // Whoever sits here closes the desk before another one is chosen.
    find('[data-action="change"]').hidden = standing === 'mine' || standing === 'paused';
    const buttons = seatActionsFor(desk, standing).filter((action) => action.name === 'pause' || action.name === 'close' || action.name === 'goOn');
    keyed(find('[data-seat-buttons]'), buttons, (action) => action.name, ({ name }) => el('button', { type: 'button', class: 'ghost', 'data-do-seat': name, onclick: () => this.#commands.act(name) },
      el('span', { class: 'what' }), ' ', el('kbd')), (node, action) => {
      setText(find('.what', node), i18n.t(`desk.do.${action.name}`));
      setText(find('kbd', node), action.key);
      setAttribute(node, 'aria-keyshortcuts', action.key);
      setAttribute(node, 'aria-disabled', orders.busy || !ready || action.why ? 'true' : null);
      setAttribute(node, 'title', action.why ? i18n.t(action.why) : null);
      setAttribute(node, 'data-running', orders.busy === action.name);
    });
  }
}
