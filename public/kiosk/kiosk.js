// Kiosk: a visitor chooses a service and takes a number.
//
// For tests: `#kiosk` has `data-state` (connecting | ready | offline), `data-screen` (start | closed | priority | issuing | ticket | refused), on
// the start `data-group` with the group that is open (or empty), on the ticket screen `data-issued` with the code, on the refused one `data-code`.
// Choices are buttons with `data-group="tributos"`, `data-service="caja"` (with `data-standing`: open | full | closed) and `data-class=""` (normal) or
// `data-class="prioridad"`; others have `data-action` (back, up, done, retry, home) or `data-crumb`. `?espera=8` sets how many seconds the
// ticket stays, `?sucursal=2` chooses the branch.

import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { I18n, nameIn } from '../lib/i18n.js';
import { intend, perform } from '../lib/intent.js';
import { Live } from '../lib/live.js';
import { closing, FEW, opensText, SOON, standing, untilText, waitText } from '../lib/outlook.js';
import { branchInAddress, languageSwitch, longestWord, toneOf } from '../lib/page.js';
import { pairing } from '../lib/pairing.js';
import { serviceOf } from '../lib/board.js';
import { clock } from '../lib/time.js';
import { beginning, entries, trail } from './tree.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Service} Service */
/** @typedef {import('./tree.js').Entry} Entry */
/** @typedef {'start'|'closed'|'priority'|'issuing'|'ticket'|'refused'} Screen */

/** A half-made choice is forgotten after this, and so is a chosen language. */
const IDLE = 30_000;
/** A notice that needs no answer stays shorter. */
const NOTICE = 15_000;
/** After a change of screens nothing can be touched for this long: the second tap of a double tap chooses nothing. */
const SETTLE = 350;
/** How long a number is asked for before the visitor is told that it did not work. */
const PATIENCE = 20_000;
/** Letters of a name from which on it is written smaller, and where there are many. */
const LONG = 40;
const LONG_IN_CROWD = 26;
const STAY = Math.min(60, Math.max(3, Number(new URLSearchParams(location.search).get('espera')) || 8)) * 1000;
const PENDING = 'siguiente.pendiente';

const root = find('#kiosk');
const i18n = await new I18n({ remember: false }).load();
const live = new Live({ join: ['entrar-pantalla', {}], idioma: () => i18n.lang, sucursal: branchInAddress() });
const t = i18n.t.bind(i18n);

/** @type {Screen} */ let screen = 'start';
/** @type {string|null} the group whose services are shown; null is where choosing begins */ let within = null;
/** @type {string|null} the service chosen, while the class is asked for */ let chosen = null;
/** @type {import('../lib/intent.js').Intent|null} */ let intent = null;
/** @type {import('../lib/types.js').Ticket|null} */ let ticket = null;
/** @type {{code: string, msg: string, again: boolean, service: string|null, opens: number|null}} */
let refusal = { code: '', msg: '', again: false, service: null, opens: null };
/** @type {ReturnType<typeof setTimeout>|undefined} */ let leaving;
/** @type {ReturnType<typeof setTimeout>|undefined} */ let settling;
let leavesAt = 0;

languageSwitch(i18n);
live.subscribe(render);
pairing(live, i18n, 'kiosco', branchInAddress());
i18n.onChange(() => render());
setInterval(renderTime, 250);

document.addEventListener('pointerdown', () => touched(), { capture: true });
document.addEventListener('keydown', (event) => {
  touched();
  if (event.key === 'Escape') back();
  else if (event.key.startsWith('Arrow')) step(event);
});
document.addEventListener('contextmenu', (event) => event.preventDefault());
for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-action]'))) {
  button.addEventListener('click', () => {
    if (button.dataset.action === 'retry') again();
    else if (button.dataset.action === 'up' || button.dataset.action === 'back') back();
    else restart();
  });
}

resume();

/** @param {string|null} group */
function open(group) {
  if (screen !== 'start' || settling !== undefined) return;
  within = group;
  show('start');
}

/** One step towards the start: from the question to its group, from a group to the one around it. */
function back() {
  const { board } = live.state;
  if (screen === 'start' && board && within !== null) open(trail(board, within).at(-2)?.id ?? null);
  else if (screen === 'priority') {
    chosen = null;
    show('start');
  } else if (screen === 'ticket' || screen === 'refused') restart();
}

