// The big card: the ticket that the desk has; without one, who is next and why, or what the desk itself is.

import { serviceOf } from '../lib/board.js';
import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { nameIn } from '../lib/i18n.js';
import { toneOf } from '../lib/page.js';
import { clock, minutes, stopwatch } from '../lib/time.js';
import { waitingFor } from './actions.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Desk} Desk */
/** @typedef {import('../lib/types.js').DeskTicket} DeskTicket */
/** Who would be called next, and why. @typedef {{ticket: import('../lib/types.js').Ticket|null, why: string}} Upcoming */

export class TicketCard {
  #work;
  #card = find('[data-ticket]');

  /** @param {import('./workplace.js').Workplace} work */
  constructor(work) {
    this.#work = work;
    find('[data-sitter-select]').addEventListener('change', (event) => work.users.become(/** @type {HTMLSelectElement} */ (event.target).value));
  }

  /** @param {Board} board @param {Desk} desk @param {Upcoming|null} upcoming */
  render(board, desk, upcoming) {
    const { ticket } = desk;
    this.#card.dataset.ticketState = ticket?.estado ?? 'none';
    find('[data-held]').hidden = !ticket;
    find('[data-idle]').hidden = Boolean(ticket);
    if (ticket) this.#renderHeld(board, ticket);
    else this.#renderIdle(board, desk, upcoming);
  }

  /** What moves with the clock. @param {Desk} desk @param {boolean} lost  no news: there is no telling how long it really has been */
  renderTime(desk, lost) {
    const { i18n } = this.#work;
    const now = this.#work.live.now();
    if (!desk.ticket) {
      if (this.#work.standing === 'paused' && desk.desde) setText(find('[data-idle-hint]'), [this.#reason(desk), lost ? '' : stopwatch(now - desk.desde)].filter(Boolean).join(' · '));
      return;
    }
    const { ticket } = desk;
    const serving = ticket.estado === 'atendiendo';
    const from = serving ? (ticket.iniciado ?? ticket.llamado) : ticket.llamado;
    setText(find('[data-timer-label]'), i18n.t(serving ? 'desk.serving.for' : 'desk.called.for'));
    setText(find('[data-timer]'), from && !lost ? stopwatch(now - from) : '–');
    setText(find('[data-waited]'), ticket.emitido ? minutes((ticket.llamado ?? now) - ticket.emitido) : '–');
  }

  /** @param {Board} board @param {DeskTicket} ticket */
  #renderHeld(board, ticket) {
    const { i18n, standing } = this.#work;
    setText(find('[data-state-text]'), i18n.t(`state.${ticket.estado}`));
    optional(find('[data-not-mine]'), standing === 'mine' ? '' : i18n.t(`desk.seat.${standing}`));
    const code = find('[data-code]', this.#card);
    setText(code, ticket.codigo);
    code.style.setProperty('--length', String(ticket.codigo.length));
    const service = serviceOf(board, ticket.servicio);
    find('[data-badge]').dataset.tone = toneOf(board, ticket.servicio);
    setText(find('[data-badge]'), service?.prefijo ?? '');
    setText(find('[data-service]', this.#card), nameIn(service?.nombre, i18n.lang) || ticket.servicio);
    optional(find('[data-language]'), ticket.idioma && ticket.idioma !== i18n.lang ? i18n.t(`language.${ticket.idioma}`) : '');
    optional(find('[data-segment]'), (ticket.tramo ?? 1) > 1 ? i18n.t('desk.segment', { n: ticket.tramo ?? 1 }) : '');
    optional(find('[data-priority]'), nameIn(board.clases.find((item) => item.id === ticket.prioridad)?.nombre, i18n.lang));
    optional(find('[data-person]'), ticket.nombre ?? '');
    noteIn(find('[data-note]'), ticket.nota);
    setText(find('[data-calls]'), ticket.veces ?? '–');
  }

  /** @param {Board} board @param {Desk} desk @param {Upcoming|null} upcoming */
  #renderIdle(board, desk, upcoming) {
    const { i18n, standing, users } = this.#work;
    const count = waitingFor(board, desk);
    const waiting = count ? i18n.t('desk.idle.waiting', { n: count }) : i18n.t('desk.idle.nobody.hint');
    const next = standing === 'mine' && count > 0 ? (upcoming?.ticket ?? null) : null;
    const since = desk.desde ? clock(desk.desde, i18n.lang, board.sucursal.zona) : '';
    const [text, hint] = {
      mine: () => [i18n.t(count ? 'desk.idle' : 'desk.idle.nobody'), waiting],
      paused: () => [i18n.t('desk.paused'), this.#reason(desk)],
      taken: () => [i18n.t('desk.taken'), [users.nameOf(desk.agente), since && i18n.t('desk.since', { time: since })].filter(Boolean).join(' · ')],
      free: () => [desk.estado === 'cerrado' ? i18n.t('desk.closed') : i18n.t('desk.unheld'), count ? i18n.t('desk.closed.waiting', { n: count }) : i18n.t('desk.closed.hint')],
    }[standing]();
    setText(find('[data-idle-text]'), text ?? '');
    setText(find('[data-idle-hint]'), hint ?? '');
    find('[data-upcoming]').hidden = !next;
    setAttribute(find('[data-idle]'), 'data-has-next', Boolean(next));
    if (next) this.#renderUpcoming(board, next, upcoming?.why ?? '');
    find('[data-sitter]').hidden = standing !== 'free' || users.fixed || users.list.length === 0;
    const select = /** @type {HTMLSelectElement} */ (find('[data-sitter-select]'));
    keyed(select, [{ id: '', nombre: i18n.t('talk.user.none') }, ...users.list], (user) => user.id, (user) => el('option', { value: user.id }), (node, user) => setText(node, user.nombre));
    if (select.value !== (users.me ?? '')) select.value = users.me ?? '';
  }

  /** @param {Board} board @param {import('../lib/types.js').Ticket} ticket @param {string} why */
  #renderUpcoming(board, ticket, why) {
    const { i18n } = this.#work;
    const service = serviceOf(board, ticket.servicio);
    find('[data-upcoming-badge]').dataset.tone = toneOf(board, ticket.servicio);
    setText(find('[data-upcoming-badge]'), service?.prefijo ?? '');
    setText(find('[data-upcoming-code]'), ticket.codigo);
    setText(find('[data-upcoming-person]'), [ticket.nombre, nameIn(service?.nombre, i18n.lang)].filter(Boolean).join(' · '));
    optional(find('[data-upcoming-class]'), nameIn(board.clases.find((item) => item.id === ticket.prioridad)?.nombre, i18n.lang));
    setText(find('[data-upcoming-why]'), why);
  }

  /** @param {Desk} desk */
  #reason(desk) {
    const word = this.#work.board?.sucursal.pausas?.find((one) => one.id === desk.motivo);
    return word ? nameIn(word.nombre, this.#work.i18n.lang) : (desk.motivo ?? '');
  }
}

/** A long one scrolls, and then the keyboard reaches it. @param {HTMLElement} node @param {string|null|undefined} note */
export function noteIn(node, note) {
  optional(node, note ?? '');
  setAttribute(node, 'tabindex', node.scrollHeight > node.clientHeight + 1 ? '0' : null);
}

/** What is empty takes no room. @param {HTMLElement} node @param {string} text */
export function optional(node, text) {
  node.hidden = !text;
  setText(node, text);
}
