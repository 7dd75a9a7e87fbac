// The lists: tabs with counts, search, rows that can be walked through with the arrow keys, and what can be done with a row.
// Above the waiting ones it says how long it takes for who takes a number now.
//
// For tests: `[data-waits]` has `data-wait` (service) with `data-standing` (open | full | closed). `[data-tabs]` has buttons `data-list` (tickets | retenidos | perdidos | reservados), each with `[data-count]`; rows have `data-code`, a
// button `[data-pick]` that opens the ticket's sheet and one `data-quick` (call | resume | reactivate | checkIn); that of a waiting one has `data-call`.

import { serves, serviceOf } from '../lib/board.js';
import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { nameIn } from '../lib/i18n.js';
import { toneOf } from '../lib/page.js';
import { standing, waitText } from '../lib/outlook.js';
import { clock, minutes } from '../lib/time.js';
import { showFailure } from './action-bar.js';
import { LISTS, locate, rowActions, ticketsOf, waitsOf, whyNot } from './lists.js';
import { optional } from './ticket-card.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/board.js').ListName} ListName */
/** @typedef {import('../lib/types.js').Desk} Desk */
/** @typedef {import('../lib/types.js').Ticket} Ticket */

/** Rows that are built; more are found by searching. */
const ROWS = 150;

export class ListPanel {
  #work;
  #commands;
  #open;
  /** @type {ListName} */ #list = 'tickets';
  #service = 'mine';
  #search = /** @type {HTMLInputElement} */ (find('[data-search]'));
  #filter = /** @type {HTMLSelectElement} */ (find('[data-filter]'));
  #rows = find('[data-rows]');
  /** @type {string|null} the row that the arrow keys stand on */ #current = null;

