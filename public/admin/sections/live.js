// The office at this moment: who serves whom, how long people wait, which desks are open. From the staff's board, over the socket.

import { closingText } from '../../lib/day.js';
import { el, find, keyed, setAttribute, setText } from '../../lib/dom.js';
import { Live } from '../../lib/live.js';
import { standing as outlook, waitText } from '../../lib/outlook.js';
import { toneOf } from '../../lib/page.js';
import { post } from '../../lib/rest.js';
import { minutes, stopwatch } from '../../lib/time.js';
import { sure } from '../../lib/window.js';
import { button, card, heading } from '../parts.js';
import { pressing, standing, waitingSince } from '../standing.js';

/** @typedef {import('../admin.js').Admin} Admin */
/** @typedef {import('../../lib/board.js').Board} Board */

/** Fifteen minutes, where nobody said what the branch promises. */
const PROMISED = 900_000;

/** @param {Admin} admin @param {AbortSignal} signal */
export async function build(admin, signal) {
  const { t, i18n } = admin;
  const users = await admin.users().catch(() => []);
  // The staff's view is entered at a desk.
  const first = (await admin.queue(signal)).escritorios[0]?.id ?? null;
  const frame = skeleton(admin);
  if (first === null) {
    frame.replaceChildren(el('p', { class: 'note care' }, t('desks.none')));
    return [heading(t('section.live'), t('live.lead')), frame];
  }
  // Entering a desk opens nothing: it is the staff's view.
  const live = new Live({ join: ['entrar-puesto', { escritorio: first }], idioma: () => i18n.lang, sucursal: String(admin.branch.id) });
  const day = dayButton(admin, live);
  const draw = () => render(admin, frame, live, users, day);
  live.subscribe(draw);
  const timer = setInterval(draw, 1000);
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    live.close();
  });
  return [heading(t('section.live'), t('live.lead'), el('span', { class: 'link-pill', role: 'status', 'data-link': 'connecting' }, el('span', { 'data-link-text': '' })), day), frame];
}

/** @param {Admin} admin */
function skeleton(admin) {
  const { t } = admin;
  const tile = (/** @type {string} */ name) => el('div', { class: 'tile', 'data-tile': name }, el('p', { class: 'tile-name' }, t(`live.${name}`)), el('p', { class: 'tile-value' }, '–'), el('p', { class: 'tile-more' }));
  return el('div', { class: 'live', 'data-live': '' },
    el('div', { class: 'tiles' }, tile('waiting'), tile('longest'), tile('serving'), tile('desks')),
    el('div', { class: 'columns' },
      card(t('live.desks'), {}, el('ul', { class: 'rows', 'data-desks': '' })),
      el('div', { class: 'stack' }, card(t('live.services'), {}, el('ul', { class: 'rows', 'data-services': '' })), card(t('live.oldest'), {}, el('ul', { class: 'rows', 'data-oldest': '' }), el('p', { class: 'quiet', 'data-nobody': '', hidden: true }, t('live.nobody'))))));
}

/** @param {Admin} admin @param {HTMLElement} frame @param {Live} live @param {Array<{id: string, nombre: string}>} users @param {HTMLElement} day */
function render(admin, frame, live, users, day) {
  const { t, i18n } = admin;
  const { board, link, refusal } = live.state;
  const pill = document.querySelector('.section-head .link-pill');
  if (pill) {
    pill.setAttribute('data-link', link);
    setText(find('[data-link-text]', pill), t(`link.${link}`));
  }
  setAttribute(frame, 'data-link', link);
  if (refusal && !board) return frame.replaceChildren(el('p', { class: 'note bad', role: 'alert' }, refusal.msg ?? t(`error.${refusal.code}`)));
  if (!board) return;
  setText(find('span', day), t(board.cerrada ? 'desk.day.open.ask' : 'desk.day.close.ask'));
  day.hidden = false;
  setAttribute(day, 'disabled', link !== 'live');
  const now = live.now();
  const promised = (admin.settings.base.answer_within ?? PROMISED / 1000) * 1000;
  const found = standing(board, now);
  tile(frame, 'waiting', String(found.waiting), found.held ? t('live.held', { n: found.held }) : '', found.waiting > 0 && found.open === 0 ? 'late' : 'calm');
  tile(frame, 'longest', found.longest === null ? '–' : minutes(found.longest), found.first?.codigo ?? '', pressing(found.longest, promised));
  tile(frame, 'serving', String(found.serving), t('live.free', { n: found.free }));
  tile(frame, 'desks', `${found.open} / ${found.desks}`, found.paused ? t('live.paused', { n: found.paused }) : '');
  desks(admin, frame, board, now, users);
  services(admin, frame, board, found, promised);
  keyed(find('[data-oldest]', frame), found.oldest, (ticket) => ticket.id, () => el('li', {}, el('span', { class: 'badge' }), el('strong', { class: 'code' }), el('span', { class: 'grow' }), el('b', {})), (node, ticket) => {
    const [badge, code, name, wait] = /** @type {[HTMLElement, HTMLElement, HTMLElement, HTMLElement]} */ (/** @type {unknown} */ (node.children));
    const service = board.servicios.find(({ id }) => id === ticket.servicio);
    badge.dataset.tone = toneOf(board, ticket.servicio);
    setText(badge, service?.prefijo ?? '');
    setText(code, ticket.codigo);
    setText(name, [admin.name(service?.nombre), board.clases.find(({ id }) => id === ticket.prioridad) ? admin.name(board.clases.find(({ id }) => id === ticket.prioridad)?.nombre) : ''].filter(Boolean).join(' · '));
    setText(wait, minutes(now - waitingSince(ticket)));
    node.dataset.pressing = pressing(now - waitingSince(ticket), promised);
  });
  find('[data-nobody]', frame).hidden = found.oldest.length > 0;
}

