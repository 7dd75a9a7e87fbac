// The live link of a phone to one ticket. It shows the token, hears how the ticket stands, asks again after a silence, a reconnection or a
// sleep, and says honestly since when it is not up to date. Knows nothing of the page.

import { BLIP, CONNECTION, Readiness } from '../lib/connection.js';
import { io } from '../lib/socket.js';

/** @typedef {import('../lib/types.js').Ticket} Ticket */
/** @typedef {import('../lib/types.js').Reply} Reply */
/** Where the ticket is. @typedef {{id: number, nombre: string, zona: string, idiomas: string[], minutos: number}} Place */

/**
 * - `connecting`: nothing heard yet, and not for long
 * - `live`: up to date
 * - `lost`: not up to date, since `since`
 * - `unknown`: the token is nobody's
 * @typedef {'connecting'|'live'|'lost'|'unknown'} Link
 */
/** @typedef {{link: Link, ready: boolean, since: number|null, ticket: Ticket|null, place: Place|null}} State */

/** Silence after which the server is asked, and how long it has for the answer. */
const PROBE_AFTER = 8000;
const ANSWER = 4000;
/** Silence after which a connection is given up and made anew. */
const ABANDON_AFTER = 20_000;
const TICK = 1000;
/** What says of a call in so short a time is the same one. */
const ONE_CALL = 2500;

export class Follow {
  /** @type {State} */ state = { link: 'connecting', ready: false, since: null, ticket: null, place: null };

  #token;
  #socket;
  #heard = Date.now();
  #offset = 0;
  #asking = 0;
  #rang = 0;
  /** @type {(state: State) => void} */ #told = () => {};
  /** @type {() => void} */ #called = () => {};
  #readiness = new Readiness();

  /** @param {{token: string, sucursal: string|null, idioma: () => string}} opts */
  constructor({ token, sucursal, idioma }) {
    this.#token = token;
    this.#socket = io({ ...CONNECTION, auth: () => ({ idioma: idioma(), ...(sucursal ? { sucursal } : { ticket: token }) }) });
    this.#socket.io.on('heard', () => void (this.#heard = Date.now()));
    this.#socket
      .on('connect', () => void this.#look())
      .on('disconnect', (reason) => {
        this.#set({ ready: false, since: this.state.since ?? Date.now() });
        if (reason === 'io server disconnect') this.#comeBack();
      })
      .on('connect_error', (/** @type {Error & {data?: {code?: string}}} */ error) => {
        if (error.data?.code === 'unknown_branch') this.#set({ link: 'unknown' });
        else if (!this.#socket.active) this.#comeBack();
      })
      .on('mi-ticket', (/** @type {Ticket} */ ticket) => this.#is(ticket))
      .on('llamada', (/** @type {{codigo: string}} */ { codigo }) => codigo === this.state.ticket?.codigo && this.#ring());
    setInterval(() => this.#tick(), TICK);
    this.#watchPage();
  }

  /** The server's clock, as well as it is known. */
  now() {
    return Date.now() + this.#offset;
  }

  /** @param {(state: State) => void} told  after each change @param {() => void} called  at each call of the ticket */
  listen(told, called) {
    this.#told = told;
    this.#called = called;
    told(this.state);
  }

  /** @param {string} event @param {object} payload @returns {Promise<Reply>} */
  async ask(event, payload) {
    const reply = await this.#socket.timeout(ANSWER).emitWithAck(event, { ...payload, token: this.#token });
    if (reply.ok && reply.ticket) this.#is(reply.ticket);
    return reply;
  }

  /** @param {number} ms @returns {Promise<boolean>} whether something can be asked for, at the latest after `ms` */
  whenReady(ms) {
    return this.#readiness.within(ms);
  }

  /** @param {Partial<State>} change */
  #set(change) {
    this.state = { ...this.state, ...change };
    this.#readiness.set(this.state.ready);
    this.#told(this.state);
  }

  /** @param {Ticket} ticket */
  #is(ticket) {
    const before = this.state.ticket?.estado;
    this.#set({ ticket });
    // A call that came while the phone slept is news as well.
    if (before && before !== 'llamado' && ticket.estado === 'llamado') this.#ring();
  }

  /** A call is told twice: as itself, and by what it made of the ticket. */
  #ring() {
    if (Date.now() - this.#rang < ONE_CALL) return;
    this.#rang = Date.now();
    this.#called();
  }

  /** How does it stand? */
  async #look() {
    const turn = ++this.#asking;
    const reply = /** @type {any} */ (await this.ask('seguir-ticket', {}).catch(() => null));
    if (turn !== this.#asking || !this.#socket.connected) return;
    if (reply?.ok) {
      this.#offset = reply.hora - Date.now();
      this.#set({ link: 'live', ready: true, since: null, place: reply.sucursal });
    } else if (reply?.code === 'unknown_ticket' || reply?.code === 'bad_request') {
      // One that was known is of yesterday now: what it was stays to be read.
      this.#set(this.state.ticket ? { link: 'live', ready: false, since: null } : { link: 'unknown', ready: false });
    } else {
      this.#set({ link: 'lost', ready: false, since: this.state.since ?? this.#heard });
    }
  }

  #comeBack() {
    setTimeout(() => this.#socket.connect(), 1000 * (1 + Math.random()));
  }

  #tick() {
    const { link, since } = this.state;
    const silence = Date.now() - this.#heard;
    if (!this.#socket.connected) {
      const lost = since ?? this.#heard;
      if ((link === 'live' || link === 'connecting') && Date.now() - lost >= BLIP) this.#set({ link: 'lost', ready: false, since: lost });
    } else if (silence > ABANDON_AFTER) {
      this.#heard = Date.now() - PROBE_AFTER;
      this.#socket.abandon();
    } else if (silence > PROBE_AFTER && link !== 'unknown' && !document.hidden) {
      void this.#look();
    }
  }

  #wake() {
    this.#socket.retryNow();
    if (this.#socket.connected) void this.#look();
  }

  #watchPage() {
    for (const event of ['online', 'offline', 'pageshow']) addEventListener(event, () => this.#wake());
    document.addEventListener('visibilitychange', () => document.hidden || this.#wake());
  }
}
