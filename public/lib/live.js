// The live link of a page to its branch, and the only file that knows the socket. It joins, keeps the board up to date by numbered changes,
// asks again after a gap, a reconnection or a sleep, and says honestly how fresh the board is. Pages see a store: `state` and `subscribe`.

import { applyChanges, applyWaits, fromSnapshot } from './board.js';
import { BLIP, CONNECTION, Readiness } from './connection.js';
import { io } from './socket.js';

/** @typedef {import('./board.js').Board} Board */
/** @typedef {import('./types.js').Call} Call */
/** @typedef {import('./types.js').Reply} Reply */
/** @typedef {import('./types.js').Refusal} Refusal */

/**
 * - `connecting`: not been live yet, and not for long
 * - `live`: the board is current
 * - `stale`: the connection looks open, but nothing is heard
 * - `offline`: no connection, for longer than a blip
 * @typedef {'connecting'|'live'|'stale'|'offline'} Link
 */

/**
 * @typedef {object} LiveState
 * @property {Link} link
 * @property {boolean} ready  commands may be sent: false already during a blip
 * @property {number|null} since  when the server was last heard, by this machine's clock; null while live
 * @property {Board|null} board
 * @property {Refusal|null} refusal  why the server did not let this page in
 */

/**
 * @typedef {{kind: 'live', call: Call}|{kind: 'learned', numbers: number[], forget: boolean}} CallNews
 */

/** Silence after which the server is asked whether it is there, and how long it has for the answer: together under five seconds. */
const PROBE_AFTER = 2000;
const PROBE_TIMEOUT = 1500;
/** Silence after which a connection is given up and made anew. */
const ABANDON_AFTER = 12_000;
const JOIN_TIMEOUT = 5000;
const TICK = 500;
/** A pause between ticks that no busy page explains: the machine slept. Hidden pages get a tick a minute. */
const SLEPT = 10_000;
const SLEPT_HIDDEN = 90_000;

/**
 * Another log, or the same one put back to an earlier state, as from a backup: what was announced of it says nothing about this one.
 * @param {import('./board.js').Board} board @param {import('./types.js').Snapshot} snapshot
 */
function isAnother(board, snapshot) {
  return board.epoch !== snapshot.epoch || snapshot.rev < board.rev;
}

export class Live {
  /** @type {LiveState} */
  state = { link: 'connecting', ready: false, since: null, board: null, refusal: null };

  #join;
  #joined;
  #socket;
  /** @type {Set<(state: LiveState) => void>} */ #subscribers = new Set();
  /** @type {Set<(news: CallNews) => void>} */ #callListeners = new Set();
  #readiness = new Readiness();
  #offset = 0;
  #started = Date.now();
  #heard = Date.now();
  #lastTick = Date.now();
  #awake = true;
  #asking = false;
  #joining = 0;
  /** @type {ReturnType<typeof setInterval>} */ #timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #later;
  #stop = new AbortController();

