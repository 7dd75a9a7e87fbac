// Desk: an agent calls, serves and finishes tickets, by keyboard or mouse.
//
// For tests: `#desk` has `data-state` (connecting | live | stale | offline), `data-screen` (choose | work), `data-desk` (its number),
// `data-code` and `data-ticket-state` of the ticket it holds (or empty) and `data-busy` while a command is on its way. Buttons have
// `data-do` (next, start, finish, finishNext, recall, absent, back); rows of the queue `data-code` and a button `data-call`;
// `[data-error]` has `data-error-code`. `?escritorio=2` chooses the desk. What staff write to each other is in talk-panel.js.

import { deskOf, serves, serviceOf } from '../lib/board.js';
import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { I18n, nameIn } from '../lib/i18n.js';
import { intend, perform } from '../lib/intent.js';
import { Live } from '../lib/live.js';
import { keepChoices, languageSwitch, toneOf } from '../lib/page.js';
import { clock, minutes, stopwatch } from '../lib/time.js';
import { actionsFor, EVENTS, KEYS, waitingFor, whyNotCall } from './actions.js';
import { TalkPanel } from './talk-panel.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Desk} Desk */
/** @typedef {import('../lib/types.js').Ticket} Ticket */
/** @typedef {import('./actions.js').ActionName} ActionName */

/** Rows that are built; more are found by searching. */
const ROWS = 150;
/** An agent looks at the screen: after this long without an answer it is better to say so. */
const PATIENCE = 12_000;
/** The second press of a double press, after the first one has already changed the state, does nothing. */
const SETTLE = 400;
const MESSAGE_STAYS = 6000;
const SAVED = 'siguiente.escritorio';
const TALK_KEY = 'M';

const root = find('#desk');
const i18n = await new I18n().load();
const query = new URLSearchParams(location.search);

const talk = new TalkPanel(i18n, commonName);

/** @type {number|null} */ let mine = wanted();
/** @type {Live} */ let live = connect();
/** @type {string|null} the action on its way */ let busy = null;
let settledAt = 0;
/** @type {{key: string, code: string, msg: string}|null} */ let failure = null;
/** @type {string} */ let filter = 'mine';
/** @type {ReturnType<typeof setTimeout>|undefined} */ let fading;

languageSwitch(i18n);
keepChoices(document);
i18n.onChange(render);
setInterval(renderTime, 500);

find('[data-action="change"]').addEventListener('click', leave);
find('[data-action="help"]').addEventListener('click', () => dialog('help').showModal());
find('[data-search]').addEventListener('input', render);
for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-place]'))) {
  button.addEventListener('click', () => putBack(button.dataset.place ?? 'final'));
}
document.addEventListener('keydown', pressed);

function wanted() {
  const text = query.get('escritorio') ?? recall();
  const id = Number(/\d+$/.exec(text ?? '')?.[0] ?? NaN);
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}

/** Before a desk is chosen this is a public screen: it only needs the list of desks. Each choice gets a connection of its own. */
function connect() {
  const link = new Live({ join: mine === null ? ['entrar-pantalla', {}] : ['entrar-puesto', { escritorio: mine }], idioma: () => i18n.lang });
  queueMicrotask(() => {
    link.subscribe(render);
    if (mine !== null) talk.attach(link);
  });
  return link;
}

/** @param {number} id */
function choose(id) {
  mine = id;
  remember(String(id));
  const url = new URL(location.href);
  url.searchParams.set('escritorio', String(id));
  history.replaceState(null, '', url);
  reconnect();
}

function leave() {
  if (busy) return;
  mine = null;
  remember(null);
  const url = new URL(location.href);
  url.searchParams.delete('escritorio');
  history.replaceState(null, '', url);
  reconnect();
}

function reconnect() {
  live.close();
  failure = null;
  busy = null;
  say('');
  talk.detach();
  live = connect();
}

/** @returns {string|null} */
function recall() {
  try {
    return localStorage.getItem(SAVED);
  } catch {
    return null;
  }
}

/** @param {string|null} id */
function remember(id) {
  try {
    if (id === null) localStorage.removeItem(SAVED);
    else localStorage.setItem(SAVED, id);
  } catch {
    // no storage: the address remembers
  }
}

/** @returns {Desk|undefined} */
function myDesk() {
  return live.state.board ? deskOf(live.state.board, mine) : undefined;
}

