// Display: shows and announces the calls.
//
// For tests: `#display` has `data-state` (connecting | live | stale | offline), `data-announcing` (number of the call being announced, or empty),
// `data-announced` (number of the last call whose announcement began), `data-queue` (calls that wait to be announced), `data-sound`
// (off | missing | blocked | ready). Each announcement adds an item to `[data-log]` with `data-call`, `data-code`, `data-desk`, `data-chimed`
// and the announced text. `?voz=1` speaks, `?sonido=0` is mute. The language switch appears while the pointer moves; a wall uses `?lang=`.

import { deskOf, serviceOf } from '../lib/board.js';
import { hear, hush, learn, next, showTime, shown, silent } from '../lib/calls.js';
import { Chime, CHIME_SECONDS } from '../lib/chime.js';
import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { I18n, nameIn } from '../lib/i18n.js';
import { Live } from '../lib/live.js';
import { languageSwitch, toneOf } from '../lib/page.js';
import { speak, spokenCode } from '../lib/speech.js';
import { clock, date, stopwatch } from '../lib/time.js';
import { TickerLine } from './ticker.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Call} Call */

const RECENT = 6;
const LOG_KEPT = 30;
/** The picture moves by a few pixels now and then, so that it does not burn into the panel. */
const DRIFT_EVERY = 60_000;
const DRIFT = [[0, 0], [3, 1], [4, 4], [1, 5], [-2, 3], [-4, 0], [-2, -3], [2, -4]];
const POINTER_HIDES = 3000;

const query = new URLSearchParams(location.search);
const mute = query.get('sonido') === '0';
const voice = query.get('voz') === '1';

const root = find('#display');
const i18n = await new I18n().load();
const chime = mute ? null : new Chime();
const live = new Live({ join: ['entrar-pantalla', {}], idioma: () => i18n.lang });

const ticker = new TickerLine();

let announcer = silent();
/** @type {string|null|undefined} */ let day;
/** @type {Call|null} */ let announcing = null;
/** Calls that were on the screen: in a rush the board's own list holds only calls that are still to be announced. @type {Call[]} */
let history = [];

languageSwitch(i18n);
live.onCalls((news) => {
  if (news.kind === 'learned' && news.forget) history = [];
  announcer = news.kind === 'live' ? hear(announcer, news.call) : learn(announcer, news.numbers, news);
  announce();
  render();
});
live.subscribe(({ board }) => {
  if (board && board.jornada !== day) {
    // Who was called yesterday is not called today.
    if (day !== undefined) announcer = hush(announcer);
    history = [];
    day = board.jornada;
  }
  render();
});
i18n.onChange(render);
if (chime) {
  chime.onchange = render;
  for (const event of ['pointerdown', 'keydown']) document.addEventListener(event, () => void chime.unlock());
}
setInterval(renderTime, 250);
setInterval(drift, DRIFT_EVERY);
keepAwake();
hidePointer();

/** Begins the current announcement if none is running; at its end the next one begins. */
function announce() {
  const call = announcer.current;
  if (!call || announcing) return;
  announcing = call;
  const chimed = chime?.play() ?? false;
  root.dataset.announced = String(call.llamada);
  log(call, chimed);
  void Promise.all([pause(showTime(announcer)), say(call, chimed)]).then(() => {
    announcing = null;
    if (announcer.current === call) announcer = next(announcer);
    announce();
    render();
  });
}

/** In the visitor's language. @param {Call} call @param {boolean} chimed */
async function say(call, chimed) {
  if (!voice || mute) return;
  if (chimed) await pause(CHIME_SECONDS * 1000);
  const { board } = live.state;
  const desk = nameIn(board && deskOf(board, call.escritorio)?.nombre || undefined, call.idioma) || i18n.tIn(call.idioma, 'common.desk', { desk: String(call.escritorio) });
  await speak(i18n.tIn(call.idioma, 'display.spoken', { code: spokenCode(call.codigo, call.numero), desk }), call.idioma);
}

/** @param {Call} call @param {boolean} chimed */
function log(call, chimed) {
  const list = find('[data-log]');
  list.append(el('p', { 'data-call': call.llamada, 'data-code': call.codigo, 'data-desk': call.escritorio, 'data-chimed': String(chimed) },
    i18n.t('display.said', { code: call.codigo, desk: deskName(call.escritorio) })));
  while (list.children.length > LOG_KEPT) list.firstElementChild?.remove();
}

/** @param {number} id */
function deskName(id) {
  const { board } = live.state;
  const desk = board && deskOf(board, id);
  return desk ? nameIn(desk.nombre, i18n.lang) : i18n.t('common.desk', { desk: String(id) });
}

function render() {
  const { board, link } = live.state;
  root.dataset.state = link;
  root.dataset.queue = String(announcer.waiting.length);
  root.dataset.announcing = announcer.current ? String(announcer.current.llamada) : '';
  const sound = chime?.state ?? 'off';
  root.dataset.sound = sound;
  find('[data-allow]').hidden = sound !== 'blocked';
  if (board) renderBoard(board);
  renderTime();
}

