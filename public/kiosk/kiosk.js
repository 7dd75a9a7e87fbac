// Kiosk: a visitor chooses a service and takes a number.
//
// For tests: `#kiosk` has `data-state` (connecting | ready | offline), `data-screen` (start | priority | issuing | ticket | refused) and, on the
// ticket screen, `data-issued` with the code. Choices are buttons with `data-service="caja"` and `data-class=""` (normal) or
// `data-class="prioridad"`; others have `data-action` (back, done, retry, home). `?espera=8` sets how many seconds the ticket stays.

import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { I18n, nameIn } from '../lib/i18n.js';
import { intend, perform } from '../lib/intent.js';
import { Live } from '../lib/live.js';
import { languageSwitch, toneOf } from '../lib/page.js';
import { serviceOf } from '../lib/board.js';
import { clock } from '../lib/time.js';

/** @typedef {'start'|'priority'|'issuing'|'ticket'|'refused'} Screen */

/** A half-made choice is forgotten after this, and so is a chosen language. */
const IDLE = 30_000;
/** After a change of screens nothing can be touched for this long: the second tap of a double tap chooses nothing. */
const SETTLE = 350;
/** How long a number is asked for before the visitor is told that it did not work. */
const PATIENCE = 20_000;
const STAY = Math.min(60, Math.max(3, Number(new URLSearchParams(location.search).get('espera')) || 8)) * 1000;
const PENDING = 'siguiente.pendiente';

const root = find('#kiosk');
const i18n = await new I18n({ remember: false }).load();
const live = new Live({ join: ['entrar-pantalla', {}], idioma: () => i18n.lang });

/** @type {Screen} */ let screen = 'start';
/** @type {string|null} the service chosen, while the class is asked for */ let chosen = null;
/** @type {import('../lib/intent.js').Intent|null} */ let intent = null;
/** @type {import('../lib/types.js').Ticket|null} */ let ticket = null;
let refusal = { code: '', msg: '', again: false };
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
  if (event.key === 'Escape' && (screen === 'priority' || screen === 'ticket' || screen === 'refused')) restart();
});
document.addEventListener('contextmenu', (event) => event.preventDefault());
for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-action]'))) {
  button.addEventListener('click', () => (button.dataset.action === 'retry' ? again() : restart()));
}

resume();

/** @param {string} service */
function choose(service) {
  const { board, ready } = live.state;
  if (!ready || !board || screen !== 'start') return;
  chosen = service;
  if (board.clases.length) show('priority');
  else take(null);
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
    refusal = { code: result.code, msg: result.msg, again: false };
  } else {
    refusal = { code: 'unknown', msg: '', again: true };
  }
  show('refused');
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
    find(`[data-name="${name}"] h1`).focus({ preventScroll: true });
  }, SETTLE);
  stay();
  render();
  scrollTo({ top: 0 });
  if (name === 'ticket' && ticket) setText(find('[data-said]'), i18n.t('kiosk.said', { code: ticket.codigo }));
}

/** Starts the time after which the kiosk goes back to its start by itself. */
function stay() {
  clearTimeout(leaving);
  const ms = screen === 'ticket' ? STAY : screen === 'issuing' ? 0 : IDLE;
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
  const { board, link, ready } = live.state;
  const lost = link === 'offline' || link === 'stale';
  root.dataset.state = ready ? 'ready' : lost ? 'offline' : 'connecting';
  root.dataset.screen = screen;
  setAttribute(root, 'data-issued', screen === 'ticket' && ticket ? ticket.codigo : null);
  if (board) {
    i18n.branch(board.sucursal.idiomas);
    setText(find('[data-branch]'), board.sucursal.nombre);
    renderServices(board);
    renderClasses(board);
  }
  for (const section of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.screen'))) {
    section.hidden = section.dataset.name !== screen;
    const locked = settling !== undefined || (!ready && (screen === 'start' || screen === 'priority'));
    if (section.inert !== locked) section.inert = locked;
  }
  // Who waits for a number, or reads one, is not interrupted by the sign: `issue` tells how it ended.
  find('[data-out]').hidden = !lost || (screen !== 'start' && screen !== 'priority');
  setText(find('[data-issuing-text]'), i18n.t(ready ? 'kiosk.issuing' : 'kiosk.reconnecting'));
  if (board && ticket) renderTicket(board, ticket);
  renderRefusal();
  renderTime();
}

/** @param {import('../lib/board.js').Board} board */
function renderServices(board) {
  const list = find('[data-services]');
  list.dataset.count = String(board.servicios.length);
  setAttribute(list, 'data-dense', board.servicios.length > 6);
  keyed(list, board.servicios, (service) => service.id, (service) => card(() => choose(service.id)), (node, service) => {
    const button = find('button', node);
    const { id } = service;
    setAttribute(button, 'data-service', id);
    button.dataset.tone = toneOf(board, id);
    setText(find('.badge', node), service.prefijo);
    setText(find('.name', node), nameIn(service.nombre, i18n.lang));
    setText(find('.note', node), service.esperando ? i18n.t('kiosk.waiting', { n: service.esperando }) : i18n.t('kiosk.nobody'));
  });
}

/** @param {import('../lib/board.js').Board} board */
function renderClasses(board) {
  const list = find('[data-classes]');
  const classes = [{ id: '', nombre: i18n.t('kiosk.normal') }, ...board.clases];
  list.dataset.count = String(classes.length);
  keyed(list, classes, (item) => item.id, (item) => card(() => take(item.id || null)), (node, item) => {
    setAttribute(find('button', node), 'data-class', item.id);
    setText(find('.badge', node), item.id ? '★' : '→');
    setText(find('.name', node), nameIn(item.nombre, i18n.lang));
    setText(find('.note', node), i18n.t(item.id ? 'kiosk.class.hint' : 'kiosk.normal.hint'));
  });
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
  // How many came before says nothing about who is called with priority.
  const ahead = mine.prioridad ? i18n.t('kiosk.preferred') : i18n.t('kiosk.ahead', { n: mine.delante ?? 0 });
  setText(find('[data-ahead]'), mine.delante ? ahead : i18n.t('kiosk.first'));
  setText(find('[data-issued-at]'), clock(mine.emitido, i18n.lang, board.sucursal.zona));
  const priority = board.clases.find((item) => item.id === mine.prioridad);
  find('[data-class]', find('[data-name="ticket"]')).hidden = !priority;
  setText(find('[data-class]', find('[data-name="ticket"]')), nameIn(priority?.nombre, i18n.lang));
}

function renderRefusal() {
  const key = `error.${refusal.code}`;
  setText(find('[data-reason]'), refusal.again ? i18n.t('kiosk.unknown') : i18n.has(key) ? i18n.t(key) : refusal.msg);
  find('[data-action="retry"]').hidden = !refusal.again;
}

function renderTime() {
  const { board } = live.state;
  if (board) setText(find('[data-clock]'), clock(live.now(), i18n.lang, board.sucursal.zona));
  if (screen === 'ticket') setText(find('[data-seconds]'), Math.max(0, Math.ceil((leavesAt - Date.now()) / 1000)));
}
