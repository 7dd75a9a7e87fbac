// Desk: an agent opens it, calls, serves and finishes tickets, by keyboard or mouse. This file puts the parts together.
//
// For tests: `#desk` has `data-state` (connecting | live | stale | offline), `data-screen` (choose | work), `data-desk` (its number), `data-standing`
// (mine | paused | taken | free), `data-code` and `data-ticket-state` of the ticket it has (or empty), `data-next` (who would be called) and `data-busy`
// while a command is on its way. Buttons have `data-do` (open, take, goOn, next, start, finish, finishNext, recall, absent, hold, transfer, back, note, undo),
// beside the desk's name `data-do-seat` (pause, goOn, close). `[data-error]`, `[data-list-error]` and `[data-dialog-error]` have `data-error-code`.
// `[data-action="day"]`, for who may, asks whether to close the day, or to open it again; `data-shut` says which. `?escritorio=2` chooses the desk, `?sucursal=` the branch. Lists are described in list-panel.js, messages in talk-panel.js.

import { find, setAttribute, setText } from '../lib/dom.js';
import { enterDesk, watchDoor } from '../lib/door.js';
import { I18n, nameIn } from '../lib/i18n.js';
import { keepChoices, languageSwitch } from '../lib/page.js';
import { mayIn } from '../lib/session.js';
import { clock, minutes } from '../lib/time.js';
import { ActionBar } from './action-bar.js';
import { Asking } from './asking.js';
import { renderChoice } from './chooser.js';
import { Commands } from './commands.js';
import { DayDialog } from './day-dialog.js';
import { Dialog } from './dialog.js';
import { keyboard, renderHelp } from './keyboard.js';
import { ListPanel } from './list-panel.js';
import { OfficePanel } from './office-panel.js';
import { SeatBar } from './seat-bar.js';
import { PauseDialog, TakeDialog } from './seat-dialogs.js';
import { Sheet } from './sheet.js';
import { TalkPanel } from './talk-panel.js';
import { TicketCard } from './ticket-card.js';
import { BackDialog, FinishDialog, NoteDialog, TransferDialog } from './ticket-dialogs.js';
import { Users } from './users.js';
import { Workplace } from './workplace.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Desk} Desk */
/** @typedef {import('./ticket-card.js').Upcoming} Upcoming */

const NEXT_TIMES = { pause: 250, every: 10_000 };
const FIGURES_TIMES = { pause: 1000, every: 60_000 };

const root = find('#desk');
const i18n = await new I18n().load();
let session = await enterDesk(i18n);
/** A server that did not answer at first is asked again who one is, once a connection. */ let asking = false;
const users = new Users(session?.usuario);
const talk = new TalkPanel(i18n, users, () => work.commonName, oversees);
/** @type {Workplace} */
const work = new Workplace(i18n, users, render, (live) => (live ? talk.attach(live) : leave()));

/** @type {Asking<Upcoming>} */
const next = new Asking(() => (seated() && work.standing === 'mine' ? work.ask('proximo', { escritorio: work.mine }) : null),
  (reply) => ({ ticket: reply.ticket ?? null, why: reply.motivo?.texto ?? '' }), render, NEXT_TIMES);
/** @type {Asking<import('../lib/types.js').Figures|null>} */
const figures = new Asking(() => (seated() ? work.ask('cifras', { escritorio: work.mine }) : null), (reply) => reply.cifras?.[0] ?? null, render, FIGURES_TIMES);

/** @returns {Commands} */
const theCommands = () => commands;
const dialogs = {
  back: new BackDialog(work, theCommands), transfer: new TransferDialog(work, theCommands), finish: new FinishDialog(work, theCommands), note: new NoteDialog(work, theCommands),
  pause: new PauseDialog(work, theCommands), take: new TakeDialog(work, theCommands), sheet: new Sheet(work, theCommands), day: new DayDialog(work, theCommands), help: new Dialog('help', work),
};
const commands = new Commands(work, {
  back: (subject) => dialogs.back.open(subject),
  transfer: (subject) => dialogs.transfer.open(subject),
  finish: (subject, andNext) => dialogs.finish.open(subject, andNext),
  note: (subject) => dialogs.note.open(subject),
  pause: () => dialogs.pause.open(),
  take: (why) => dialogs.take.open(why),
});
const card = new TicketCard(work);
const bar = new ActionBar(work, commands);
const seatBar = new SeatBar(work, commands);
const lists = new ListPanel(work, commands, (ticket) => dialogs.sheet.open(ticket));
const office = new OfficePanel(work, oversees);
/** What the questions were asked about; something new asks them again. */
const asked = { next: '', figures: '' };

work.say = (text, kind) => bar.say(text, kind);
languageSwitch(i18n);
keepChoices(document);
i18n.onChange(render);
users.onChange(render);
setInterval(renderTime, 500);
find('[data-action="help"]').addEventListener('click', () => dialogs.help.open());
find('[data-action="day"]').addEventListener('click', () => work.live.state.ready && dialogs.day.open());
document.addEventListener('keydown', keyboard({
  act: (name) => commands.act(name),
  undo: () => void commands.undo(),
  help: () => dialogs.help.open(),
  talk: () => talk.toggle(),
  search: () => lists.focusSearch(),
  rows: () => lists.focusRows(),
  list: (index) => lists.show(index),
  escape,
  now: () => ({ working: root.dataset.screen === 'work', standing: work.standing, serving: work.desk?.ticket?.estado === 'atendiendo' }),
}));

