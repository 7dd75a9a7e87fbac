// Display: shows and announces the calls.
//
// For tests: `#display` has `data-state` (connecting | live | stale | offline), `data-announcing` (number of the call being announced, or empty),
// `data-announced` (number of the last call whose announcement began), `data-queue` (calls that wait to be announced), `data-sound`
// (off | missing | blocked | ready). Each announcement adds an item to `[data-log]` with `data-call`, `data-code`, `data-desk`, `data-chimed`
// and the announced text. `data-layout` is `zones` (one for each service: `[data-zone]`) or `list`, `data-open` whether numbers are given (open | closing |
// closed). `?servicios=caja,extracciones` shows only these, `?sucursal=2` another branch; `?voz=1` speaks, `?sonido=0` is mute. The language
// switch appears while the pointer moves; a wall uses `?lang=`.

import { deskOf, serviceOf } from '../lib/board.js';
import { hear, hush, learn, next, retract, showTime, shown, silent, takenBack } from '../lib/calls.js';
import { Chime, CHIME_SECONDS } from '../lib/chime.js';
import { el, find, setAttribute, setText } from '../lib/dom.js';
import { I18n, nameIn } from '../lib/i18n.js';
import { Live } from '../lib/live.js';
import { closing, opensText } from '../lib/outlook.js';
import { branchInAddress, languageSwitch, toneOf } from '../lib/page.js';
import { pairing } from '../lib/pairing.js';
import { speak, spokenCode } from '../lib/speech.js';
import { clock, date, stopwatch } from '../lib/time.js';
import { fillCalls, fillMissed, fillServices, fillZones, label } from './panels.js';
import { TickerLine } from './ticker.js';
import { drift, hidePointer, keepAwake } from './wall.js';
import { roomOfZone, shownServices } from './zones.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Call} Call */

const RECENT = 6;
/** Where many services take their place below, fewer calls stay large enough. */
const CROWD = 4;
const FEWER = 4;
/** Calls that are remembered beyond the board's own: enough for every zone. */
const REMEMBERED = 24;
const LOG_KEPT = 30;

const query = new URLSearchParams(location.search);
const mute = query.get('sonido') === '0';
const voice = query.get('voz') === '1';
const wish = query.get('servicios');
const upright = matchMedia('(orientation: portrait)');

const root = find('#display');
const i18n = await new I18n().load();
const chime = mute ? null : new Chime();
const live = new Live({ join: ['entrar-pantalla', {}], idioma: () => i18n.lang, sucursal: branchInAddress() });
const t = i18n.t.bind(i18n);

const ticker = new TickerLine();

let announcer = silent();
/** @type {string|null|undefined} */ let day;
/** @type {Call|null} */ let announcing = null;
/** Calls that were on the screen: in a rush the board's own list holds only calls that are still to be announced. @type {Call[]} */
let history = [];
/** Ends the announcement that is on, before its time. */
let cutShort = () => {};

languageSwitch(i18n);
live.onCalls((news) => {
  if (news.kind === 'learned' && news.forget) history = [];
  if (news.kind === 'learned') announcer = learn(announcer, news.numbers, news);
  else announcer = concerns(news.call) ? hear(announcer, news.call) : learn(announcer, [news.call.llamada]);
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
  if (board) takeBack(board);
  render();
});
pairing(live, i18n, 'pantalla', branchInAddress());
i18n.onChange(render);
upright.addEventListener('change', render);
if (chime) {
  chime.onchange = render;
  for (const event of ['pointerdown', 'keydown']) document.addEventListener(event, () => void chime.unlock());
}
setInterval(renderTime, 250);
drift(root);
keepAwake();
hidePointer(root);

/** Whether it is about a service that is shown here. @param {Call} call */
function concerns({ servicio }) {
  const { board } = live.state;
  return !board || shownServices(board.servicios, wish).some((service) => service.id === servicio);
}

/** A call that was undone goes from the screen without a sound. @param {Board} board */
function takeBack(board) {
  history = history.filter((call) => !takenBack(call, board));
  const { current } = announcer;
  announcer = retract(announcer, board);
  if (announcing && announcing === current && announcer.current !== current) cutShort();
}