/** What the others know this desk by, whatever language the agent reads. */
function commonName() {
  const desk = myDesk();
  return desk ? nameIn(desk.nombre, live.state.board?.sucursal.idiomas[0] ?? i18n.lang) : null;
}

/** @param {ActionName} name */
function act(name) {
  const { board, ready } = live.state;
  const desk = myDesk();
  if (busy || !board || !desk || Date.now() - settledAt < SETTLE) return;
  if (!ready) return void say(i18n.t('desk.why.offline'));
  const action = actionsFor(board, desk).find((candidate) => candidate.name === name);
  if (!action) return;
  if (action.why) return void say(i18n.t(action.why));
  if (name === 'back') {
    say('');
    return dialog('back').showModal();
  }
  // The ticket that the agent sees goes along: if the desk holds another one by now, nothing happens.
  const guard = desk.ticket?.id ?? desk.ticket?.codigo;
  const steps = name === 'finishNext' ? /** @type {const} */ (['finish', 'next']) : [name];
  void carryOut(name, steps.map((step) => [EVENTS[step], { escritorio: mine, ...(step !== 'next' && guard ? { ticket: guard } : {}) }]), name);
}

/** @param {Ticket} ticket a waiting one */
function callThis(ticket) {
  const desk = myDesk();
  if (busy || !desk || !live.state.ready || Date.now() - settledAt < SETTLE) return;
  const why = whyNotCall(desk, ticket);
  if (why) return void say(i18n.t(why));
  void carryOut(`call ${ticket.codigo}`, [[EVENTS.next, { escritorio: mine, ticket: ticket.id }]], 'next');
}

/** @param {string} place */
function putBack(place) {
  dialog('back').close();
  const ticket = myDesk()?.ticket;
  if (busy || !ticket || !live.state.ready) return;
  void carryOut('back', [[EVENTS.back, { escritorio: mine, ticket: ticket.id ?? ticket.codigo, posicion: place }]], 'back');
}

/**
 * One key for each step, kept over retries. The board changes when the change arrives, never before.
 * @param {string} what @param {Array<[event: string, payload: object]>} steps @param {ActionName} name
 */
async function carryOut(what, steps, name) {
  const link = live;
  busy = what;
  failure = null;
  say('');
  render();
  for (const [event, payload] of steps) {
    const result = await perform(link, intend(event, payload), { patience: PATIENCE });
    if (link !== live) return;
    if (result.kind === 'refused') failure = { key: `error.${result.code}`, code: result.code, msg: result.msg };
    else if (result.kind === 'unknown') failure = { key: 'desk.unknown', code: 'unknown', msg: '' };
    if (failure) break;
    if (event === EVENTS[name === 'finishNext' ? 'next' : /** @type {keyof typeof EVENTS} */ (name)] && result.kind === 'done' && result.ticket) {
      say(i18n.t(`desk.done.${name === 'finishNext' ? 'next' : name}`, { code: result.ticket.codigo }), 'done');
    }
  }
  busy = null;
  settledAt = Date.now();
  render();
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (dialog('back').open) {
    const place = /** @type {Record<string, string>} */ ({ 1: 'llegada', 2: 'inicio', 3: 'final' })[event.key];
    if (place) putBack(place);
    return;
  }
  if (document.querySelector('dialog[open]')) return;
  if (event.key === 'Escape') {
    const search = /** @type {HTMLInputElement} */ (find('[data-search]'));
    search.value = '';
    failure = null;
    target.blur();
    return render();
  }
  if (target.matches('input, textarea, select, [contenteditable]')) return;
  if (event.key === '?') return dialog('help').showModal();
  if (root.dataset.screen !== 'work') return;
  if (event.key === '/') {
    event.preventDefault();
    return find('[data-search]').focus();
  }
  if (event.key.toUpperCase() === TALK_KEY) {
    event.preventDefault();
    return talk.toggle();
  }
  // On a button the space bar presses that button.
  const key = event.key === ' ' && !target.matches('button, a') ? 'N' : event.key.toUpperCase();
  const { board } = live.state;
  const desk = myDesk();
  const action = board && desk && actionsFor(board, desk).find((candidate) => candidate.key === key);
  if (!action) return;
  event.preventDefault();
  act(action.name);
}

/** @param {string} name @returns {HTMLDialogElement} */
function dialog(name) {
  return find(`[data-dialog="${name}"]`);
}

/** @param {string} text @param {'why'|'done'} [kind] */
function say(text, kind = 'why') {
  clearTimeout(fading);
  find('[data-message]').dataset.kind = kind;
  setText(find('[data-message]'), text);
  if (text) fading = setTimeout(() => setText(find('[data-message]'), ''), MESSAGE_STAYS);
}