/** @param {string} id */
function choose(id) {
  const { board, ready } = live.state;
  const service = board && serviceOf(board, id);
  if (!ready || !service || screen !== 'start') return;
  const stands = standing(service);
  if (stands !== 'open') return refuse({ code: stands === 'full' ? 'quota_reached' : 'closed', msg: '', again: false, service: id, opens: service.abre ?? null });
  chosen = id;
  if (board.clases.length) show('priority');
  else take(null);
}

/** @param {typeof refusal} reason */
function refuse(reason) {
  refusal = reason;
  show('refused');
}

/** The arrow keys go to the nearest choice in their direction. @param {KeyboardEvent} event */
function step(event) {
  const section = find(`[data-name="${screen}"]`);
  const choices = /** @type {HTMLElement[]} */ ([...section.querySelectorAll('button')]).filter((button) => button.checkVisibility() && !section.inert);
  if (!choices.length) return;
  event.preventDefault();
  const here = choices.find((button) => button === document.activeElement);
  if (!here) return choices[0]?.focus();
  const from = here.getBoundingClientRect();
  const sideways = event.key === 'ArrowLeft' || event.key === 'ArrowRight';
  const forward = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : -1;
  let best = { button: here, cost: Infinity };
  for (const button of choices) {
    const to = button.getBoundingClientRect();
    const [x, y] = [to.x + to.width / 2 - from.x - from.width / 2, to.y + to.height / 2 - from.y - from.height / 2];
    const ahead = (sideways ? x : y) * forward;
    const cost = ahead + 3 * Math.abs(sideways ? y : x);
    if (ahead > 1 && cost < best.cost) best = { button, cost };
  }
  best.button.focus();
}

/** @param {string|null} priority */
function take(priority) {
  if (!live.state.ready || !chosen) return;
  const payload = { servicio: chosen, idioma: i18n.lang, ...(priority ? { prioridad: priority } : {}) };
  chosen = null;
  intent = intend('siguiente-ticket', payload);
  void issue();
}

async function issue() {
  const mine = intent;
  if (!mine) return;
  keepPending(mine);
  show('issuing');
  const result = await perform(live, mine, { patience: PATIENCE });
  if (intent !== mine) return;
  if (result.kind === 'done' && result.ticket) {
    forgetPending();
    intent = null;
    ticket = result.ticket;
    show('ticket');
    return;
  }
  if (result.kind === 'refused') {
    // A refused intent is over: trying again means something new.
    forgetPending();
    intent = null;
    const { servicio: service = null } = /** @type {{servicio?: string}} */ (mine.payload);
    refuse({ code: result.code, msg: result.msg, again: false, service, opens: result.abre ?? null });
  } else {
    refuse({ code: 'unknown', msg: '', again: true, service: null, opens: null });
  }
}

/** The same intent with the same key: if the first attempt did reach the office, its number comes back. */
function again() {
  if (intent && screen === 'refused') void issue();
}

function restart() {
  forgetPending();
  intent = null;
  chosen = null;
  ticket = null;
  within = null;
  show('start');
  i18n.reset();
}

/** After a reload in the middle of it the visitor still gets the one number. */
function resume() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PENDING) ?? 'null');
    if (kept && Date.now() - kept.at < PATIENCE && typeof kept.intent?.clave === 'string') {
      intent = kept.intent;
      void issue();
    } else {
      forgetPending();
    }
  } catch {
    forgetPending();
  }
}

/** @param {import('../lib/intent.js').Intent} pending */
function keepPending(pending) {
  try {
    sessionStorage.setItem(PENDING, JSON.stringify({ at: Date.now(), intent: pending }));
  } catch {
    // no storage: a reload forgets, and the key still guards the rest
  }
}

function forgetPending() {
  try {
    sessionStorage.removeItem(PENDING);
  } catch {
    // as above
  }
}

/** @param {Screen} name */
function show(name) {
  screen = name;
  clearTimeout(settling);
  settling = setTimeout(() => {
    settling = undefined;
    render();
    // Not before: what cannot be touched cannot have the focus either.
    find(`[data-name="${shownScreen()}"] h1`).focus({ preventScroll: true });
  }, SETTLE);
  stay();
  render();
  scrollTo({ top: 0 });
  if (name === 'ticket' && ticket) setText(find('[data-said]'), [t('kiosk.said', { code: ticket.codigo }), aheadText(ticket), estimateText(ticket)].filter(Boolean).join('. '));
}