/** Begins the current announcement if none is running; at its end the next one begins. */
function announce() {
  const call = announcer.current;
  if (!call || announcing) return;
  announcing = call;
  const chimed = chime?.play() ?? false;
  root.dataset.announced = String(call.llamada);
  log(call, chimed);
  const short = new Promise((resolve) => (cutShort = () => {
    globalThis.speechSynthesis?.cancel();
    resolve(undefined);
  }));
  void Promise.race([Promise.all([pause(showTime(announcer)), say(call, chimed)]), short]).then(() => {
    announcing = null;
    if (announcer.current === call || !announcer.current) announcer = next(announcer);
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
    call.nombre ? t('display.said.name', { code: call.codigo, name: call.nombre, desk: deskName(call.escritorio) }) : t('display.said', { code: call.codigo, desk: deskName(call.escritorio) })));
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
  const services = shownServices(board.servicios, wish);
  const { hero, recent } = shown(announcer, [...board.llamadas, ...history].filter(concerns));
  history = [...(hero ? [hero] : []), ...recent].slice(0, REMEMBERED);
  const shut = closing(board, services);
  // Once everybody is served, the last calls of the day tell nobody anything.
  const over = Boolean(shut && !shut.serving && !announcer.current);
  const room = roomOfZone(services.length, upright.matches);
  root.dataset.layout = room ? 'zones' : 'list';
  root.dataset.open = !shut ? 'open' : over ? 'closed' : 'closing';
  renderHero(board, over ? null : hero, over);
  find('.zones').hidden = !room;
  for (const part of ['.recent', '.waiting']) find(part).hidden = Boolean(room);
  if (room) fillZones(board, services, over ? [] : history, room, panels());
  else {
    renderRecent(board, over ? [] : recent.slice(0, services.length > CROWD ? FEWER : RECENT));
    fillServices(board, services, panels());
  }
  fillMissed(board, services);
  const again = shut ? opensText(shut.opens, here(), t) : '';
  setText(find('[data-opens]'), again);
  setAttribute(find('[data-closing]'), 'hidden', !shut || over);
  setText(find('[data-closing]'), shut && !over ? [t('display.closing'), again].filter(Boolean).join(' ') : '');
}

/** @returns {import('./panels.js').Here} */
function panels() {
  return { i18n, t, deskName, announcing: announcer.current };
}

function here() {
  return { now: live.now(), zone: live.state.board?.sucursal.zona, lang: i18n.lang };
}

/** @param {Board} board @param {Call[]} calls */
function renderRecent(board, calls) {
  find('[data-recent]').style.setProperty('--rows', String(board.servicios.length > CROWD ? FEWER : RECENT));
  fillCalls(find('[data-recent]'), board, calls, panels());
  find('[data-none]').hidden = calls.length > 0;
}

/** @param {Board} board @param {Call|null} call @param {boolean} over  the day's work is done */
function renderHero(board, call, over) {
  const hero = find('[data-hero]');
  find('[data-call]').hidden = !call;
  find('[data-welcome]').hidden = Boolean(call) || over;
  find('[data-closed]').hidden = !over;
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
  const person = find('[data-person]', hero);
  person.hidden = !call.nombre;
  setText(person, call.nombre ?? '');
  const desk = find('[data-desk]', hero);
  setText(desk, deskName(call.escritorio));
  desk.style.setProperty('--length', String(Math.max(8, desk.textContent?.length ?? 8)));
  const service = find('[data-service]', hero);
  service.dataset.tone = toneOf(board, call.servicio);
  label(service, nameIn(serviceOf(board, call.servicio)?.nombre, i18n.lang));
}

function renderTime() {
  const { board, link, since } = live.state;
  const zone = board?.sucursal.zona;
  setText(find('[data-clock]'), clock(live.now(), i18n.lang, zone));
  setText(find('[data-date]'), date(live.now(), i18n.lang, zone));
  const lost = link === 'offline' || link === 'stale';
  const nowhere = !board && live.state.refusal?.code === 'unknown_branch';
  setAttribute(find('[data-lost]'), 'hidden', !lost && !nowhere);
  if (nowhere) {
    setText(find('[data-lost-title]'), t('error.unknown_branch'));
    setText(find('[data-lost-text]'), '');
  }
  if (!lost || nowhere) return;
  setText(find('[data-lost-title]'), i18n.t(`display.${link}`));
  const from = since ?? Date.now();
  setText(find('[data-lost-text]'), i18n.t('display.since', { time: clock(from + live.now() - Date.now(), i18n.lang, zone), for: stopwatch(Date.now() - from) }));
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
