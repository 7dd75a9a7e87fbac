// Which desk? Shown until one is chosen.

import { serves } from '../lib/board.js';
import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { nameIn } from '../lib/i18n.js';
import { toneOf } from '../lib/page.js';

/** @param {import('./workplace.js').Workplace} work @param {import('../lib/board.js').Board} board */
export function renderChoice(work, board) {
  const { i18n } = work;
  keyed(find('[data-desks]'), board.escritorios, (desk) => desk.id, (desk) => el('li', {}, el('button', { type: 'button', class: 'place', 'data-choose': desk.id, onclick: () => work.choose(desk.id) },
    el('span', { class: 'number' }, String(desk.id)), el('strong'), el('span', { class: 'about' }), el('span', { class: 'letters' }))), (node, desk) => {
    setText(find('strong', node), nameIn(desk.nombre, i18n.lang));
    const state = desk.estado === 'pausado' ? 'desk.paused' : desk.estado === 'abierto' ? 'desk.open' : 'desk.closed.short';
    node.dataset.deskState = desk.estado ?? 'cerrado';
    setText(find('.about', node), [i18n.t(state), desk.ticket ? i18n.t('desk.serves', { code: desk.ticket.codigo }) : ''].filter(Boolean).join(' · '));
    const served = board.servicios.filter((service) => serves(desk, service.id));
    keyed(find('.letters', node), served, (service) => service.id, () => el('span', { class: 'badge' }), (badge, service) => {
      badge.dataset.tone = toneOf(board, service.id);
      setText(badge, service.prefijo);
      setAttribute(badge, 'title', nameIn(service.nombre, i18n.lang));
    });
  });
}
