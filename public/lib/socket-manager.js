// A connection to a server that is kept up: opens an engine, opens another one when it is lost, with growing pauses, and hands packets to
// the sockets of its namespaces.

import { Emitter } from './socket-emitter.js';
import { Engine } from './socket-engine.js';
import { Socket } from './socket-namespace.js';
import { Decoder, encode } from './socket-packet.js';
import { ParseError } from './socket-payload.js';

/** @typedef {import('./socket-packet.js').Packet} Packet */

/**
 * @typedef {object} ManagerOwnOptions
 * @property {string} [path]  where the server listens; `/socket.io`
 * @property {boolean} [addTrailingSlash]  to the path
 * @property {Record<string, any>} [query]  goes into the address
 * @property {boolean} [autoConnect]
 * @property {boolean} [reconnection]
 * @property {number} [reconnectionAttempts]  how many in a row; without end when left out
 * @property {number} [reconnectionDelay]  ms before the first attempt
 * @property {number} [reconnectionDelayMax]  ms
 * @property {number} [randomizationFactor]  0.5: between half and one and a half times the delay
 * @property {number} [timeout]  ms for a connection to be open
 */

/** @typedef {ManagerOwnOptions & import('./socket-engine.js').EngineOptions & import('./socket-namespace.js').SocketOptions} ManagerOptions */

/**
 * The pause before an attempt: doubles with each, never above `max`, spread so that screens do not all come back at once.
 * @param {number} attempt  0 for the first
 * @param {{min: number, max: number, jitter: number, random?: () => number}} opts
 * @returns {number} ms
 */
export function backoff(attempt, { min, max, jitter, random = Math.random }) {
  const base = Math.min(max, min * 2 ** Math.min(attempt, 30));
  return Math.round(Math.min(max * (1 + jitter), base * (1 + jitter * (2 * random() - 1))));
}

/** Tells `open`, `error`, `ping`, `heard` (anything came), `close`, `reconnect_attempt`, `reconnect`, `reconnect_error` and `reconnect_failed`. */
export class Manager extends Emitter {
  /** @type {Engine|undefined} the connection, the attempt at one, or the last one */ engine;
  /** @type {Record<string, Socket>} */ nsps = {};
  opts;

  #url;
  #decoder = new Decoder();
  /** @type {'closed'|'opening'|'open'} */ #state = 'closed';
  #attempts = 0;
  #reconnecting = false;
  /** Until somebody opens it again. */ #resting = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #pause;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #patience;
  /** @type {((error?: Error) => void)|undefined} */ #opened;

  /** @param {string|ManagerOptions} [uri] this page's own server when left out @param {ManagerOptions} [opts] */
  constructor(uri, opts) {
    super();
    if (typeof uri === 'object') [uri, opts] = [undefined, uri];
    this.opts = {
      path: '/socket.io', autoConnect: true, reconnection: true, reconnectionAttempts: Infinity, reconnectionDelay: 1000,
      reconnectionDelayMax: 5000, randomizationFactor: 0.5, timeout: 20_000, ...given(opts),
    };
    this.#url = address(uri ?? globalThis.location?.origin, this.opts);
    if (this.opts.autoConnect) this.open();
  }

  /** @returns {'closed'|'opening'|'open'} */
  get state() {
    return this.#state;
  }

  /** An attempt at a new connection is under way or to come. */
  get reconnecting() {
    return this.#reconnecting;
  }

  /** Each of these reads an option, or changes it from now on. @param {boolean} [value] @returns {any} */
  reconnection(value) {
    if (value === false) this.#resting = true;
    return this.#option('reconnection', value);
  }

  /** @param {number} [value] @returns {any} */
  reconnectionAttempts(value) {
    return this.#option('reconnectionAttempts', value);
  }

  /** @param {number} [value] @returns {any} */
  reconnectionDelay(value) {
    return this.#option('reconnectionDelay', value);
  }

  /** @param {number} [value] @returns {any} */
  reconnectionDelayMax(value) {
    return this.#option('reconnectionDelayMax', value);
  }

  /** @param {number} [value] @returns {any} */
  randomizationFactor(value) {
    return this.#option('randomizationFactor', value);
  }

  /** @param {number} [value] @returns {any} */
  timeout(value) {
    return this.#option('timeout', value);
  }