/** Whether there is a desk to ask about. */
function seated() {
  return work.mine !== null && work.live.state.ready;
}

/** Whether somebody here closes the day and speaks on the displays, as far as is known; the server decides. */
function oversees() {
  const { board } = work;
  return Boolean(session && board && mayIn(session, board.sucursal.id, 'supervisor'));
}

async function whoAgain() {
  if (session || asking) return;
  asking = true;
  session = await enterDesk(i18n);
  if (session?.usuario) users.is(session.usuario);
  else render();
}

function leave() {
  talk.detach();
  next.forget();
  figures.forget();
  asked.next = asked.figures = '';
  for (const dialog of document.querySelectorAll('dialog')) dialog.close();
}

function escape() {
  lists.clearSearch();
  work.orders.clear();
  /** @type {HTMLElement|null} */ (document.activeElement)?.blur();
  render();
}

function render() {
  watchDoor(work.live.state);
  const { board, link, ready, refusal } = work.live.state;
  if (ready) void whoAgain();
  else asking = false;
  const { mine, desk } = work;
  const unknownDesk = mine !== null && (refusal?.code === 'unknown_desk' || Boolean(board && !desk));
  const screen = mine === null || unknownDesk ? 'choose' : 'work';
  if (board && desk && !work.orders.busy) void work.seat.check(desk);
  root.dataset.state = link;
  root.dataset.screen = screen;
  root.dataset.standing = work.standing;
  setAttribute(root, 'data-desk', mine === null ? null : String(mine));
  setAttribute(root, 'data-busy', work.orders.busy);
  root.dataset.code = desk?.ticket?.codigo ?? '';
  root.dataset.ticketState = desk?.ticket?.estado ?? '';
  find('[data-name="choose"]').hidden = screen !== 'choose';
  find('[data-name="work"]').hidden = screen !== 'work';
  find('[data-seat]').hidden = screen !== 'work' || !desk;
  find('.link-pill').dataset.link = link;
  setText(find('[data-link-text]'), i18n.t(`link.${link}`));
  renderHelp(i18n);
  talk.render();
  if (unknownDesk || refusal?.code === 'unknown_branch') sayWhyNot(unknownDesk ? i18n.t('desk.noSuchDesk', { desk: String(mine) }) : i18n.t('error.unknown_branch'));
  if (unknownDesk) return work.choose(null);
  if (board) {
    i18n.branch(board.sucursal.idiomas);
    setText(find('[data-branch]'), board.sucursal.nombre);
    setText(find('[data-desk-name]'), desk && screen === 'work' ? nameIn(desk.nombre, i18n.lang) : i18n.t('desk.heading'));
    if (screen === 'choose') renderChoice(work, board);
    else if (desk) renderWork(board, desk, ready);
    document.title = desk && screen === 'work' ? `${desk.ticket ? `${desk.ticket.codigo} · ` : ''}${nameIn(desk.nombre, i18n.lang)} · siguiente` : i18n.t('desk.title');
  } else if (mine !== null) {
    setText(find('[data-idle-text]'), i18n.t('link.connecting'));
  }
  renderTime();
}

/** @param {string} text */
function sayWhyNot(text) {
  const error = find('[data-choose-error]');
  error.hidden = false;
  setText(error, text);
}

/** @param {Board} board @param {Desk} desk @param {boolean} ready */
function renderWork(board, desk, ready) {
  askAgain(board, desk);
  // What was next before the last change may not be there any more.
  const upcoming = next.answer && (!next.answer.ticket || board.tickets?.some((ticket) => ticket.id === next.answer?.ticket?.id)) ? next.answer : null;
  root.dataset.next = upcoming?.ticket?.codigo ?? '';
  card.render(board, desk, upcoming);
  bar.render(board, desk, ready);
  seatBar.render(desk, ready);
  lists.render(board, desk, upcoming);
  office.render(board);
  office.renderToday(figures.answer);
  for (const dialog of Object.values(dialogs)) dialog.render();
  if (work.standing === 'free') void users.load();
  if (work.standing === 'mine') setText(find('[data-live]'), upcoming?.ticket ? i18n.t('desk.live.next', { code: upcoming.ticket.codigo }) : board.esperando === 0 ? i18n.t('desk.idle.nobody') : '');
}

/** @param {Board} board @param {Desk} desk */
function askAgain(board, desk) {
  const about = { next: `${board.epoch} ${board.rev} ${work.standing} ${i18n.lang} ${work.live.state.ready}`, figures: `${board.jornada} ${desk.ticket?.codigo} ${desk.ticket?.estado} ${work.live.state.ready}` };
  if (about.next !== asked.next) next.touch();
  if (about.figures !== asked.figures) figures.touch();
  Object.assign(asked, about);
}

function renderTime() {
  const { board, link, since } = work.live.state;
  const banner = find('[data-banner]');
  const lost = link === 'offline' || link === 'stale';
  banner.hidden = !lost;
  if (lost) setText(banner, i18n.t('desk.offline', { time: clock((since ?? Date.now()) + work.live.now() - Date.now(), i18n.lang, board?.sucursal.zona) }));
  if (!board) return;
  const now = work.live.now();
  setText(find('[data-clock]'), clock(now, i18n.lang, board.sucursal.zona));
  const { desk } = work;
  if (desk && root.dataset.screen === 'work') {
    card.renderTime(desk, lost);
    bar.renderTime(desk);
    office.renderTime(board);
  }
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-since]'))) setText(node, minutes(now - Number(node.dataset.since)));
}