/** Nothing is chosen from while nothing is given: the start says so instead. @returns {Screen} */
function shownScreen() {
  const { board } = live.state;
  return screen === 'start' && board && closing(board) ? 'closed' : screen;
}

/** Starts the time after which the kiosk goes back to its start by itself. */
function stay() {
  clearTimeout(leaving);
  const ms = screen === 'ticket' ? STAY : screen === 'issuing' ? 0 : screen === 'refused' && !refusal.again ? NOTICE : IDLE;
  leavesAt = Date.now() + ms;
  if (ms) leaving = setTimeout(restart, ms);
  const ring = find('.ring .left');
  ring.style.setProperty('--stay', `${STAY}ms`);
  ring.getAnimations?.().forEach((animation) => {
    animation.cancel();
    animation.play();
  });
}

/** Somebody is there: a touch on the ticket gives more time to read it. */
function touched() {
  if (screen !== 'issuing' && settling === undefined) stay();
}

function render() {
  const { board, link, ready, refusal: barred } = live.state;
  const lost = link === 'offline' || link === 'stale';
  const nowhere = !board && barred?.code === 'unknown_branch';
  root.dataset.state = ready ? 'ready' : lost || nowhere ? 'offline' : 'connecting';
  if (board) {
    i18n.branch(board.sucursal.idiomas);
    setText(find('[data-branch]'), board.sucursal.nombre);
    renderStart(board);
    renderClasses(board);
    renderClosed(board);
  }
  const now = shownScreen();
  root.dataset.screen = now;
  setAttribute(root, 'data-group', now === 'start' ? (within ?? '') : null);
  setAttribute(root, 'data-issued', screen === 'ticket' && ticket ? ticket.codigo : null);
  setAttribute(root, 'data-code', screen === 'refused' ? refusal.code : null);
  for (const section of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.screen'))) {
    section.hidden = section.dataset.name !== now;
    const locked = settling !== undefined || (!ready && (screen === 'start' || screen === 'priority'));
    if (section.inert !== locked) section.inert = locked;
  }
  // Who waits for a number, or reads one, is not interrupted by the sign: `issue` tells how it ended.
  find('[data-out]').hidden = !(lost || nowhere) || (screen !== 'start' && screen !== 'priority');
  setText(find('[data-out-title]'), t(nowhere ? 'kiosk.out.branch' : 'kiosk.out'));
  setText(find('[data-out-hint]'), t(nowhere ? 'kiosk.out.branch.hint' : 'kiosk.out.hint'));
  find('[data-out-home]').hidden = !nowhere;
  setText(find('[data-issuing-text]'), t(ready ? 'kiosk.issuing' : 'kiosk.reconnecting'));
  if (board && ticket) renderTicket(board, ticket);
  renderRefusal(board);
  renderTime();
}

/** @param {Board} board */
function renderStart(board) {
  // A group may go with a change of the settings.
  if (within !== null && !entries(board, within).length) within = null;
  const group = within ?? beginning(board);
  const path = trail(board, group);
  setText(find('[data-heading]'), nameIn(path.at(-1)?.nombre, i18n.lang) || t('kiosk.choose'));
  const crumbs = find('[data-crumbs]');
  crumbs.hidden = path.length === 0;
  keyed(find('ol', crumbs), [{ id: '', nombre: t('kiosk.top') }, ...path], (one) => one.id, (one) => el('li', {}, el('button', { type: 'button', 'data-crumb': one.id, onclick: () => open(one.id || null) })), (node, one, at) => {
    const button = find('button', node);
    setText(button, nameIn(one.nombre, i18n.lang));
    setAttribute(button, 'aria-current', at === path.length ? 'page' : null);
  });
  find('[data-action="up"]').hidden = path.length === 0;
  const offered = entries(board, group);
  const many = arrange(find('[data-services]'), offered.length);
  setAttribute(root, 'data-crowded', many);
  keyed(find('[data-services]'), offered, (entry) => `${entry.kind} ${entry.id}`, (entry) => card(() => (entry.kind === 'group' ? open(entry.id) : choose(entry.id))), (node, entry) => {
    if (entry.kind === 'group') renderGroup(board, node, entry, many);
    else renderService(board, node, entry.service, many);
  });
}