function render() {
  const { board, link, ready, refusal } = live.state;
  const desk = myDesk();
  const unknownDesk = mine !== null && (refusal?.code === 'unknown_desk' || Boolean(board && !desk));
  const screen = mine === null || unknownDesk ? 'choose' : 'work';
  root.dataset.state = link;
  root.dataset.screen = screen;
  setAttribute(root, 'data-desk', mine === null ? null : String(mine));
  setAttribute(root, 'data-busy', busy);
  root.dataset.code = desk?.ticket?.codigo ?? '';
  root.dataset.ticketState = desk?.ticket?.estado ?? '';
  find('[data-name="choose"]').hidden = screen !== 'choose';
  find('[data-name="work"]').hidden = screen !== 'work';
  find('[data-action="change"]').hidden = screen !== 'work';
  find('.link-pill').dataset.link = link;
  setText(find('[data-link-text]'), i18n.t(`link.${link}`));
  renderKeys();
  talk.render();
  if (unknownDesk) {
    const error = find('[data-choose-error]');
    error.hidden = false;
    setText(error, i18n.t('desk.noSuchDesk', { desk: String(mine) }));
    return void leave();
  }
  if (board) {
    i18n.branch(board.sucursal.idiomas);
    setText(find('[data-branch]'), board.sucursal.nombre);
    setText(find('[data-desk-name]'), desk && screen === 'work' ? nameIn(desk.nombre, i18n.lang) : i18n.t('desk.heading'));
    if (screen === 'choose') renderChoice(board);
    else if (desk) renderWork(board, desk, ready);
    document.title = desk && screen === 'work' ? `${desk.ticket ? `${desk.ticket.codigo} · ` : ''}${nameIn(desk.nombre, i18n.lang)} · siguiente` : i18n.t('desk.title');
  } else if (mine !== null) {
    setText(find('[data-idle-text]'), i18n.t('link.connecting'));
  }
  renderTime();
}

/** @param {Board} board */
function renderChoice(board) {
  const list = find('[data-desks]');
  keyed(list, board.escritorios, (desk) => desk.id, (desk) => el('li', {}, el('button', { type: 'button', class: 'place', 'data-choose': desk.id, onclick: () => choose(desk.id) },
    el('span', { class: 'number' }, String(desk.id)), el('strong'), el('span', { class: 'note' }), el('span', { class: 'letters' }))), (node, desk) => {
    setText(find('strong', node), nameIn(desk.nombre, i18n.lang));
    setText(find('.note', node), desk.ticket ? i18n.t('desk.serves', { code: desk.ticket.codigo }) : i18n.t('desk.free'));
    const served = board.servicios.filter((service) => serves(desk, service.id));
    keyed(find('.letters', node), served, (service) => service.id, () => el('span', { class: 'badge' }), (badge, service) => {
      badge.dataset.tone = toneOf(board, service.id);
      setText(badge, service.prefijo);
      setAttribute(badge, 'title', nameIn(service.nombre, i18n.lang));
    });
  });
}

/** @param {Board} board @param {Desk} desk @param {boolean} ready */
function renderWork(board, desk, ready) {
  renderTicket(board, desk);
  renderActions(board, desk, ready);
  renderFilters(board, desk);
  renderQueue(board, desk, ready);
  renderOthers(board);
}

/** @param {Board} board @param {Desk} desk */
function renderTicket(board, desk) {
  const { ticket } = desk;
  const card = find('[data-ticket]');
  card.dataset.ticketState = ticket?.estado ?? 'none';
  find('[data-held]').hidden = !ticket;
  find('[data-idle]').hidden = Boolean(ticket);
  if (!ticket) {
    const count = waitingFor(board, desk);
    setText(find('[data-idle-text]'), i18n.t(count ? 'desk.idle' : 'desk.idle.nobody'));
    setText(find('[data-idle-hint]'), count ? i18n.t('desk.idle.waiting', { n: count }) : i18n.t('desk.idle.nobody.hint'));
    return;
  }
  setText(find('[data-state-text]'), i18n.t(`state.${ticket.estado}`));
  const code = find('[data-code]', card);
  setText(code, ticket.codigo);
  code.style.setProperty('--length', String(ticket.codigo.length));
  const service = serviceOf(board, ticket.servicio);
  find('[data-badge]').dataset.tone = toneOf(board, ticket.servicio);
  setText(find('[data-badge]'), service?.prefijo ?? '');
  setText(find('[data-service]', card), nameIn(service?.nombre, i18n.lang) || ticket.servicio);
  setText(find('[data-language]'), ticket.idioma ? i18n.t(`language.${ticket.idioma}`) : '');
  find('[data-language]').hidden = !ticket.idioma || ticket.idioma === i18n.lang;
  const priority = board.clases.find((item) => item.id === ticket.prioridad);
  find('[data-priority]').hidden = !priority;
  setText(find('[data-priority]'), nameIn(priority?.nombre, i18n.lang));
  find('[data-person]').hidden = !ticket.nombre;
  setText(find('[data-person]'), ticket.nombre ?? '');
  setText(find('[data-calls]'), ticket.veces ?? '–');
}

