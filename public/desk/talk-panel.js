// The message panel of a desk: enters under the desk's name, opens and closes, and sends. What is shown is in talk-view.js, the display's line in
// ticker-form.js.
//
// For tests: `#desk` has `data-talk` (open | closed) and `data-unread`; `[data-talk]` has `data-entered` once the desk is in the room and `data-to`
// (id of the receiver, or empty). Lines of `[data-talk-lines]` have `data-kind` (message | joined | left | user) and, for messages, `data-reach`
// (room | private | all) and `data-own`; notes have `data-note`. `?usuario=` chooses whose notes are shown.

import { find, setAttribute, setText } from '../lib/dom.js';
import {
  address, attended, entered, entering, heard, joined, left, lengthOf, MESSAGE_LIMIT, noted, noteRead, ROOM, said, silence, userCreated, whyNotSend,
} from './talk.js';
import { options, TalkView } from './talk-view.js';
import { attempt, TickerForm } from './ticker-form.js';

/** @typedef {import('../lib/live.js').Live} Live */
/** @typedef {import('./talk.js').Talk} Talk */

/** Before the desk tries again to enter. */
const ENTER_AGAIN = 2000;
const NAME_LIMIT = 100;
/** The counter appears when the end of what fits comes near. */
const COUNT_FROM = 0.8;

export class TalkPanel {
  #i18n;
  #users;
  #deskName;
  #desk = find('#desk');
  #panel = find('aside[data-talk]');
  #button = find('[data-action="talk"]');
  #text = /** @type {HTMLTextAreaElement} */ (find('[data-talk-text]'));
  #ticker;
  #view;
  /** @type {Live|null} */ #live = null;
  /** @type {Talk} */ #talk = silence();
  #open = false;
  #here = false;
  #entered = false;
  /** Tells the attempts to enter apart. */ #turn = 0;
  #sending = false;
  /** @type {{key: string, params?: Record<string, string|number>}|null} */ #failure = null;
  /** Under whose name the desk is entered, or is to be. @type {string|null} */ #as = null;