  /** @param {(error?: Error) => void} [opened]  gets an error when it fails, and then no attempt follows */
  open(opened) {
    if (this.#state !== 'closed') return this;
    this.#state = 'opening';
    this.#resting = false;
    this.#opened = opened;
    this.#decoder = new Decoder();
    const engine = new Engine(this.#url, this.opts);
    this.engine = engine;
    engine
      .on('open', () => this.#isOpen())
      .on('packet', () => this.tell('heard'))
      .on('ping', () => this.tell('ping'))
      .on('data', (message) => this.#receive(message))
      .on('close', (reason, description) => this.#ended(reason, description));
    if (this.opts.timeout > 0 && this.opts.timeout < Infinity) {
      this.#patience = setTimeout(() => this.#ended('transport error', new Error('timeout')), this.opts.timeout);
    }
    return this;
  }

  /** @param {(error?: Error) => void} [opened] */
  connect(opened) {
    return this.open(opened);
  }

  /** The socket of a namespace. @param {string} nsp @param {ManagerOptions} [opts] */
  socket(nsp, opts = this.opts) {
    const known = this.nsps[nsp];
    const socket = known ?? (this.nsps[nsp] = new Socket(this, nsp, opts));
    if (this.opts.autoConnect && !socket.active) socket.connect();
    return socket;
  }

  /** Does not wait for the next attempt: for a machine that woke up or found its network again. */
  retryNow() {
    this.engine?.checkHeartbeat();
    if (this.#pause === undefined) return;
    clearTimeout(this.#pause);
    this.#attempt();
  }

  /** Gives up a connection that looks open and says nothing; reconnects. */
  abandon() {
    if (this.#state !== 'closed') this.#ended('transport close', { description: 'given up' });
  }

  /** @param {Packet} packet */
  write(packet) {
    this.engine?.send(...encode(packet));
  }

  /** A socket needs the connection no more: without any other it is closed. */
  release() {
    if (Object.values(this.nsps).some((socket) => socket.active)) return;
    this.#resting = true;
    this.#reconnecting = false;
    this.#attempts = 0;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    if (this.#state !== 'closed') this.#ended('forced close');
  }

  /** @param {'reconnection'|'reconnectionAttempts'|'reconnectionDelay'|'reconnectionDelayMax'|'randomizationFactor'|'timeout'} name @param {any} value */
  #option(name, value) {
    if (value === undefined) return this.opts[name];
    Object.assign(this.opts, { [name]: value });
    return this;
  }

  #isOpen() {
    clearTimeout(this.#patience);
    this.#state = 'open';
    const opened = this.#opened;
    this.#opened = undefined;
    this.tell('open');
    for (const socket of Object.values(this.nsps)) socket.opened();
    opened?.();
  }

  /** @param {string|import('./socket-payload.js').Binary} message */
  #receive(message) {
    let packet;
    try {
      packet = this.#decoder.add(message);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      return this.#ended('parse error', error);
    }
    if (packet) this.nsps[packet.nsp]?.received(packet);
    return undefined;
  }

  /**
   * The connection or the attempt at one is over.
   * @param {import('./socket-transport.js').CloseReason} reason
   * @param {any} [description]
   */
  #ended(reason, description) {
    const { engine } = this;
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    clearTimeout(this.#patience);
    engine?.off();
    if (reason === 'forced close') engine?.close();
    else engine?.drop();
    if (wasOpen) this.#lost(reason, description);
    else if (!this.#resting) this.#notOpened(description instanceof Error ? description : new Error(reason));
  }

  /** @param {import('./socket-transport.js').CloseReason} reason @param {any} description */
  #lost(reason, description) {
    this.#attempts = 0;
    if (description instanceof Error) this.tell('error', description);
    for (const socket of Object.values(this.nsps)) socket.lost(reason, description);
    this.tell('close', reason, description);
    if (this.opts.reconnection && !this.#resting) this.#reconnect();
  }

  /** @param {Error} error */
  #notOpened(error) {
    const opened = this.#opened;
    this.#opened = undefined;
    this.tell('error', error);
    for (const socket of Object.values(this.nsps)) socket.notOpened(error);
    if (opened) opened(error);
    else if (this.opts.reconnection && !this.#resting) this.#reconnect();
  }

  #reconnect() {
    if (this.#reconnecting || this.#resting || this.#state !== 'closed') return;
    const { reconnectionAttempts, reconnectionDelay: min, reconnectionDelayMax: max, randomizationFactor: jitter } = this.opts;
    if (this.#attempts >= reconnectionAttempts) {
      this.#attempts = 0;
      return this.tell('reconnect_failed');
    }
    this.#reconnecting = true;
    this.#pause = setTimeout(() => this.#attempt(), backoff(this.#attempts++, { min, max, jitter }));
    return undefined;
  }

  #attempt() {
    this.#pause = undefined;
    if (this.#resting) return;
    this.tell('reconnect_attempt', this.#attempts);
    // A listener may have thought better of it.
    if (this.#resting) return;
    this.open((error) => {
      this.#reconnecting = false;
      if (error) {
        this.#reconnect();
        this.tell('reconnect_error', error);
      } else {
        const attempts = this.#attempts;
        this.#attempts = 0;
        this.tell('reconnect', attempts);
      }
    });
  }
}

/** What is undefined was not given. @template {object} T @param {T} [opts] @returns {Partial<T>} */
function given(opts) {
  return /** @type {Partial<T>} */ (Object.fromEntries(Object.entries(opts ?? {}).filter(([, value]) => value !== undefined)));
}

/** @param {string|undefined} uri @param {{path: string, addTrailingSlash?: boolean, query?: Record<string, any>}} opts */
function address(uri, { path, addTrailingSlash = true, query = {} }) {
  if (!uri) throw new TypeError('no server address');
  const url = new URL(uri);
  url.protocol = url.protocol.replace(/^ws/, 'http');
  url.pathname = path.replace(/\/$/, '') + (addTrailingSlash ? '/' : '');
  const text = Object.entries(query).map(([key, value]) => [key, String(value)]);
  url.search = new URLSearchParams(text).toString();
  url.hash = '';
  return url;
}