/** @param {Board} board */
function renderBoard(board) {
  i18n.branch(board.sucursal.idiomas);
  setText(find('[data-branch]'), board.sucursal.nombre);
  ticker.show(board.aviso?.mensaje ?? null);
  const { hero, recent } = shown(announcer, [...board.llamadas, ...history]);
  history = [...(hero ? [hero] : []), ...recent.slice(0, RECENT)];
  renderHero(board, hero);
  keyed(find('[data-recent]'), recent.slice(0, RECENT), (call) => call.llamada, () => el('li', {}, el('span', { class: 'code' }), el('span', { class: 'arrow', 'aria-hidden': 'true' }, '→'), el('span', { class: 'desk' })), (node, call) => {
    node.dataset.tone = toneOf(board, call.servicio);
    const code = find('.code', node);
    setText(code, call.codigo);
    code.style.setProperty('--length', String(call.codigo.length));
    const desk = find('.desk', node);
    setText(desk, deskName(call.escritorio));
    setAttribute(desk, 'data-long', longness(desk.textContent ?? ''));
  });
  find('[data-none]').hidden = recent.length > 0;
  const number = new Intl.NumberFormat(i18n.lang);
  setText(find('[data-waiting]'), number.format(board.esperando));
  const services = find('[data-services]');
  services.dataset.count = String(board.servicios.length);
  setAttribute(services, 'data-dense', board.servicios.length > 6);
  services.style.setProperty('--columns', String(columns(board.servicios.length)));
  keyed(services, board.servicios, (service) => service.id, () => el('li', {}, el('span', { class: 'badge' }), el('span', { class: 'room' }, el('span', { class: 'name' })), el('b')), (node, service) => {
    node.dataset.tone = toneOf(board, service.id);
    setText(find('.badge', node), service.prefijo);
    const name = find('.name', node);
    setText(name, nameIn(service.nombre, i18n.lang));
    name.style.setProperty('--longest', String(longestWord(name.textContent ?? '')));
    setText(find('b', node), number.format(service.esperando));
  });
}

/** How much smaller a name is written. @param {string} name */
function longness(name) {
  return name.length > 32 ? '2' : name.length > 18 ? '1' : null;
}

/** A name is written so large that none of its words needs to be broken. @param {string} name */
function longestWord(name) {
  return Math.max(1, ...name.split(/[\s-]+/).map((word) => word.length));
}

/** Up to four in one row, then rows of three or four. @param {number} services */
function columns(services) {
  return services <= 4 ? services : services === 5 || services === 6 || services === 9 ? 3 : 4;
}

/** @param {Board} board @param {Call|null} call */
function renderHero(board, call) {
  const hero = find('[data-hero]');
  find('[data-call]').hidden = !call;
  find('[data-welcome]').hidden = Boolean(call);
  const active = Boolean(call && call === announcer.current);
  const key = call ? `${call.llamada}${active ? '!' : ''}` : '';
  if (hero.dataset.key !== key) {
    hero.dataset.key = key;
    hero.classList.remove('announcing');
    // Begins the animation anew for the next call.
    void hero.offsetWidth;
    hero.classList.toggle('announcing', active);
  }
  if (!call) return;
  setText(find('[data-label]'), i18n.t(active && call.veces > 1 ? 'display.again' : 'display.number'));
  const code = find('[data-code]', hero);
  setText(code, call.codigo);
  code.style.setProperty('--length', String(call.codigo.length));
  const desk = find('[data-desk]', hero);
  setText(desk, deskName(call.escritorio));
  desk.style.setProperty('--length', String(Math.max(8, desk.textContent?.length ?? 8)));
  const service = find('[data-service]', hero);
  service.dataset.tone = toneOf(board, call.servicio);
  setText(service, nameIn(serviceOf(board, call.servicio)?.nombre, i18n.lang));
}

function renderTime() {
  const { board, link, since } = live.state;
  const zone = board?.sucursal.zona;
  setText(find('[data-clock]'), clock(live.now(), i18n.lang, zone));
  setText(find('[data-date]'), date(live.now(), i18n.lang, zone));
  const lost = link === 'offline' || link === 'stale';
  setAttribute(find('[data-lost]'), 'hidden', !lost);
  if (!lost) return;
  setText(find('[data-lost-title]'), i18n.t(`display.${link}`));
  const from = since ?? Date.now();
  setText(find('[data-lost-text]'), i18n.t('display.since', { time: clock(from + live.now() - Date.now(), i18n.lang, zone), for: stopwatch(Date.now() - from) }));
}

let drifted = 0;
function drift() {
  drifted = (drifted + 1) % DRIFT.length;
  const [x = 0, y = 0] = DRIFT[drifted] ?? [];
  root.style.setProperty('--drift-x', `${x}px`);
  root.style.setProperty('--drift-y', `${y}px`);
}

/** A wall screen must not fall asleep; where the browser cannot help, the machine's own settings must. */
function keepAwake() {
  const ask = () => void (document.hidden || navigator.wakeLock?.request('screen').catch(() => {}));
  document.addEventListener('visibilitychange', ask);
  ask();
}

function hidePointer() {
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let timer;
  const show = () => {
    root.classList.add('pointed');
    clearTimeout(timer);
    timer = setTimeout(() => root.classList.remove('pointed'), POINTER_HIDES);
  };
  document.addEventListener('pointermove', show);
  document.addEventListener('keydown', show);
  root.addEventListener('focusin', show);
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