/** @param {Board} board @param {Desk} desk @param {boolean} ready */
function renderActions(board, desk, ready) {
  keyed(find('[data-buttons]'), actionsFor(board, desk), (action) => action.name, ({ name }) => el('button', { type: 'button', class: 'act', 'data-do': name, onclick: () => act(name) },
    el('span', { class: 'what' }), el('kbd'), el('span', { class: 'why' })), (node, action) => {
    const why = busy ? null : ready ? action.why : 'desk.why.offline';
    node.classList.toggle('primary', action.primary);
    setAttribute(node, 'aria-disabled', busy || why ? 'true' : null);
    setAttribute(node, 'data-running', busy === action.name);
    setAttribute(node, 'aria-keyshortcuts', action.key);
    setText(find('.what', node), i18n.t(`desk.do.${action.name}`));
    setText(find('kbd', node), action.key);
    setText(find('.why', node), why ? i18n.t(why) : '');
  });
  const error = find('[data-error]');
  error.hidden = !failure;
  setAttribute(error, 'data-error-code', failure?.code);
  if (failure) setText(error, i18n.has(failure.key) ? i18n.t(failure.key) : failure.msg);
}

/** @param {Board} board @param {Desk} desk */
function renderFilters(board, desk) {
  const all = board.servicios.every((service) => serves(desk, service.id));
  const choices = [
    ...(all ? [] : [{ id: 'mine', prefijo: '', nombre: i18n.t('desk.filter.mine'), esperando: waitingFor(board, desk) }]),
    { id: 'all', prefijo: '', nombre: i18n.t('desk.filter.all'), esperando: board.esperando },
    ...(board.servicios.length > 1 ? board.servicios : []),
  ];
  if (!choices.some((choice) => choice.id === filter)) filter = all ? 'all' : 'mine';
  setAttribute(find('[data-filters]'), 'data-dense', board.servicios.length > 4);
  keyed(find('[data-filters]'), choices, (choice) => choice.id, (choice) => el('button', { type: 'button', class: 'filter', 'data-filter': choice.id, onclick: () => { filter = choice.id; render(); } },
    el('span', { class: 'badge' }), el('span', { class: 'name' }), el('b')), (node, choice) => {
    setAttribute(node, 'aria-pressed', String(choice.id === filter));
    const badge = find('.badge', node);
    badge.hidden = !choice.prefijo;
    badge.dataset.tone = toneOf(board, choice.id);
    setText(badge, choice.prefijo);
    setText(find('.name', node), nameIn(choice.nombre, i18n.lang));
    setText(find('b', node), choice.esperando);
    setAttribute(node, 'title', nameIn(choice.nombre, i18n.lang));
  });
}

