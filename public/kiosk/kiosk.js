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
import { closing, opensText, standing, waitText } from '../lib/outlook.js';
import { branchInAddress, languageSwitch, toneOf } from '../lib/page.js';
import { serviceOf } from '../lib/board.js';
import { clock } from '../lib/time.js';
import { step } from './arrows.js';
import { arrange, card, fillGroup, fillService, nameCard } from './cards.js';
import { renderFollow } from './follow.js';
import { forgetPending, keepPending, pending } from './pending.js';
import { beginning, entries, trail } from './tree.js';
import { aheadText, estimateText, queueText } from './words.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {'start'|'closed'|'priority'|'issuing'|'ticket'|'refused'} Screen */

/** A half-made choice is forgotten after this, and so is a chosen language. */
const IDLE = 30_000;
/** A notice that needs no answer stays shorter. */
const NOTICE = 15_000;
/** After a change of screens nothing can be touched for this long: the second tap of a double tap chooses nothing. */
const SETTLE = 350;
/** How long a number is asked for before the visitor is told that it did not work. */
const PATIENCE = 20_000;
const STAY = Math.min(60, Math.max(3, Number(new URLSearchParams(location.search).get('espera')) || 8)) * 1000;

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
i18n.onChange(() => render());
setInterval(renderTime, 250);

document.addEventListener('pointerdown', () => touched(), { capture: true });
document.addEventListener('keydown', (event) => {
  touched();
  if (event.key === 'Escape') back();
  else if (event.key.startsWith('Arrow')) step(event, find(`[data-name="${screen}"]`));
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
  intent = pending(PATIENCE);
  if (intent) void issue();
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
  if (name === 'ticket' && ticket) setText(find('[data-said]'), [t('kiosk.said', { code: ticket.codigo }), aheadText(ticket, t), estimateText(ticket, t)].filter(Boolean).join('. '));
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
    if (entry.kind === 'group') fillGroup(node, board, entry, many, here());
    else fillService(node, board, entry.service, many, here());
  });
}

/** Where and when it is read. @returns {import('./words.js').Here} */
function here() {
  return { now: live.now(), zone: live.state.board?.sucursal.zona, lang: i18n.lang, t };
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
    setText(find('[data-chosen-note]'), queueText(service, here()));
  }
  const list = find('[data-classes]');
  const classes = [{ id: '', nombre: t('kiosk.normal') }, ...board.clases];
  const many = arrange(list, classes.length);
  keyed(list, classes, (item) => item.id, (item) => card(() => take(item.id || null)), (node, item) => {
    setAttribute(find('button', node), 'data-class', item.id);
    setText(find('.badge', node), item.id ? '★' : '→');
    nameCard(node, nameIn(item.nombre, i18n.lang), many);
    setText(find('.note', node), t(item.id ? 'kiosk.class.hint' : 'kiosk.normal.hint'));
  });
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
  setText(find('[data-ahead]'), aheadText(mine, t));
  find('[data-estimate]').hidden = !mine.espera;
  setText(find('[data-estimate-text]'), waitText(mine.espera, t));
  setText(find('[data-issued-at]'), clock(mine.emitido, i18n.lang, board.sucursal.zona));
  renderFollow(mine, board.sucursal, t);
  const priority = board.clases.find((item) => item.id === mine.prioridad);
  find('[data-class]', find('[data-name="ticket"]')).hidden = !priority;
  setText(find('[data-class]', find('[data-name="ticket"]')), nameIn(priority?.nombre, i18n.lang));
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
