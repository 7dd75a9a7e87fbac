// The message panel of a desk: enters under the desk's name, shows the conversation, notes and the display's ticker, and sends.
//
// For tests: `#desk` has `data-talk` (open | closed) and `data-unread`; `[data-talk]` has `data-entered` once the desk is in the room and `data-to`
// (id of the receiver, or empty). Lines of `[data-talk-lines]` have `data-kind` (message | joined | left | user) and, for messages, `data-reach`
// (room | private | all) and `data-own`; notes have `data-note`. `?usuario=` chooses whose notes are shown.

import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { Live } from '../lib/live.js';
import { clock } from '../lib/time.js';
import {
  address, attended, entered, entering, heard, joined, left, lengthOf, MESSAGE_LIMIT, noted, noteRead, ROOM, said, silence, TICKER_LIMIT, userCreated, whyNotSend,
} from './talk.js';

/** @typedef {import('../lib/types.js').Reply} Reply */
/** @typedef {import('./talk.js').Talk} Talk */
/** @typedef {import('./talk.js').Line} Line */

/** Before the desk tries again to enter. */
const ENTER_AGAIN = 2000;
const NAME_LIMIT = 100;
/** The counter appears when the end of what fits comes near. */
const COUNT_FROM = 0.8;
const AT_END = 40;

export class TalkPanel {
  #i18n;
  #users;
  #deskName;
  #desk = find('#desk');
  #panel = find('aside[data-talk]');
  #button = find('[data-action="talk"]');
  #text = /** @type {HTMLTextAreaElement} */ (find('[data-talk-text]'));
  #ticker = /** @type {HTMLInputElement} */ (find('[data-ticker-input]'));
  /** @type {Live|null} */ #live = null;
  /** @type {Talk} */ #talk = silence();
  #open = false;
  #here = false;
  #entered = false;
  /** Tells the attempts to enter apart. */ #turn = 0;
  #sending = false;
  /** @type {{key: string, params?: Record<string, string|number>}|null} */ #failure = null;
  #announcing = false;
  /** @type {string|null} */ #tickerFailure = null;
  /** Under whose name the desk is entered, or is to be. @type {string|null} */ #as = null;