  /**
   * @param {object} opts
   * @param {[event: string, payload: object|(() => object)]} opts.join  what to emit on each connection; its acknowledgement is the snapshot
   * @param {(reply: import('./types.js').Done) => void} [opts.joined]  what else that acknowledgement says, before the board is set
   * @param {() => string} opts.idioma  the language of refusals
   * @param {string|null} [opts.sucursal]  number or name of the branch; without it the first one
   * @param {import('./socket.js').Options} [opts.socket]
   */
  constructor({ join, joined = () => {}, idioma, sucursal = null, socket = {} }) {
    this.#join = join;
    this.#joined = joined;
    this.#socket = io({ ...CONNECTION, ...socket, auth: () => ({ idioma: idioma(), ...(sucursal ? { sucursal } : {}) }) });
    this.#socket.io.on('heard', () => this.#listened());
    this.#socket
      .on('connect', () => this.#enter())
      .on('disconnect', (reason) => this.#lost(reason))
      .on('connect_error', (error) => this.#socket.active || this.#notLetIn(error))
      .on('cola', (message) => this.#changes(message))
      .on('llamada', (call) => this.#called(call))
      .on('aviso', (ticker) => this.#ticker(ticker))
      .on('esperas', (waits) => this.#waits(waits));
    this.#timer = setInterval(() => this.#tick(), TICK);
    this.#watchPage();
  }

  /** The server's clock, as well as it is known. */
  now() {
    return Date.now() + this.#offset;
  }

  /** @param {(state: LiveState) => void} fn  called at once and after each change */
  subscribe(fn) {
    this.#subscribers.add(fn);
    fn(this.state);
    return () => void this.#subscribers.delete(fn);
  }

  /** @param {(news: CallNews) => void} fn */
  onCalls(fn) {
    this.#callListeners.add(fn);
  }

  /**
   * Emits once and waits. Throws an `AckError` when no answer can be had.
   * @param {string} event @param {object} payload @param {number} [timeout] ms
   * @returns {Promise<Reply>}
   */
  ask(event, payload, timeout = 4000) {
    return this.#socket.timeout(timeout).emitWithAck(event, payload);
  }

  /**
   * @param {number} ms
   * @returns {Promise<boolean>} whether commands can be sent, at the latest after `ms`
   */
  whenReady(ms) {
    return this.#readiness.within(ms);
  }

  close() {
    clearInterval(this.#timer);
    clearTimeout(this.#later);
    this.#stop.abort();
    this.#subscribers.clear();
    this.#callListeners.clear();
    this.#socket.off().disconnect();
  }

  /** This connection's public id, by which others write to it; undefined without a connection. */
  get id() {
    return this.#socket.id;
  }

  /** Events that are not about the board. @param {string} event @param {(payload: any) => void} fn  called until `close` */
  on(event, fn) {
    this.#socket.on(event, fn);
  }

  /** @param {Partial<LiveState>} change */
  #set(change) {
    this.state = { ...this.state, ...change };
    this.#readiness.set(this.state.ready);
    for (const fn of [...this.#subscribers]) fn(this.state);
  }

  async #enter() {
    const turn = ++this.#joining;
    const [event, payload] = this.#join;
    const reply = await this.ask(event, typeof payload === 'function' ? payload() : payload, JOIN_TIMEOUT).catch(() => null);
    if (turn !== this.#joining || !this.#socket.connected) return;
    if (reply?.ok && reply.cola?.tipo === 'instantanea') {
      this.#joined(reply);
      this.#accept(reply.cola);
      this.#awake = true;
      return;
    }
    this.#set({ refusal: reply && !reply.ok ? reply : null });
    this.#again(() => this.#enter(), 1000);
  }

  /** @param {import('./types.js').Snapshot} snapshot */
  #accept(snapshot) {
    this.#offset = snapshot.hora - Date.now();
    const forget = this.state.board !== null && isAnother(this.state.board, snapshot);
    this.#news({ kind: 'learned', numbers: snapshot.llamadas.map((call) => call.llamada), forget });
    this.#set({ board: fromSnapshot(snapshot), link: 'live', ready: true, since: null, refusal: null });
  }

  /** @param {string} reason */
  #lost(reason) {
    this.#joining += 1;
    this.#asking = false;
    this.#set({ ready: false, since: this.state.since ?? Date.now() });
    if (reason === 'io server disconnect') this.#comeBack();
  }

  /** @param {Error & {data?: {code?: string}}} error */
  #notLetIn({ data }) {
    if (data?.code) this.#set({ refusal: { ok: false, code: data.code } });
    this.#comeBack();
  }

  /** A server that sent us away may be restarting: a screen on a wall never gives up. */
  #comeBack() {
    this.#again(() => this.#socket.connect(), 1000);
  }

  /** @param {() => void} fn @param {number} ms  spread, so that screens do not all ask at once */
  #again(fn, ms) {
    clearTimeout(this.#later);
    this.#later = setTimeout(fn, ms * (1 + Math.random()));
  }

  #listened() {
    if (this.#overslept()) this.#wake();
    this.#heard = Date.now();
    if (this.state.link === 'stale' && this.#socket.connected) this.#resync();
  }

  /** @param {import('./types.js').Changes | import('./types.js').Snapshot} message */
  #changes(message) {
    const { board } = this.state;
    if (board && message?.tipo === 'instantanea') this.#accept(message);
    if (!board || message?.tipo !== 'cambios') return;
    const { board: next, outcome } = applyChanges(board, message);
    if (outcome === 'applied') this.#set({ board: next });
    else if (outcome === 'gap') this.#resync();
    else if (outcome === 'reset') this.#resync({ afresh: true });
  }

  /** Before the snapshot there is nothing to change: it has the ticker. @param {{mensaje: string|null, fecha: number}} ticker */
  #ticker({ mensaje, fecha }) {
    const { board } = this.state;
    if (board) this.#set({ board: { ...board, aviso: mensaje === null ? null : { mensaje, fecha } } });
  }

  /** @param {import('./types.js').Waits} waits */
  #waits(waits) {
    const { board } = this.state;
    if (board && Array.isArray(waits)) this.#set({ board: applyWaits(board, waits) });
  }

  /** @param {Call} call */
  #called(call) {
    if (this.#awake) this.#news({ kind: 'live', call });
    else this.#news({ kind: 'learned', numbers: [call.llamada], forget: false });
  }

  /** @param {CallNews} news */
  #news(news) {
    for (const fn of this.#callListeners) fn(news);
  }

  /**
   * Asks for what is missing. While the connection held, calls still come by themselves as `llamada` and stay to be announced;
   * after a sleep what comes is old, and is learned silently.
   */
  async #resync({ afresh = false } = {}) {
    const { board } = this.state;
    if (this.#asking || !board || !this.#socket.connected) return;
    this.#asking = true;
    const turn = this.#joining;
    const reply = await this.ask('cola', afresh ? {} : { epoch: board.epoch, desde: board.rev }, PROBE_TIMEOUT).catch(() => null);
    if (turn !== this.#joining) return;
    this.#asking = false;
    if (!reply) return this.#mute();
    if (!reply.ok) return reply.code === 'not_joined' ? this.#enter() : undefined;
    this.#answered(reply.cola);
    this.#awake = true;
  }

  /** @param {import('./types.js').Snapshot|import('./types.js').Changes|undefined} cola */
  #answered(cola) {
    const { board } = this.state;
    if (!cola || !board) return;
    this.#offset = cola.hora - Date.now();
    const live = /** @type {const} */ ({ link: 'live', ready: true, since: null });
    if (cola.tipo === 'instantanea') {
      const forget = isAnother(board, cola);
      if (forget || !this.#awake) this.#news({ kind: 'learned', numbers: cola.llamadas.map((call) => call.llamada), forget });
      this.#set({ board: fromSnapshot(cola), ...live });
      return;
    }
    const { board: next, outcome } = applyChanges(board, cola);
    if (outcome === 'applied' || (outcome === 'reset' && next.rev > board.rev)) {
      if (!this.#awake) this.#news({ kind: 'learned', numbers: cola.cambios.flatMap((change) => change.llamada ?? []), forget: false });
      this.#set({ board: next, ...live });
    } else if (!this.state.ready) {
      this.#set(live);
    }
    if (outcome === 'gap' || outcome === 'reset') void this.#resync({ afresh: outcome === 'reset' });
  }

  /** No answer in time, on a connection that looks open. */
  #mute() {
    if (!this.#socket.connected || this.state.link === 'offline') return;
    if (this.state.link !== 'stale') this.#set({ link: 'stale', ready: false, since: this.#heard });
  }

  #tick() {
    if (this.#overslept()) this.#wake();
    this.#lastTick = Date.now();
    const { link, since, ready } = this.state;
    const silence = Date.now() - this.#heard;
    const lost = since ?? this.#started;
    const out = !this.#socket.connected || (!ready && link === 'connecting');
    if (out && link !== 'offline' && Date.now() - lost >= BLIP) this.#set({ link: 'offline', ready: false, since: lost });
    if (!this.#socket.connected) return;
    if (silence > ABANDON_AFTER) {
      this.#heard = Date.now() - PROBE_AFTER;
      this.#socket.abandon();
    } else if ((ready || link === 'stale') && silence >= PROBE_AFTER) {
      void this.#resync();
    }
  }

  #overslept() {
    return Date.now() - this.#lastTick > (globalThis.document?.hidden ? SLEPT_HIDDEN : SLEPT);
  }

  /** The machine slept: what arrives until we have caught up is from the past. */
  #wake() {
    this.#lastTick = Date.now();
    this.#awake = false;
    this.#socket.retryNow();
    void this.#resync();
  }

  #watchPage() {
    const { signal } = this.#stop;
    globalThis.addEventListener?.('online', () => this.#socket.retryNow(), { signal });
    globalThis.addEventListener?.('offline', () => void this.#resync(), { signal });
    globalThis.addEventListener?.('pageshow', () => this.#socket.retryNow(), { signal });
    globalThis.document?.addEventListener('visibilitychange', () => {
      if (document.hidden) return;
      this.#socket.retryNow();
      void this.#resync();
    }, { signal });
  }
}