  /**
   * @param {import('../lib/i18n.js').I18n} i18n @param {import('./users.js').Users} users
   * @param {() => string|null} deskName  in the branch's language, the same for all; null before it is known
   * @param {() => boolean} oversees  who is here may write on the displays
   */
  constructor(i18n, users, deskName, oversees) {
    this.#i18n = i18n;
    this.#users = users;
    this.#deskName = deskName;
    this.#ticker = new TickerForm(i18n, oversees);
    this.#view = new TalkView(i18n, {
      choose: (id) => this.#choose(id),
      write: (to) => this.#write(to),
      read: (id) => void this.#read(id),
      zone: () => this.#live?.state.board?.sucursal.zona,
    });
    this.#desk.dataset.talk = 'closed';
    this.#button.addEventListener('click', () => this.toggle());
    find('[data-action="talk-close"]').addEventListener('click', () => this.toggle());
    this.#panel.addEventListener('keydown', (event) => this.#pressed(event));
    this.#text.addEventListener('input', () => this.#typed());
    find('[data-talk-form]').addEventListener('submit', (event) => { event.preventDefault(); void this.#send(); });
    find('[data-talk-to]').addEventListener('change', (event) => this.#choose(/** @type {HTMLSelectElement} */ (event.target).value));
    find('[data-talk-user]').addEventListener('change', (event) => this.#users.become(/** @type {HTMLSelectElement} */ (event.target).value));
    users.onChange(() => {
      if (users.me !== this.#as) void this.#enter();
      this.render();
    });
    document.addEventListener('visibilitychange', () => this.#set(this.#talk));
  }

  /** A desk begins its work over this link. @param {Live} live */
  attach(live) {
    this.#live = live;
    this.#here = false;
    this.#ticker.attach(live);
    live.on('usuario-conectado', (person) => this.#set(joined(this.#talk, person, live.now())));
    live.on('usuario-desconectado', (person) => this.#set(left(this.#talk, person, live.now())));
    live.on('enviar-mensaje', (message) => this.#set(heard(this.#talk, message, this.#attentive)));
    live.on('nuevo-correo', (note) => this.#set(noted(this.#talk, note, this.#attentive)));
    live.on('correo-leido', ({ id }) => this.#set(noteRead(this.#talk, id)));
    live.on('nuevo-usuario', (user) => this.#created(user));
    live.subscribe(({ ready }) => {
      const back = ready && !this.#here;
      this.#here = ready;
      if (back) void this.#enter();
      else if (!ready) this.#entered = false;
    });
  }

  /** The agent leaves the desk: what was said here stays with nobody. */
  detach() {
    this.#live = null;
    this.#turn += 1;
    this.#entered = false;
    this.#failure = null;
    this.#text.value = '';
    this.#ticker.detach();
    this.#talk = silence();
    this.#show(false);
  }

  toggle() {
    if (!this.#live) return;
    this.#show(!this.#open);
    if (this.#open) this.#text.focus();
    else this.#button.focus();
  }

  render() {
    const talk = this.#talk;
    const { ready = false } = this.#live?.state ?? {};
    this.#button.hidden = !this.#live;
    this.#panel.hidden = !this.#open || !this.#live;
    this.#desk.dataset.talk = this.#open ? 'open' : 'closed';
    this.#desk.dataset.unread = String(talk.unread);
    setAttribute(this.#button, 'aria-expanded', String(this.#open));
    setAttribute(this.#panel, 'data-entered', this.#entered);
    this.#panel.dataset.to = talk.to?.id ?? '';
    const unread = find('[data-talk-unread]');
    unread.hidden = talk.unread === 0;
    setText(unread, talk.unread > 99 ? '99+' : talk.unread);
    setText(find('[data-talk-unread-text]'), talk.unread ? this.#i18n.t('talk.unread', { n: talk.unread }) : '');
    if (!this.#open) return;
    this.#view.people(talk, this.#users);
    this.#view.notes(talk, ready);
    this.#view.lines(talk);
    this.#renderForm(ready);
    this.#ticker.render();
  }

  /** Somebody looks at the conversation. */
  get #attentive() {
    return this.#open && !document.hidden;
  }

  /** @param {Talk} talk */
  #set(talk) {
    this.#talk = this.#attentive ? attended(talk) : talk;
    this.render();
  }

  /** @param {boolean} open */
  #show(open) {
    this.#open = open;
    if (open) void this.#users.load();
    this.#set(this.#talk);
    const log = find('[data-talk-log]');
    log.scrollTop = log.scrollHeight;
  }

  /** Whoever was entered is gone with the connection; and the name of the desk may have changed. */
  async #enter() {
    const live = this.#live;
    const name = this.#deskName();
    const users = this.#users;
    if (!live || !name) return;
    const turn = ++this.#turn;
    this.#as = users.me;
    if (users.me && !(await users.exists(users.me))) users.me = this.#as = null;
    if (turn !== this.#turn) return;
    this.#talk = entering(this.#talk);
    const user = users.nameOf(users.me);
    const nombre = [...(user ? `${name} · ${user}` : name)].slice(0, NAME_LIMIT).join('').trim();
    const reply = await attempt(live, 'entrar-cliente', { nombre, sala: ROOM, ...(users.me ? { usuario: users.me } : {}) });
    if (turn !== this.#turn) return;
    if (reply?.ok) {
      this.#entered = true;
      return this.#set(entered(this.#talk, reply.personas ?? [], live.id));
    }
    if (reply?.code === 'unknown_user') users.become('');
    setTimeout(() => { if (turn === this.#turn && live.state.ready) void this.#enter(); }, ENTER_AGAIN);
  }

  /** @param {import('../lib/types.js').User} user */
  #created(user) {
    this.#users.add(user);
    this.#set(userCreated(this.#talk, user, this.#live?.now() ?? Date.now()));
  }

  /** @param {string} id */
  #choose(id) {
    const person = this.#talk.people.find((one) => one.id === id);
    const { to } = this.#talk;
    this.#write(person ? { id, name: person.nombre } : to && to.id === id ? to : null);
  }

  /** @param {{id: string, name: string}|null} to */
  #write(to) {
    this.#failure = null;
    this.#set(address(this.#talk, to));
    this.#text.focus();
  }

  #typed() {
    if (this.#failure) this.#failure = null;
    this.render();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      return this.toggle();
    }
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.target !== this.#text) return;
    event.preventDefault();
    void this.#send();
  }

  /** Once: a message has no idempotency key, so a lost answer is said and not tried again by itself. */
  async #send() {
    const live = this.#live;
    const { to } = this.#talk;
    const text = this.#text.value.trim();
    if (!live || this.#sending || whyNotSend({ text, ready: live.state.ready && this.#entered, to })) return this.render();
    this.#sending = true;
    this.#failure = null;
    this.render();
    const reply = await attempt(live, 'enviar-mensaje', { mensaje: text, ...(to ? { para: to.id } : { sala: ROOM }) });
    this.#sending = false;
    if (live !== this.#live) return;
    if (!reply) this.#failure = { key: 'talk.unknown' };
    else if (!reply.ok) this.#failure = { key: `error.${reply.code}` };
    else {
      // What was typed on while it went out stays.
      if (this.#text.value.trim() === text) this.#text.value = '';
      this.#talk = said(this.#talk, { id: reply.id ?? String(live.now()), text, to, at: live.now() });
    }
    this.render();
    const log = find('[data-talk-log]');
    log.scrollTop = log.scrollHeight;
  }

  /** It goes from the list when the server says that it was read. @param {string} id */
  async #read(id) {
    const live = this.#live;
    if (!live?.state.ready) return;
    const reply = await attempt(live, 'correo-leido', { id });
    if (live === this.#live && reply && (reply.ok || reply.code === 'unknown_note')) this.#set(noteRead(this.#talk, id));
  }

  /** @param {boolean} ready */
  #renderForm(ready) {
    const { people, to } = this.#talk;
    const listed = people.map(({ id, nombre }) => ({ id, name: nombre }));
    if (to && !people.some((person) => person.id === to.id)) listed.push({ id: to.id, name: to.gone ? this.#i18n.t('talk.gone', { name: to.name }) : to.name });
    options(/** @type {HTMLSelectElement} */ (find('[data-talk-to]')), [{ id: '', name: this.#i18n.t('talk.everyone') }, ...listed], to?.id ?? '');
    const text = this.#text.value;
    const count = lengthOf(text);
    const why = whyNotSend({ text, ready: ready && this.#entered, to });
    const send = find('[data-talk-send]');
    setText(send, this.#i18n.t(this.#sending ? 'talk.sending' : 'talk.send'));
    setAttribute(send, 'aria-disabled', why || this.#sending ? 'true' : null);
    this.#text.readOnly = this.#sending;
    find('[data-talk-form]').dataset.private = to ? 'yes' : 'no';
    setAttribute(this.#text, 'aria-invalid', why === 'long' ? 'true' : null);
    const number = new Intl.NumberFormat(this.#i18n.lang);
    setText(find('[data-talk-count]'), count >= MESSAGE_LIMIT * COUNT_FROM && why !== 'long' ? this.#i18n.t('talk.count', { count: number.format(count), max: number.format(MESSAGE_LIMIT) }) : '');
    const reason = find('[data-talk-why]');
    reason.dataset.failed = String(this.#failure !== null);
    if (this.#failure) setText(reason, this.#i18n.t(this.#failure.key));
    else if (why && why !== 'empty') setText(reason, this.#i18n.t(`talk.why.${why}`, { name: to?.name ?? '', count: number.format(count), max: number.format(MESSAGE_LIMIT) }));
    else setText(reason, '');
  }
}
