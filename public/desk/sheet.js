// All of one ticket of a list, and everything that can be done with it, each with its key.

import { serviceOf } from '../lib/board.js';
import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { nameIn } from '../lib/i18n.js';
import { toneOf } from '../lib/page.js';
import { clock } from '../lib/time.js';
import { Dialog, walk } from './dialog.js';
import { locate, rowActions, whyNot } from './lists.js';
import { noteIn, optional } from './ticket-card.js';

/** @typedef {import('../lib/types.js').Ticket} Ticket */
/** @typedef {import('./lists.js').RowAction} RowAction */

const KEYS = /** @type {Record<RowAction, string>} */ ({ call: 'L', resume: 'L', reactivate: 'L', checkIn: 'L', release: 'D', transfer: 'T', note: 'E', cancel: 'C' });
/** These open another dialog, which takes the place of this one. */
const ASKING = new Set(['release', 'transfer', 'note']);

export class Sheet {
  #dialog;
  #work;
  #commands;
  /** @type {string|null} */ #id = null;

  /** @param {import('./workplace.js').Workplace} work @param {() => import('./commands.js').Commands} commands */
  constructor(work, commands) {
    this.#work = work;
    this.#commands = commands;
    this.#dialog = new Dialog('sheet', work, (key, event) => this.#key(key, event));
  }

  /** @param {Ticket} ticket */
  open(ticket) {
    this.#id = ticket.id;
    this.#dialog.open();
    this.render();
    /** @type {HTMLElement|null} */ (this.#dialog.node.querySelector('[data-sheet-actions] button'))?.focus();
  }

  render() {
    const { board, desk, i18n, standing, orders, live } = this.#work;
    if (!this.#dialog.node.open || !board || !desk || !this.#id) return;
    const found = locate(board, this.#id);
    // Somebody else called it: there is nothing to do with it any more.
    if (!found) return this.#dialog.close();
    const { list, ticket } = found;
    const service = serviceOf(board, ticket.servicio);
    setText(find('[data-sheet-state]'), i18n.t(`state.${ticket.estado}`));
    optional(find('[data-sheet-class]'), nameIn(board.clases.find((item) => item.id === ticket.prioridad)?.nombre, i18n.lang));
    const only = board.escritorios.find((one) => one.id === ticket.para);
    optional(find('[data-sheet-for]'), only ? i18n.t('desk.only', { desk: nameIn(only.nombre, i18n.lang) }) : '');
    setText(find('[data-sheet-code]'), ticket.codigo);
    find('[data-sheet-badge]').dataset.tone = toneOf(board, ticket.servicio);
    setText(find('[data-sheet-badge]'), service?.prefijo ?? '');
    setText(find('[data-sheet-service]'), nameIn(service?.nombre, i18n.lang));
    optional(find('[data-sheet-person]'), ticket.nombre ?? '');
    noteIn(find('[data-sheet-note]'), ticket.nota);
    keyed(find('[data-sheet-facts]'), this.#facts(ticket), ([name]) => name, () => el('div', {}, el('dt'), el('dd')), (node, [name, value]) => {
      setText(find('dt', node), i18n.t(`desk.fact.${name}`));
      setText(find('dd', node), value);
    });
    keyed(find('[data-sheet-actions]'), rowActions(list), (name) => `${list} ${name}`, (name) => el('button', { type: 'button', 'data-row': name, 'aria-keyshortcuts': KEYS[name], onclick: () => this.#do(name) },
      el('kbd'), el('span', { class: 'what' }), el('span', { class: 'hint' })), (node, name) => {
      const why = live.state.ready ? whyNot(name, desk, ticket, standing) : 'desk.why.offline';
      setText(find('kbd', node), KEYS[name]);
      setText(find('.what', node), i18n.t(`desk.row.${name}`));
      setText(find('.hint', node), why ? i18n.t(why) : '');
      setAttribute(node, 'aria-disabled', why || orders.busy ? 'true' : null);
    });
    this.#dialog.render();
  }

  /** @param {Ticket} ticket @returns {Array<[string, string]>} */
  #facts(ticket) {
    const { i18n, board } = this.#work;
    const time = (/** @type {number|null|undefined} */ at) => (at ? clock(at, i18n.lang, board?.sucursal.zona) : '');
    const desk = board?.escritorios.find((one) => one.id === ticket.escritorio);
    return /** @type {Array<[string, string]>} */ ([
      ['issued', time(ticket.emitido)], ['booked', time(ticket.cita)], ['called', time(ticket.llamado)], ['started', time(ticket.iniciado)], ['held', time(ticket.retenido)], ['ended', time(ticket.terminado)],
      ['until', time(ticket.hasta)], ['calls', ticket.veces ? String(ticket.veces) : ''], ['desk', nameIn(desk?.nombre, i18n.lang)], ['language', ticket.idioma ? i18n.t(`language.${ticket.idioma}`) : ''],
    ]).filter(([, value]) => value);
  }

  /** @param {string} key @param {KeyboardEvent} event */
  #key(key, event) {
    const found = this.#work.board && this.#id ? locate(this.#work.board, this.#id) : undefined;
    const name = found && rowActions(found.list).find((one) => KEYS[one] === key);
    return name ? (this.#do(name), true) : walk(find('[data-sheet-actions]'), event);
  }

  /** @param {RowAction} name */
  #do(name) {
    const found = this.#work.board && this.#id ? locate(this.#work.board, this.#id) : undefined;
    if (!found || !this.#dialog.ready) return;
    const { desk, standing, live } = this.#work;
    // What asks for more takes the place of this dialog.
    if (ASKING.has(name) && desk && live.state.ready && !whyNot(name, desk, found.ticket, standing)) this.#dialog.close();
    void this.#dialog.follow(this.#commands().row(name, found.ticket, 'dialog'));
  }
}