  /**
   * @param {import('./workplace.js').Workplace} work @param {import('./commands.js').Commands} commands
   * @param {(ticket: Ticket) => void} open  shows all of a ticket
   */
  constructor(work, commands, open) {
    this.#work = work;
    this.#commands = commands;
    this.#open = open;
    this.#search.addEventListener('input', () => this.#refresh());
    this.#search.addEventListener('keydown', (event) => this.#searching(event));
    this.#filter.addEventListener('change', () => {
      this.#service = this.#filter.value;
      this.#refresh();
    });
    this.#rows.addEventListener('keydown', (event) => this.#walking(event));
    this.#rows.addEventListener('focusin', (event) => {
      const row = /** @type {HTMLElement} */ (event.target).closest('li');
      if (row) this.#stand(row.dataset.key ?? null);
    });
    find('[data-tabs]').addEventListener('keydown', (event) => this.#turning(event));
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  /** The first row, or the one where the agent was. */
  focusRows() {
    const row = /** @type {HTMLElement|null} */ (this.#rows.querySelector('li[data-current]') ?? this.#rows.firstElementChild);
    row?.querySelector('button')?.focus();
  }

  /** @param {number} index  0 to 3 */
  show(index) {
    this.#list = LISTS[index] ?? this.#list;
    this.#current = null;
    this.#rows.scrollTop = 0;
    this.#work.orders.clear();
    this.#refresh();
  }

  clearSearch() {
    this.#search.value = '';
  }

  /** @param {Board} board @param {Desk} desk @param {import('./ticket-card.js').Upcoming|null} upcoming */
  render(board, desk, upcoming) {
    this.#renderFilter(board, desk);
    this.#renderTabs(board, desk);
    this.#renderWaits(board, desk);
    this.#renderRows(board, desk, upcoming);
    showFailure(find('[data-list-error]'), this.#work, 'list');
    const next = desk.ticket && this.#work.standing === 'mine' ? upcoming?.ticket : null;
    find('[data-coming]').hidden = !next;
    setText(find('[data-coming-code]'), next?.codigo ?? '');
    setText(find('[data-coming-why]'), next ? (upcoming?.why ?? '') : '');
  }

  #refresh() {
    const { board, desk } = this.#work;
    if (board && desk) this.render(board, desk, this.#upcoming);
  }

  /** @type {import('./ticket-card.js').Upcoming|null} */ #upcoming = null;

  /** @param {Board} board @param {Desk} desk */
  #renderFilter(board, desk) {
    const { i18n } = this.#work;
    const all = board.servicios.every((service) => serves(desk, service.id));
    const choices = [
      ...(all ? [] : [{ id: 'mine', name: i18n.t('desk.filter.mine') }]),
      { id: 'all', name: i18n.t('desk.filter.all') },
      ...board.servicios.map((service) => ({ id: service.id, name: `${service.prefijo} · ${nameIn(service.nombre, i18n.lang)} (${service.esperando})` })),
    ];
    if (!choices.some((choice) => choice.id === this.#service)) this.#service = all ? 'all' : 'mine';
    find('[data-filter-field]').hidden = board.servicios.length < 2;
    keyed(this.#filter, choices, (choice) => choice.id, (choice) => el('option', { value: choice.id }), (node, choice) => setText(node, choice.name));
    if (this.#filter.value !== this.#service) this.#filter.value = this.#service;
  }

  /** @param {Board} board @param {Desk} desk */
  #renderTabs(board, desk) {
    const { i18n } = this.#work;
    const number = new Intl.NumberFormat(i18n.lang);
    const searching = this.#search.value.trim() !== '';
    keyed(find('[data-tabs]'), LISTS.map((list, index) => ({ list, index })), ({ list }) => list, ({ list, index }) => el('button', {
      type: 'button', role: 'tab', class: 'tab', id: `tab-${list}`, 'data-list': list, 'aria-controls': 'list', 'aria-keyshortcuts': String(index + 1), onclick: () => this.show(index),
    }, el('span', { class: 'name' }), ' ', el('b', { 'data-count': list }), el('kbd')), (node, { list, index }) => {
      const count = list === 'tickets' && !searching ? board.esperando : this.#tickets(board, desk, list, searching ? this.#service : 'all').length;
      setText(find('.name', node), i18n.t(`desk.list.${list}`));
      setText(find('b', node), number.format(count));
      setText(find('kbd', node), index + 1);
      setAttribute(node, 'aria-selected', String(list === this.#list));
      setAttribute(node, 'tabindex', list === this.#list ? '0' : '-1');
      setAttribute(node, 'data-empty', count === 0);
    });
    setAttribute(find('[data-panel]'), 'aria-labelledby', `tab-${this.#list}`);
  }

  /** How long it takes for who takes a number now, or why there are none. @param {Board} board @param {Desk} desk */
  #renderWaits(board, desk) {
    const { i18n } = this.#work;
    const t = i18n.t.bind(i18n);
    const told = (/** @type {import('../lib/types.js').Service} */ service) => {
      const stands = standing(service);
      return stands === 'open' ? waitText(service.espera, t) : t(`desk.waits.${stands}`);
    };
    const shown = this.#list === 'tickets' ? waitsOf(board, desk, this.#service) : [];
    const list = find('[data-waits]');
    list.hidden = shown.length === 0;
    keyed(list, shown, (service) => service.id, (service) => el('li', { 'data-wait': service.id }, el('span', { class: 'badge' }), ' ', el('span', { class: 'text' })), (node, service) => {
      node.dataset.standing = standing(service);
      node.title = nameIn(service.nombre, i18n.lang);
      const badge = find('.badge', node);
      badge.dataset.tone = toneOf(board, service.id);
      setText(badge, service.prefijo);
      setText(find('.text', node), told(service));
    });
  }

  /** @param {Board} board @param {Desk} desk @param {ListName} list @param {string} service */
  #tickets(board, desk, list, service) {
    return ticketsOf(board, desk, list, { text: this.#search.value, service }, this.#work.live.now());
  }

  /** @param {Board} board @param {Desk} desk @param {import('./ticket-card.js').Upcoming|null} upcoming */
  #renderRows(board, desk, upcoming) {
    this.#upcoming = upcoming;
    const { i18n, orders } = this.#work;
    const list = this.#list;
    const tickets = this.#tickets(board, desk, list, this.#service);
    const at = [...this.#rows.children].findIndex((row) => row.contains(document.activeElement));
    this.#rows.dataset.list = list;
    keyed(this.#rows, tickets.slice(0, ROWS), (ticket) => `${list} ${ticket.id}`, (ticket) => this.#row(list, ticket), (node, ticket) => {
      this.#fillRow(node, board, ticket);
      setAttribute(node, 'data-next', list === 'tickets' && ticket.id === upcoming?.ticket?.id);
      const [name] = rowActions(list);
      const button = find('[data-quick]', node);
      const why = name ? (this.#work.live.state.ready ? whyNot(name, desk, ticket, this.#work.standing) : 'desk.why.offline') : null;
      setAttribute(button, 'aria-disabled', orders.busy || why ? 'true' : null);
      setAttribute(button, 'title', why ? i18n.t(why) : null);
      setAttribute(button, 'aria-label', i18n.t(`desk.row.${name}.this`, { code: ticket.codigo }));
      setAttribute(button, 'data-running', orders.busy === `${name} ${ticket.codigo}`);
      setText(button, i18n.t(`desk.row.${name}`));
    });
    this.#stand(this.#current);
    // Whoever walked through the list is not thrown out of it when a row goes.
    if (at >= 0 && document.activeElement === document.body) /** @type {HTMLElement|undefined} */ ([...this.#rows.children][Math.min(at, this.#rows.children.length - 1)])?.querySelector('button')?.focus();
    const none = find('[data-none]');
    none.hidden = tickets.length > 0 && tickets.length <= ROWS;
    const empty = this.#search.value.trim() ? i18n.t('desk.none.found') : i18n.t(`desk.none.${list}`);
    setText(none, tickets.length > ROWS ? i18n.t('desk.more', { n: tickets.length - ROWS }) : empty);
  }

  /** @param {ListName} list @param {Ticket} ticket */
  #row(list, ticket) {
    const [name] = rowActions(list);
    const now = () => (this.#work.board && locate(this.#work.board, ticket.id)?.ticket) ?? ticket;
    return el('li', { 'data-code': ticket.codigo },
      el('span', { class: 'badge' }),
      el('button', { type: 'button', class: 'pick', 'data-pick': ticket.codigo, onclick: () => this.#open(now()) }, el('span', { class: 'code' }), el('span', { class: 'person', dir: 'auto' }), el('span', { class: 'visually-hidden more' })),
      el('span', { class: 'chips' }, el('span', { class: 'chip call' }), el('span', { class: 'chip plain' })),
      el('span', { class: 'since' }),
      el('button', { type: 'button', class: 'ghost', 'data-quick': name ?? '', ...(name === 'call' ? { 'data-call': ticket.codigo } : {}), onclick: () => name && void this.#commands.row(name, now(), 'list') }));
  }

  /** @param {HTMLElement} node @param {Board} board @param {Ticket} ticket */
  #fillRow(node, board, ticket) {
    const { i18n, live } = this.#work;
    const badge = find('.badge', node);
    const service = serviceOf(board, ticket.servicio);
    badge.dataset.tone = toneOf(board, ticket.servicio);
    setText(badge, service?.prefijo ?? '');
    setAttribute(badge, 'title', nameIn(service?.nombre, i18n.lang));
    setText(find('.code', node), ticket.codigo);
    setText(find('.person', node), ticket.nombre || nameIn(service?.nombre, i18n.lang));
    setAttribute(find('.pick', node), 'data-noted', Boolean(ticket.nota));
    setText(find('.more', node), `${ticket.nota ? ` ${i18n.t('desk.noted')}` : ''} ${i18n.t('desk.row.open')}`);
    const desk = board.escritorios.find((one) => one.id === (ticket.para ?? (this.#list === 'retenidos' ? ticket.escritorio : null)));
    optional(find('.chip.call', node), nameIn(board.clases.find((item) => item.id === ticket.prioridad)?.nombre, i18n.lang));
    optional(find('.chip.plain', node), this.#list === 'perdidos' ? i18n.t(`state.${ticket.estado}`) : nameIn(desk?.nombre, i18n.lang));
    const since = find('.since', node);
    const from = ticket.aplazado ? null : this.#list === 'tickets' ? ticket.emitido : this.#list === 'retenidos' ? ticket.retenido : null;
    setAttribute(since, 'data-since', from ? String(from) : null);
    const time = (/** @type {number|null|undefined} */ at) => (at ? clock(at, i18n.lang, board.sucursal.zona) : '');
    setAttribute(node, 'data-away', Boolean(ticket.aplazado));
    setText(since, ticket.aplazado ? i18n.t('desk.away', { time: time(ticket.aplazado) }) : from ? minutes(live.now() - from) : this.#list === 'perdidos' ? i18n.t('desk.until', { time: time(ticket.hasta) }) : time(ticket.cita));
  }

  /** Only one row is in the order of the Tab key. @param {string|null} key */
  #stand(key) {
    this.#current = key;
    const rows = /** @type {HTMLElement[]} */ ([...this.#rows.children]);
    const current = rows.find((row) => row.dataset.key === key) ?? rows[0];
    for (const row of rows) {
      setAttribute(row, 'data-current', row === current);
      for (const button of row.querySelectorAll('button')) setAttribute(button, 'tabindex', row === current ? '0' : '-1');
    }
  }

  /** @param {KeyboardEvent} event */
  #searching(event) {
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      this.focusRows();
    } else if (event.key === 'Enter' && !event.repeat) {
      event.preventDefault();
      /** @type {HTMLElement|null} */ (this.#rows.querySelector('[data-pick]'))?.click();
    }
  }

  /** @param {KeyboardEvent} event */
  #walking(event) {
    const rows = [...this.#rows.children];
    const here = rows.findIndex((row) => row.contains(/** @type {Node} */ (event.target)));
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      if (to < 0) return this.#search.focus();
      const same = /** @type {HTMLElement} */ (event.target).matches('[data-quick]') ? '[data-quick]' : 'button';
      return /** @type {HTMLElement|null|undefined} */ (rows[to]?.querySelector(same))?.focus();
    }
    if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
    event.preventDefault();
    /** @type {HTMLElement|null|undefined} */ (rows[here]?.querySelector(event.key === 'ArrowRight' ? '[data-quick]' : '[data-pick]'))?.focus();
  }

  /** @param {KeyboardEvent} event */
  #turning(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const index = (LISTS.indexOf(this.#list) + step + LISTS.length) % LISTS.length;
    this.show(index);
    find(`[data-list="${LISTS[index]}"]`).focus();
  }
}
