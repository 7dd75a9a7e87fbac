// What stands around the current call: the calls before, by service or in one list, how many wait and how long, who did not come.

import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { nameIn } from '../lib/i18n.js';
import { standing, waitText } from '../lib/outlook.js';
import { longestWord, toneOf } from '../lib/page.js';
import { zones } from './zones.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Call} Call */

/**
 * @typedef {object} Here
 * @property {import('../lib/i18n.js').I18n} i18n
 * @property {import('../lib/outlook.js').Translate} t
 * @property {(desk: number) => string} deskName
 * @property {Call|null} announcing  the call that is being announced
 */

const PERSON = 'M12 12a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9zm-8.500 9a8.500 8.500 0 0 1 17 0z';
const CLOCK = 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 4v5l3.500 2.200';

/** @param {Element} list @param {Board} board @param {Call[]} calls @param {Here} here */
export function fillCalls(list, board, calls, { announcing, deskName }) {
  keyed(list, calls, (call) => call.llamada, () => el('li', {}, el('span', { class: 'who' }, el('span', { class: 'code' }), el('span', { class: 'person' })), el('span', { class: 'arrow', 'aria-hidden': 'true' }, '→'), el('span', { class: 'desk' })), (node, call) => {
    node.dataset.tone = toneOf(board, call.servicio);
    node.dataset.call = String(call.llamada);
    setAttribute(node, 'data-active', call === announcing);
    const code = find('.code', node);
    setText(code, call.codigo);
    code.style.setProperty('--length', String(call.codigo.length));
    setText(find('.person', node), call.nombre ?? '');
    const desk = find('.desk', node);
    setText(desk, deskName(call.escritorio));
    setAttribute(desk, 'data-long', longness(desk.textContent ?? ''));
    desk.style.setProperty('--length', String(Math.max(6, desk.textContent?.length ?? 6)));
  });
}

/** @param {Board} board @param {import('../lib/types.js').Service[]} services @param {Call[]} calls @param {import('./zones.js').Room} room @param {Here} here */
export function fillZones(board, services, calls, room, here) {
  const { i18n, t } = here;
  const list = find('[data-zones]');
  list.dataset.count = String(services.length);
  list.style.setProperty('--rows', String(room.rows));
  list.style.setProperty('--columns', String(room.columns));
  list.dataset.columns = String(room.columns);
  keyed(list, zones(services, calls, room), ({ service }) => service.id, ({ service }) => el('li', { 'data-zone': service.id }, el('div', { class: 'head' },
    el('span', { class: 'badge' }), el('span', { class: 'room' }, el('span', { class: 'name' })), el('span', { class: 'people' }, icon(PERSON), el('b', { 'aria-hidden': 'true' }), el('span', { class: 'visually-hidden' })), waitLine()), el('ol', {})), (node, zone) => {
    const { service } = zone;
    node.dataset.tone = toneOf(board, service.id);
    setText(find('.badge', node), service.prefijo);
    label(find('.name', node), nameIn(service.nombre, i18n.lang));
    setText(find('.people b', node), new Intl.NumberFormat(i18n.lang).format(service.esperando));
    setText(find('.people .visually-hidden', node), t('display.people', { n: service.esperando }));
    fillWait(find('.wait', node), service, here);
    fillCalls(find('ol', node), board, zone.calls, here);
  });
}

function waitLine() {
  return el('span', { class: 'wait' }, icon(CLOCK), el('span', { class: 'visually-hidden' }), el('span', { class: 'text' }));
}

/** How long it takes, or why no numbers are given. @param {HTMLElement} node @param {import('../lib/types.js').Service} service @param {Here} here */
function fillWait(node, service, { t }) {
  const stands = standing(service);
  const wait = stands === 'open' ? waitText(service.espera, t, { short: true }) : '';
  node.dataset.standing = stands;
  node.hidden = stands === 'open' && !wait;
  setText(find('.visually-hidden', node), wait ? t('display.wait') : '');
  setText(find('.text', node), stands === 'open' ? wait : stands === 'full' ? t('display.full') : t('display.closed'));
}

/** @param {string} path */
function icon(path) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'path')).setAttribute('d', path);
  return svg;
}

/** @param {Board} board @param {import('../lib/types.js').Service[]} all @param {Here} here */
export function fillServices(board, all, here) {
  const { i18n } = here;
  const number = new Intl.NumberFormat(i18n.lang);
  setText(find('[data-waiting]'), number.format(all.reduce((sum, service) => sum + service.esperando, 0)));
  const services = find('[data-services]');
  services.dataset.count = String(all.length);
  setAttribute(services, 'data-dense', all.length > 6);
  services.style.setProperty('--columns', String(columns(all.length)));
  keyed(services, all, (service) => service.id, () => el('li', {}, el('span', { class: 'badge' }), el('span', { class: 'room' }, el('span', { class: 'name' }), waitLine()), el('b')), (node, service) => {
    node.dataset.tone = toneOf(board, service.id);
    setText(find('.badge', node), service.prefijo);
    label(find('.name', node), nameIn(service.nombre, i18n.lang));
    fillWait(find('.wait', node), service, here);
    setText(find('b', node), number.format(service.esperando));
  });
}

/** @param {HTMLElement} node @param {string} name */
export function label(node, name) {
  setText(node, name);
  node.style.setProperty('--length', String(name.length));
  node.style.setProperty('--longest', String(longestWord(name)));
}

/** @param {Board} board @param {import('../lib/types.js').Service[]} services */
export function fillMissed(board, services) {
  const missed = board.ausentes.filter(({ servicio }) => services.some((service) => service.id === servicio));
  find('[data-missed]').hidden = missed.length === 0;
  keyed(find('[data-missed-list]'), missed, ({ codigo }) => codigo, () => el('li'), (node, { codigo, servicio }) => {
    node.dataset.tone = toneOf(board, servicio);
    setText(node, codigo);
  });
}

/** How much smaller a name is written. @param {string} name */
function longness(name) {
  return name.length > 32 ? '2' : name.length > 18 ? '1' : null;
}

/** Up to four in one row, then rows of three or four. @param {number} services */
function columns(services) {
  return services <= 4 ? services : services === 5 || services === 6 || services === 9 ? 3 : 4;
}