/** @param {Board} board @param {HTMLElement} node @param {Extract<Entry, {kind: 'group'}>} entry @param {boolean} many */
function renderGroup(board, node, { id, group, services }, many) {
  const button = find('button', node);
  const stands = services.some((service) => standing(service) === 'open') ? 'open' : services.some((service) => standing(service) === 'full') ? 'full' : 'closed';
  setAttribute(button, 'data-group', id);
  button.dataset.standing = stands;
  button.dataset.tone = toneOf(board, services[0]?.id ?? '');
  setText(find('.badge', node), '›');
  label(node, nameIn(group.nombre, i18n.lang));
  const opens = Math.min(...services.flatMap((service) => service.abre ?? []));
  setText(find('.note', node), stands === 'open' ? t('kiosk.group', { n: services.length }) : shut(stands, Number.isFinite(opens) ? opens : null, many));
}

/** @param {Board} board @param {HTMLElement} node @param {Service} service @param {boolean} many */
function renderService(board, node, service, many) {
  const button = find('button', node);
  const stands = standing(service);
  setAttribute(button, 'data-service', service.id);
  button.dataset.standing = stands;
  button.dataset.tone = toneOf(board, service.id);
  setText(find('.badge', node), service.prefijo);
  label(node, nameIn(service.nombre, i18n.lang));
  setText(find('.note', node), stands === 'open' ? queueText(service, many) : shut(stands, service.abre ?? null, many));
}

/** @param {HTMLElement} node @param {string} text */
function label(node, text) {
  const name = find('.name', node);
  setText(name, text);
  setAttribute(name, 'data-long', text.length > (root.dataset.crowded === undefined ? LONG : LONG_IN_CROWD));
  name.style.setProperty('--longest', String(longestWord(text)));
}

/** How it looks before one takes a number. @param {Service} service @param {boolean} [short] */
function queueText(service, short = false) {
  const { esperando: n, espera, quedan, cierra } = service;
  const people = short ? (n ? t('kiosk.short', { n }) : t('kiosk.short.nobody')) : n ? t('kiosk.waiting', { n }) : t('kiosk.nobody');
  // Who is the only one hears that nobody waits; a length is told where it tells more.
  const wait = n || !espera || 'mas' in espera || espera.hasta > 0 ? waitText(espera, t, { short }) : '';
  const ends = typeof cierra === 'number' && cierra - live.now() < SOON ? untilText(cierra, here(), t) : '';
  const few = typeof quedan === 'number' && quedan <= FEW ? t('kiosk.few', { n: quedan }) : ends;
  return [people, wait, few].filter(Boolean).join('\u00a0· ');
}

/** @param {'full'|'closed'} stands @param {number|null} opens @param {boolean} short */
function shut(stands, opens, short) {
  if (stands === 'full') return t(short ? 'kiosk.short.full' : 'kiosk.full');
  const again = opensText(opens, here(), t);
  return short && again ? again : [t('kiosk.closed'), again].filter(Boolean).join('\u00a0· ');
}

function here() {
  return { now: live.now(), zone: live.state.board?.sucursal.zona, lang: i18n.lang };
}

/** @param {Board} board */
function renderClosed(board) {
  const closed = closing(board);
  if (!closed) return;
  setText(find('[data-closed-title]'), t(closed.byHand ? 'kiosk.closed.day' : closed.serving ? 'kiosk.closed.last' : 'kiosk.closed.now'));
  setText(find('[data-closed-opens]'), opensText(closed.opens, here(), t));
  setText(find('[data-closed-hint]'), t(closed.serving ? 'kiosk.closed.waiting' : 'kiosk.closed.thanks'));
}

/** @param {Board} board */
function renderClasses(board) {
  const service = serviceOf(board, chosen ?? undefined);
  if (service) {
    find('[data-chosen-badge]').dataset.tone = toneOf(board, service.id);
    setText(find('[data-chosen-badge]'), service.prefijo);
    setText(find('[data-chosen-name]'), nameIn(service.nombre, i18n.lang));
    setText(find('[data-chosen-note]'), queueText(service));
  }
  const list = find('[data-classes]');
  const classes = [{ id: '', nombre: t('kiosk.normal') }, ...board.clases];
  arrange(list, classes.length);
  keyed(list, classes, (item) => item.id, (item) => card(() => take(item.id || null)), (node, item) => {
    setAttribute(find('button', node), 'data-class', item.id);
    setText(find('.badge', node), item.id ? '★' : '→');
    label(node, nameIn(item.nombre, i18n.lang));
    setText(find('.note', node), t(item.id ? 'kiosk.class.hint' : 'kiosk.normal.hint'));
  });
}