/** @param {Board} board @param {Desk} desk @param {boolean} ready */
function renderQueue(board, desk, ready) {
  const wish = /** @type {HTMLInputElement} */ (find('[data-search]')).value.trim().toLowerCase();
  const tickets = (board.tickets ?? []).filter((ticket) =>
    (filter === 'all' || (filter === 'mine' ? serves(desk, ticket.servicio) : ticket.servicio === filter))
    && (!wish || ticket.codigo.toLowerCase().includes(wish) || (ticket.nombre ?? '').toLowerCase().includes(wish)));
  setText(find('[data-waiting]'), new Intl.NumberFormat(i18n.lang).format(board.esperando));
  keyed(find('[data-rows]'), tickets.slice(0, ROWS), (ticket) => ticket.id, (ticket) => el('li', { 'data-code': ticket.codigo },
    el('span', { class: 'badge' }), el('span', { class: 'code' }), el('span', { class: 'person' }), el('span', { class: 'chip call' }), el('span', { class: 'since' }),
    el('button', { type: 'button', class: 'ghost', 'data-call': ticket.codigo, onclick: () => callThis(ticket) })), (node, ticket) => {
    const badge = find('.badge', node);
    badge.dataset.tone = toneOf(board, ticket.servicio);
    const service = serviceOf(board, ticket.servicio);
    setText(badge, service?.prefijo ?? '');
    setAttribute(badge, 'title', nameIn(service?.nombre, i18n.lang));
    setText(find('.code', node), ticket.codigo);
    setText(find('.person', node), ticket.nombre || nameIn(service?.nombre, i18n.lang));
    const priority = board.clases.find((item) => item.id === ticket.prioridad);
    find('.chip', node).hidden = !priority;
    setText(find('.chip', node), nameIn(priority?.nombre, i18n.lang));
    const since = find('.since', node);
    since.dataset.since = String(ticket.emitido);
    setText(since, minutes(live.now() - ticket.emitido));
    const button = find('button', node);
    const why = ready ? whyNotCall(desk, ticket) : 'desk.why.offline';
    setAttribute(button, 'aria-disabled', busy || why ? 'true' : null);
    setAttribute(button, 'title', why ? i18n.t(why) : null);
    setAttribute(button, 'aria-label', i18n.t('desk.callThis', { code: ticket.codigo }));
    setAttribute(button, 'data-running', busy === `call ${ticket.codigo}`);
    setText(button, i18n.t('desk.call'));
  });
  const none = find('[data-none]');
  none.hidden = tickets.length > 0 && tickets.length <= ROWS;
  setText(none, tickets.length > ROWS ? i18n.t('desk.more', { n: tickets.length - ROWS }) : i18n.t(wish ? 'desk.none.found' : 'desk.none.waiting'));
}

/** @param {Board} board */
function renderOthers(board) {
  const others = board.escritorios.filter((desk) => desk.id !== mine);
  find('.others').hidden = others.length === 0;
  keyed(find('[data-others]'), others, (desk) => desk.id, () => el('li', {}, el('span', { class: 'name' }), el('b'), el('span', { class: 'note' })), (node, desk) => {
    setText(find('.name', node), nameIn(desk.nombre, i18n.lang));
    setText(find('b', node), desk.ticket?.codigo ?? '');
    setText(find('.note', node), desk.ticket ? i18n.t(`state.${desk.ticket.estado}`) : i18n.t('desk.free'));
    node.dataset.ticketState = desk.ticket?.estado ?? 'none';
  });
}

function renderKeys() {
  const entries = [...Object.entries(KEYS).filter(([name]) => name !== 'finishNext').map(([name, key]) => [name === 'next' ? `${key} · ␣` : key, i18n.t(`desk.do.${name}`)]),
    [TALK_KEY, i18n.t('talk.open')], ['/', i18n.t('desk.search')], ['?', i18n.t('desk.help.title')], ['Esc', i18n.t('desk.escape')]];
  keyed(find('[data-keys]'), entries, ([key]) => key ?? '', () => el('div', {}, el('dt', {}, el('kbd')), el('dd')), (node, [key, text]) => {
    setText(find('kbd', node), key ?? '');
    setText(find('dd', node), text ?? '');
  });
}

function renderTime() {
  const { board, link, since } = live.state;
  const banner = find('[data-banner]');
  const lost = link === 'offline' || link === 'stale';
  banner.hidden = !lost;
  if (lost) setText(banner, i18n.t('desk.offline', { time: clock((since ?? Date.now()) + live.now() - Date.now(), i18n.lang, board?.sucursal.zona) }));
  if (!board) return;
  const now = live.now();
  setText(find('[data-clock]'), clock(now, i18n.lang, board.sucursal.zona));
  const ticket = myDesk()?.ticket;
  if (ticket) {
    const serving = ticket.estado === 'atendiendo';
    const from = serving ? (ticket.iniciado ?? ticket.llamado) : ticket.llamado;
    setText(find('[data-timer-label]'), i18n.t(serving ? 'desk.serving.for' : 'desk.called.for'));
    // Without news there is no telling how long it really has been.
    setText(find('[data-timer]'), from && !lost ? stopwatch(now - from) : '–');
    setText(find('[data-waited]'), ticket.emitido ? minutes((ticket.llamado ?? now) - ticket.emitido) : '–');
  }
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-since]'))) setText(node, minutes(now - Number(node.dataset.since)));
}