/** @param {HTMLElement} frame @param {string} name @param {string} value @param {string} more @param {string} [state] */
function tile(frame, name, value, more, state = 'calm') {
  const node = find(`[data-tile="${name}"]`, frame);
  node.dataset.pressing = state;
  setText(find('.tile-value', node), value);
  setText(find('.tile-more', node), more);
}

/** @param {Admin} admin @param {HTMLElement} frame @param {Board} board @param {number} now @param {Array<{id: string, nombre: string}>} users */
function desks(admin, frame, board, now, users) {
  const { t } = admin;
  keyed(find('[data-desks]', frame), board.escritorios, (desk) => desk.id, () => el('li', { class: 'desk-row' }, el('span', { class: 'badge plain' }), el('span', { class: 'title' }, el('strong', {}), el('span', { class: 'facts' })), el('span', { class: 'serving' }, el('b', { class: 'code' }), el('span', { class: 'facts' })), el('span', { class: 'tag' })), (node, desk) => {
    const [badge, title, serving, tag] = /** @type {[HTMLElement, HTMLElement, HTMLElement, HTMLElement]} */ (/** @type {unknown} */ (node.children));
    const ticket = desk.ticket;
    setText(badge, desk.id);
    setText(/** @type {Node} */ (title.firstChild), admin.name(desk.nombre));
    setText(/** @type {Node} */ (title.lastChild), users.find(({ id }) => id === desk.agente)?.nombre ?? '');
    setText(/** @type {Node} */ (serving.firstChild), ticket?.codigo ?? '');
    const since = ticket?.iniciado ?? ticket?.llamado;
    setText(/** @type {Node} */ (serving.lastChild), ticket ? `${t(`state.${ticket.estado}`)}${since ? ` · ${stopwatch(now - since)}` : ''}` : '');
    const state = desk.estado ?? 'cerrado';
    const reason = state === 'pausado' ? admin.name(board.sucursal.pausas?.find(({ id }) => id === desk.motivo)?.nombre) || desk.motivo : '';
    tag.className = `tag ${state === 'abierto' ? 'good' : state === 'pausado' ? 'care' : ''}`;
    setText(tag, [t(`live.state.${state}`), reason, desk.desde && state !== 'cerrado' ? minutes(now - desk.desde) : ''].filter(Boolean).join(' · '));
    node.dataset.desk = String(desk.id);
    node.classList.toggle('off', state === 'cerrado' && !ticket);
  });
}

/** @param {Admin} admin @param {HTMLElement} frame @param {Board} board @param {ReturnType<typeof standing>} found @param {number} promised */
function services(admin, frame, board, found, promised) {
  const { t } = admin;
  keyed(find('[data-services]', frame), found.services, ({ service }) => service.id, () => el('li', {}, el('span', { class: 'badge' }), el('span', { class: 'title' }, el('strong', {}), el('span', { class: 'facts' })), el('b', { class: 'count' })), (node, { service, waiting, longest, desks: open }) => {
    const [badge, title, count] = /** @type {[HTMLElement, HTMLElement, HTMLElement]} */ (/** @type {unknown} */ (node.children));
    badge.dataset.tone = toneOf(board, service.id);
    setText(badge, service.prefijo);
    setText(/** @type {Node} */ (title.firstChild), admin.name(service.nombre));
    const gives = outlook(service);
    const newcomer = gives === 'open' ? service.espera && waitText(service.espera, admin.t) && t('live.newcomer', { wait: waitText(service.espera, admin.t) }) : t(`live.gives.${gives}`);
    setText(/** @type {Node} */ (title.lastChild), [t('live.open', { n: open }), longest === null ? '' : t('live.since', { time: minutes(longest) }), newcomer].filter(Boolean).join(' · '));
    setText(count, waiting);
    node.dataset.pressing = waiting > 0 && open === 0 ? 'late' : pressing(longest, promised);
  });
}

/** @param {Admin} admin @param {Live} live */
function dayButton(admin, live) {
  const { t } = admin;
  const node = button('', { 'data-do': 'day', hidden: true, onclick: async () => {
    const shut = Boolean(live.state.board?.cerrada);
    const { board } = live.state;
    if (!board) return;
    const yes = await sure({ title: t(shut ? 'desk.day.open.title' : 'desk.day.close.title'), text: shut ? t('desk.day.open.text') : closingText(board, admin.i18n), yes: t(shut ? 'desk.day.open.do' : 'desk.day.close.do'), no: t('admin.cancel'), danger: !shut });
    if (!yes) return;
    if (await admin.attempt(() => post(admin.path(`/day/${shut ? 'reopen' : 'close'}`)))) admin.say(t(shut ? 'live.reopened' : 'live.closed'));
  } });
  return node;
}