/** As large as they can be on one screen, lying or standing. @param {HTMLElement} list @param {number} count @returns {boolean} whether there are many */
function arrange(list, count) {
  const wide = count <= 3 ? count : count === 4 ? 2 : count <= 12 ? 3 : count <= 20 ? 4 : 5;
  list.dataset.size = count === 1 ? 'one' : count <= 4 ? 'few' : count <= 12 ? 'some' : 'many';
  list.style.setProperty('--wide', String(Math.max(1, wide)));
  list.style.setProperty('--tall', String(count <= 8 ? 1 : 2));
  return count > 12;
}

/** @param {() => void} onclick */
function card(onclick) {
  return el('li', {}, el('button', { type: 'button', class: 'card', onclick },
    el('span', { class: 'badge', 'aria-hidden': 'true' }), el('span', { class: 'words' }, el('span', { class: 'name' }), el('span', { class: 'note' }))));
}

/** @param {import('../lib/board.js').Board} board @param {import('../lib/types.js').Ticket} mine */
function renderTicket(board, mine) {
  const service = serviceOf(board, mine.servicio);
  setText(find('[data-code]'), mine.codigo);
  find('[data-code]').style.setProperty('--length', String(mine.codigo.length));
  const badge = find('[data-badge]');
  badge.dataset.tone = toneOf(board, mine.servicio);
  setText(badge, service?.prefijo ?? '');
  setText(find('[data-service]', find('[data-name="ticket"]')), nameIn(service?.nombre, i18n.lang) || mine.servicio);
  setText(find('[data-ahead]'), aheadText(mine));
  find('[data-estimate]').hidden = !mine.espera;
  setText(find('[data-estimate-text]'), waitText(mine.espera, t));
  setText(find('[data-issued-at]'), clock(mine.emitido, i18n.lang, board.sucursal.zona));
  const priority = board.clases.find((item) => item.id === mine.prioridad);
  find('[data-class]', find('[data-name="ticket"]')).hidden = !priority;
  setText(find('[data-class]', find('[data-name="ticket"]')), nameIn(priority?.nombre, i18n.lang));
}

/** How many came before says nothing about who is called with priority. @param {import('../lib/types.js').Ticket} mine */
function aheadText({ delante: n, prioridad }) {
  if (!n) return t('kiosk.first');
  return prioridad ? t('kiosk.preferred') : t('kiosk.ahead', { n });
}

/** @param {import('../lib/types.js').Ticket} mine */
function estimateText({ espera }) {
  return espera ? `${t('kiosk.estimate')}: ${waitText(espera, t)}` : '';
}

/** @param {Board|null} board */
function renderRefusal(board) {
  const { code, msg, again: may, opens } = refusal;
  const full = code === 'quota_reached' || code === 'no_numbers_left';
  const service = board && (full || code === 'closed') ? serviceOf(board, refusal.service ?? undefined) : undefined;
  const about = find('[data-refused-service]');
  about.hidden = !service;
  if (board && service) {
    find('.badge', about).dataset.tone = toneOf(board, service.id);
    setText(find('.badge', about), service.prefijo);
    setText(find('.name', about), nameIn(service.nombre, i18n.lang));
  }
  setText(find('[data-refused-title]'), t(full ? 'kiosk.full' : code === 'closed' ? 'kiosk.closed.now' : 'kiosk.sorry'));
  const again = code === 'closed' ? opensText(opens ?? service?.abre, here(), t) : '';
  setText(find('[data-refused-opens]'), again);
  const key = `error.${code}`;
  const words = may ? t('kiosk.unknown') : i18n.has(key) ? t(key) : msg;
  setText(find('[data-reason]'), full ? t('kiosk.full.hint') : code === 'closed' ? (again ? '' : t('kiosk.closed.ask')) : words);
  find('[data-action="retry"]').hidden = !may;
}

function renderTime() {
  const { board } = live.state;
  if (board) setText(find('[data-clock]'), clock(live.now(), i18n.lang, board.sucursal.zona));
  if (screen === 'ticket') setText(find('[data-seconds]'), Math.max(0, Math.ceil((leavesAt - Date.now()) / 1000)));
}