  /**
   * @param {import('../lib/i18n.js').I18n} i18n @param {import('./users.js').Users} users
   * @param {() => string|null} deskName  in the branch's language, the same for all; null before it is known
   */
  constructor(i18n, users, deskName) {
    this.#i18n = i18n;
    this.#users = users;
    this.#deskName = deskName;
    this.#desk.dataset.talk = 'closed';
    this.#button.addEventListener('click', () => this.toggle());
    find('[data-action="talk-close"]').addEventListener('click', () => this.toggle());
    this.#panel.addEventListener('keydown', (event) => this.#pressed(event));
    this.#text.addEventListener('input', () => this.#typed());
    this.#ticker.addEventListener('input', () => this.render());
    find('[data-talk-form]').addEventListener('submit', (event) => { event.preventDefault(); void this.#send(); });
    find('[data-ticker-form]').addEventListener('submit', (event) => { event.preventDefault(); void this.#announce(this.#ticker.value.trim()); });
    find('[data-ticker-clear]').addEventListener('click', () => void this.#announce(null));
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
    this.#tickerFailure = null;
    this.#text.value = '';
    this.#ticker.value = '';
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
    this.#renderPeople();
    this.#renderNotes(ready);
    this.#renderLines();
    this.#renderForm(ready);
    this.#renderTicker(ready);
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

  /** @param {string|null} text  null takes down what is there */
  async #announce(text) {
    const live = this.#live;
    if (!live?.state.ready || this.#announcing || text === '' || (text && lengthOf(text) > TICKER_LIMIT)) return this.render();
    this.#announcing = true;
    this.#tickerFailure = null;
    this.render();
    const reply = await attempt(live, 'poner-aviso', { mensaje: text });
    this.#announcing = false;
    if (live !== this.#live) return;
    if (!reply) this.#tickerFailure = 'ticker.unknown';
    else if (!reply.ok) this.#tickerFailure = `error.${reply.code}`;
    else if (text !== null && this.#ticker.value.trim() === text) this.#ticker.value = '';
    this.render();
  }

  /** It goes from the list when the server says that it was read. @param {string} id */
  async #read(id) {
    const live = this.#live;
    if (!live?.state.ready) return;
    const reply = await attempt(live, 'correo-leido', { id });
    if (live === this.#live && reply && (reply.ok || reply.code === 'unknown_note')) this.#set(noteRead(this.#talk, id));
  }

  #renderPeople() {
    const { people, to } = this.#talk;
    find('[data-talk-alone]').hidden = people.length > 0;
    keyed(find('[data-talk-people]'), people, (person) => person.id, (person) => el('li', {}, el('button', { type: 'button', class: 'talk-person', 'data-person-id': person.id, onclick: () => this.#choose(person.id) }, el('span'))), (node, person) => {
      const button = find('button', node);
      setText(find('span', node), person.nombre);
      setAttribute(button, 'title', this.#i18n.t('talk.reply', { name: person.nombre }));
      setAttribute(button, 'aria-pressed', String(to?.id === person.id));
    });
    const field = find('[data-talk-user-field]');
    field.hidden = this.#users.fixed || this.#users.list.length === 0;
    const select = /** @type {HTMLSelectElement} */ (find('[data-talk-user]'));
    options(select, [{ id: '', name: this.#i18n.t('talk.user.none') }, ...this.#users.list.map(({ id, nombre }) => ({ id, name: nombre }))], this.#users.me ?? '');
  }

  /** @param {boolean} ready */
  #renderNotes(ready) {
    const { notes } = this.#talk;
    find('[data-talk-notes]').hidden = notes.length === 0;
    setText(find('[data-talk-notes-count]'), notes.length);
    keyed(find('[data-talk-notes-list]'), notes, (note) => note.id, (note) => el('li', { 'data-note': note.id },
      el('p', { class: 'by' }, el('strong'), el('time')), el('p', { class: 'subject' }), el('p', { class: 'said' }), el('button', { type: 'button', class: 'ghost', onclick: () => void this.#read(note.id) })), (node, note) => {
      setText(find('strong', node), this.#i18n.t('talk.note.from', { name: note.from }));
      setText(find('time', node), this.#clock(note.fecha));
      setText(find('.subject', node), note.asunto ?? '');
      find('.subject', node).hidden = !note.asunto;
      setText(find('.said', node), note.mensaje);
      const button = find('button', node);
      setText(button, this.#i18n.t('talk.note.read'));
      setAttribute(button, 'aria-label', this.#i18n.t('talk.note.readThis', { name: note.from }));
      setAttribute(button, 'aria-disabled', ready ? null : 'true');
    });
  }

  #renderLines() {
    const { lines } = this.#talk;
    const log = find('[data-talk-log]');
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < AT_END;
    find('[data-talk-empty]').hidden = lines.length > 0;
    keyed(find('[data-talk-lines]'), lines, (line) => line.key, (line) => (line.kind === 'message' ? this.#bubble(line) : el('li', { class: 'quiet' })), (node, line) => {
      node.dataset.kind = line.kind;
      if (line.kind !== 'message') return setText(node, `${this.#i18n.t(`talk.line.${line.kind}`, { name: line.name })} · ${this.#clock(line.at)}`);
      node.dataset.reach = line.reach;
      setAttribute(node, 'data-own', line.own);
      const name = find('.name', node);
      setText(name, !line.own ? line.name : line.reach === 'private' ? this.#i18n.t('talk.you.to', { name: line.name }) : this.#i18n.t('talk.you'));
      if (line.from) setAttribute(name, 'title', this.#i18n.t('talk.reply', { name: line.name }));
      setText(find('time', node), this.#clock(line.at));
      const reach = find('.reach', node);
      reach.hidden = line.reach === 'room';
      if (line.reach !== 'room') setText(reach, this.#i18n.t(`talk.reach.${line.reach}`));
      setText(find('.said', node), line.text);
    });
    if (atEnd) log.scrollTop = log.scrollHeight;
  }

  /** @param {import('./talk.js').SpokenLine} line */
  #bubble({ from, name }) {
    const who = from ? el('button', { type: 'button', class: 'name', onclick: () => this.#write({ id: from, name }) }) : el('span', { class: 'name' });
    return el('li', { class: 'bubble' }, el('p', { class: 'by' }, who, el('span', { class: 'chip reach' }), el('time')), el('p', { class: 'said' }));
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

  /** @param {boolean} ready */
  #renderTicker(ready) {
    const shown = this.#live?.state.board?.aviso?.mensaje ?? null;
    const count = lengthOf(this.#ticker.value);
    const long = count > TICKER_LIMIT;
    setText(find('[data-ticker-shown]'), shown ?? this.#i18n.t('ticker.none'));
    find('[data-ticker-shown]').dataset.none = String(shown === null);
    const clear = find('[data-ticker-clear]');
    clear.hidden = shown === null;
    setAttribute(clear, 'aria-disabled', ready && !this.#announcing ? null : 'true');
    setAttribute(find('[data-ticker-set]'), 'aria-disabled', ready && !this.#announcing && count > 0 && !long ? null : 'true');
    setAttribute(this.#ticker, 'aria-invalid', long ? 'true' : null);
    const key = this.#tickerFailure ?? (long ? 'talk.why.long' : count > 0 && !ready ? 'talk.why.offline' : null);
    setText(find('[data-ticker-why]'), key ? this.#i18n.t(key, { count, max: TICKER_LIMIT }) : '');
  }

  /** @param {number} at */
  #clock(at) {
    return clock(at, this.#i18n.lang, this.#live?.state.board?.sucursal.zona);
  }
}

/** No answer is null. @param {Live} live @param {string} event @param {object} payload @returns {Promise<Reply|null>} */
function attempt(live, event, payload) {
  return live.ask(event, payload).catch(() => null);
}

/** @param {HTMLSelectElement} select @param {Array<{id: string, name: string}>} choices @param {string} chosen */
function options(select, choices, chosen) {
  keyed(select, choices, (choice) => choice.id, (choice) => el('option', { value: choice.id }), (node, choice) => setText(node, choice.name));
  if (select.value !== chosen) select.value = chosen;
}
