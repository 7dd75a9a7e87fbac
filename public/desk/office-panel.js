// The office at a glance: who serves whom, how many desks are open, who has waited longest; and what this desk did today.

import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { nameIn } from '../lib/i18n.js';
import { clock, minutes } from '../lib/time.js';
import { glance, openingOf } from './glance.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Desk} Desk */
/** @typedef {import('../lib/types.js').Figures} Figures */

export class OfficePanel {
  #work;
  #oversees;

  /** @param {import('./workplace.js').Workplace} work @param {() => boolean} oversees  who is here closes and opens the day */
  constructor(work, oversees) {
    this.#work = work;
    this.#oversees = oversees;
  }

  /** @param {Board} board */
  render(board) {
    const { mine, users, i18n, live } = this.#work;
    const others = board.escritorios.filter((desk) => desk.id !== mine);
    if (board.escritorios.some((desk) => desk.agente && !users.nameOf(desk.agente))) void users.load();
    find('.office [data-others]').hidden = others.length === 0;
    keyed(find('[data-others]'), others, (desk) => desk.id, () => el('li', {}, el('span', { class: 'name' }), el('b'), el('span', { class: 'about' })), (node, desk) => {
      const name = nameIn(desk.nombre, i18n.lang);
      setText(find('.name', node), name);
      node.title = name;
      setText(find('b', node), desk.ticket?.codigo ?? '');
      node.dataset.ticketState = desk.ticket?.estado ?? 'none';
      node.dataset.deskState = desk.estado ?? 'cerrado';
    });
    const day = find('[data-action="day"]');
    day.hidden = !this.#oversees();
    setText(day, i18n.t(board.cerrada ? 'desk.day.open.ask' : 'desk.day.close.ask'));
    setAttribute(day, 'data-shut', Boolean(board.cerrada));
    setAttribute(day, 'aria-disabled', live.state.ready ? null : 'true');
    this.#renderNotice(board);
    this.renderTime(board);
  }

  /** @param {Board} board */
  renderTime(board) {
    const { i18n, live } = this.#work;
    const now = live.now();
    const { open, desks, longest } = glance(board);
    setText(find('[data-office-line]'), [
      i18n.t('desk.office.open', { open, desks }),
      longest ? i18n.t('desk.office.longest', { time: minutes(now - longest.emitido), code: longest.codigo }) : '',
    ].filter(Boolean).join(' · '));
    for (const node of /** @type {HTMLCollectionOf<HTMLElement>} */ (find('[data-others]').children)) {
      const desk = board.escritorios.find((one) => String(one.id) === node.dataset.key);
      if (desk) setText(find('.about', node), this.#about(board, desk, now));
    }
  }

  /** What a desk did today. @param {Figures|null} figures */
  renderToday(figures) {
    const { i18n } = this.#work;
    find('[data-today]').hidden = !figures;
    if (!figures) return;
    const number = new Intl.NumberFormat(i18n.lang, { maximumFractionDigits: 1 });
    const shares = new Intl.NumberFormat(i18n.lang, { style: 'percent' });
    const time = (/** @type {number|null|undefined} */ ms) => (typeof ms === 'number' ? i18n.t('desk.today.minutes', { m: number.format(Math.round(ms / 6000) / 10) }) : '–');
    const shown = [
      ['served', number.format(figures.finalizados)],
      ['absent', number.format(figures.ausentes)],
      ['waited', time(figures.espera?.media)],
      ['service', time(figures.atencion)],
      ['pace', typeof figures.porHora === 'number' ? number.format(figures.porHora) : '–'],
      ['used', typeof figures.ocupacion === 'number' ? shares.format(figures.ocupacion) : '–'],
    ];
    keyed(find('[data-today-figures]'), shown, ([name]) => name ?? '', ([name]) => el('div', { 'data-figure': name }, el('dt'), el('dd')), (node, [name, value]) => {
      setText(find('dt', node), i18n.t(`desk.today.${name}`));
      setText(find('dd', node), value ?? '');
    });
  }

  /** @param {Board} board */
  #renderNotice(board) {
    const { i18n, live } = this.#work;
    const opening = openingOf(board);
    const notice = find('[data-notice]');
    notice.hidden = opening.kind === 'open';
    if (opening.kind === 'shut') setText(notice, i18n.t('desk.office.shut'));
    if (opening.kind !== 'closed') return;
    const at = opening.opens;
    const zone = board.sucursal.zona;
    const day = (/** @type {number} */ time) => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(time);
    const when = at && (day(at) === day(live.now()) ? clock(at, i18n.lang, zone)
      : new Intl.DateTimeFormat(i18n.lang, { timeZone: zone, weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at));
    setText(notice, when ? i18n.t('desk.office.closed.until', { when }) : i18n.t('desk.office.closed'));
  }

  /** @param {Board} board @param {Desk} desk @param {number} now */
  #about(board, desk, now) {
    const { i18n, users } = this.#work;
    const { ticket, estado } = desk;
    const from = ticket?.estado === 'atendiendo' ? (ticket.iniciado ?? ticket.llamado) : ticket?.llamado;
    const reason = nameIn(board.sucursal.pausas?.find((one) => one.id === desk.motivo)?.nombre, i18n.lang) || desk.motivo;
    const state = ticket ? i18n.t(`state.${ticket.estado}`) : estado === 'pausado' ? i18n.t('desk.paused') : estado === 'abierto' ? i18n.t('desk.free') : i18n.t('desk.closed.short');
    const time = ticket ? from && minutes(now - from) : estado === 'pausado' && (reason || (desk.desde && minutes(now - desk.desde)));
    return [state, time, users.nameOf(desk.agente)].filter(Boolean).join(' · ');
  }
}
