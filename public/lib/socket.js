// A small Socket.IO 5 client for the browser: one WebSocket, the main namespace, text.
//
//   const socket = io();                                  // this page's own server
//   socket.on('saludo', (greeting) => …);
//   const reply = await socket.timeout(5000).emitWithAck('cola', { desde: 7 });
//
// Reconnects by itself with exponential back-off and jitter. Events that are emitted while it is not connected wait for the connection.
// An acknowledgement that can no longer come is an AckError, never silence.

import { decode, encode, ParseError, SOCKET } from './socket-packet.js';
import { WebSocketTransport } from './socket-transport.js';

/**
 * Why a connection ended, in the words of the protocol's other clients.
 * @typedef {'io server disconnect'|'io client disconnect'|'ping timeout'|'transport close'|'transport error'|'parse error'} DisconnectReason
 */

/**
 * @typedef {object} Options
 * @property {string} [path]  where the server listens; `/socket.io/`
 * @property {Record<string, string>} [query]  goes into the address
 * @property {object|(() => object)} [auth]  the CONNECT payload, asked for anew at each connection
 * @property {boolean} [autoConnect]
 * @property {boolean} [reconnection]
 * @property {number} [reconnectionDelay]  ms before the first attempt
 * @property {number} [reconnectionDelayMax]  ms
 * @property {number} [randomizationFactor]  0.5: between half and one and a half times the delay
 * @property {number} [timeout]  ms for a connection to be ready
 * @property {new (url: string) => WebSocket} [WebSocket]
 */

/** @typedef {(...args: any[]) => void} Listener */
/** @typedef {{resolve: (args: any[]) => void, reject: (error: AckError) => void, timer?: ReturnType<typeof setTimeout>}} PendingAck */

/** An acknowledgement did not come: in time (`timeout`), or before the connection ended (`disconnected`). */
export class AckError extends Error {
  /** @param {'timeout'|'disconnected'} code */
  constructor(code) {
    super(code === 'timeout' ? 'operation has timed out' : 'socket has been disconnected');
    this.code = code;
  }
}

/**
 * @param {string|Options} [url]  origin of the server; this page's own when left out
 * @param {Options} [opts]
 */
export function io(url, opts) {
  return typeof url === 'object' ? new Socket(undefined, url) : new Socket(url, opts);
}

/**
 * The pause before an attempt: doubles with each, never above `max`, spread so that screens do not all come back at once.
 * @param {number} attempt  0 for the first
 * @param {{min: number, max: number, jitter: number, random?: () => number}} opts
 * @returns {number} ms
 */
export function backoff(attempt, { min, max, jitter, random = Math.random }) {
  const base = Math.min(max, min * 2 ** Math.min(attempt, 30));
  return Math.round(base * (1 + jitter * (2 * random() - 1)));
}

export class Socket {
  /** @type {string|undefined} the public id; undefined while not connected */ id;
  connected = false;
  /** @type {object|(() => object)} */ auth;

  #url;
  #opts;
  /** @type {Map<string, Array<{fn: Listener, once: boolean}>>} */ #listeners = new Map();
  /** @type {WebSocketTransport|undefined} */ #transport;
  /** @type {Map<number, PendingAck>} */ #acks = new Map();
  /** @type {Array<{packet: import('./socket-packet.js').Packet}>} */ #waiting = [];
  #nextAck = 0;
  #attempt = 0;
  #wanted = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #retry;

  /** @param {string} [url] @param {Options} [opts] */
  constructor(url, opts = {}) {
    this.auth = opts.auth ?? {};
    this.#opts = {
      path: '/socket.io/', query: {}, autoConnect: true, reconnection: true, reconnectionDelay: 500, reconnectionDelayMax: 5000,
      randomizationFactor: 0.5, timeout: 10_000, WebSocket: globalThis.WebSocket, ...opts,
    };
    this.#url = address(url ?? globalThis.location?.origin, this.#opts.path, this.#opts.query);
    if (this.#opts.autoConnect) this.connect();
  }

  /** The socket waits for a connection or tries to get one. */
  get active() {
    return this.#wanted;
  }

  get disconnected() {
    return !this.connected;
  }

  connect() {
    if (this.#wanted && (this.#transport || this.#retry)) return this;
    this.#wanted = true;
    this.#attempt = 0;
    this.#open();
    return this;
  }

  disconnect() {
    this.#wanted = false;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (this.connected) this.#transport?.send(encode({ type: SOCKET.DISCONNECT, nsp: '/' }));
    const transport = this.#transport;
    this.#transport = undefined;
    transport?.close();
    this.#lost('io client disconnect');
    return this;
  }

  /** Does not wait for the next attempt: for a machine that woke up or found its network again. */
  retryNow() {
    this.#transport?.checkHeartbeat();
    if (!this.#wanted || this.#transport) return;
    clearTimeout(this.#retry);
    this.#open();
  }

  /** Gives up a connection that looks open and says nothing; reconnects. */
  abandon() {
    const transport = this.#transport;
    if (!transport) return;
    this.#transport = undefined;
    transport.close();
    this.#ended('transport close');
  }

  /** @param {string} event @param {Listener} fn */
  on(event, fn) {
    return this.#listen(event, fn, false);
  }

  /** @param {string} event @param {Listener} fn */
  once(event, fn) {
    return this.#listen(event, fn, true);
  }

  /** @param {string} [event] all events when left out @param {Listener} [fn] all its listeners when left out */
  off(event, fn) {
    if (event === undefined) this.#listeners.clear();
    else if (!fn) this.#listeners.delete(event);
    else this.#listeners.set(event, (this.#listeners.get(event) ?? []).filter((entry) => entry.fn !== fn));
    return this;
  }

  /** @param {string} event @param {...any} args  a function as the last one gets the acknowledgement */
  emit(event, ...args) {
    const callback = typeof args.at(-1) === 'function' ? args.pop() : undefined;
    const ack = callback && { resolve: (/** @type {any[]} */ reply) => callback(...reply), reject: () => {} };
    this.#send(event, args, ack);
    return this;
  }

  /** @param {string} event @param {...any} args @returns {Promise<any>} the acknowledgement's first argument */
  emitWithAck(event, ...args) {
    return new Promise((resolve, reject) => this.#send(event, args, { resolve: (reply) => resolve(reply[0]), reject }));
  }

  /** @param {number} ms  how long the next emit waits for its acknowledgement */
  timeout(ms) {
    return {
      /** @param {string} event @param {...any} args  the callback gets `(error, ...reply)` */
      emit: (event, ...args) => {
        const callback = args.pop();
        this.#send(event, args, { resolve: (reply) => callback(null, ...reply), reject: callback }, ms);
      },
      /** @param {string} event @param {...any} args @returns {Promise<any>} */
      emitWithAck: (event, ...args) =>
        new Promise((resolve, reject) => this.#send(event, args, { resolve: (reply) => resolve(reply[0]), reject }, ms)),
    };
  }

  /** @param {string} event @param {Listener} fn @param {boolean} once */
  #listen(event, fn, once) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), { fn, once }]);
    return this;
  }

  /** @param {string} event @param {any[]} args */
  #tell(event, ...args) {
    for (const { fn, once } of this.#listeners.get(event) ?? []) {
      if (once) this.off(event, fn);
      fn(...args);
    }
  }

  /** @param {string} event @param {any[]} args @param {PendingAck} [ack] @param {number} [ms] */
  #send(event, args, ack, ms) {
    /** @type {import('./socket-packet.js').Packet} */
    const packet = { type: SOCKET.EVENT, nsp: '/', data: [event, ...args] };
    const held = { packet };
    if (ack) {
      const id = (packet.id = this.#nextAck++);
      this.#acks.set(id, ack);
      if (ms !== undefined) {
        ack.timer = setTimeout(() => {
          this.#acks.delete(id);
          this.#waiting = this.#waiting.filter((entry) => entry !== held);
          ack.reject(new AckError('timeout'));
        }, ms);
      }
    }
    if (this.connected) this.#transport?.send(encode(packet));
    else this.#waiting.push(held);
  }

  #open() {
    this.#retry = undefined;
    /** @type {WebSocketTransport} */
    const opened = new WebSocketTransport(
      this.#url,
      {
        onopen: () => opened.send(encode({ type: SOCKET.CONNECT, nsp: '/', data: this.#credentials() })),
        onmessage: (text) => this.#transport === opened && this.#receive(text),
        onheard: () => this.#tell('heard'),
        onclose: (reason) => {
          if (this.#transport !== opened) return;
          this.#transport = undefined;
          this.#ended(reason === 'forced close' ? 'transport close' : reason);
        },
      },
      { WebSocket: this.#opts.WebSocket, openTimeout: this.#opts.timeout },
    );
    this.#transport = opened;
  }

  #credentials() {
    return typeof this.auth === 'function' ? this.auth() : this.auth;
  }

  /** @param {string} text */
  #receive(text) {
    const packet = decode(text);
    // Namespaces other than the main one are not asked for, so nothing of theirs is ours.
    if (packet.nsp !== '/') return;
    if (packet.type === SOCKET.CONNECT) return this.#ready(packet.data.sid);
    if (packet.type === SOCKET.CONNECT_ERROR) return this.#refused(packet.data);
    if (!this.connected) throw new ParseError('event before CONNECT');
    if (packet.type === SOCKET.DISCONNECT) return this.#dismissed();
    if (packet.type === SOCKET.ACK) return this.#acknowledged(/** @type {number} */ (packet.id), packet.data);
    const [event, ...args] = packet.data;
    const { id } = packet;
    if (id !== undefined) args.push((/** @type {any[]} */ ...reply) => this.#answer(id, reply));
    return this.#tell(String(event), ...args);
  }

  /** @param {string} sid */
  #ready(sid) {
    this.id = sid;
    this.connected = true;
    this.#attempt = 0;
    this.#tell('connect');
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { packet } of waiting) this.#transport?.send(encode(packet));
  }

  /** The server does not want this client: asking again at once would not change its mind. @param {any} data */
  #refused(data) {
    this.#wanted = false;
    const transport = this.#transport;
    this.#transport = undefined;
    transport?.close();
    const error = /** @type {Error & {data?: any}} */ (new Error(data?.message ?? 'refused'));
    error.data = data?.data;
    this.#tell('connect_error', error);
  }

  #dismissed() {
    this.#wanted = false;
    const transport = this.#transport;
    this.#transport = undefined;
    transport?.close();
    this.#lost('io server disconnect');
  }

  /** @param {number} id @param {any[]} args */
  #acknowledged(id, args) {
    const ack = this.#acks.get(id);
    if (!ack) return;
    this.#acks.delete(id);
    clearTimeout(ack.timer);
    ack.resolve(args);
  }

  /** @param {number} id @param {any[]} reply */
  #answer(id, reply) {
    if (this.connected) this.#transport?.send(encode({ type: SOCKET.ACK, nsp: '/', id, data: reply }));
  }

  /** The connection or the attempt at one is over, not by our wish. @param {DisconnectReason} reason */
  #ended(reason) {
    const wasConnected = this.connected;
    this.#lost(reason);
    if (!wasConnected) this.#tell('connect_error', new Error(reason));
    if (!this.#wanted || !this.#opts.reconnection || this.#transport || this.#retry) return;
    const { reconnectionDelay: min, reconnectionDelayMax: max, randomizationFactor: jitter } = this.#opts;
    this.#retry = setTimeout(() => this.#open(), backoff(this.#attempt++, { min, max, jitter }));
  }

  /** @param {DisconnectReason} reason */
  #lost(reason) {
    if (!this.connected) return;
    this.connected = false;
    this.id = undefined;
    const unsent = new Set(this.#waiting.map(({ packet }) => packet.id));
    for (const [id, ack] of [...this.#acks]) {
      if (unsent.has(id)) continue;
      this.#acks.delete(id);
      clearTimeout(ack.timer);
      ack.reject(new AckError('disconnected'));
    }
    this.#tell('disconnect', reason);
  }
}

/** @param {string|undefined} origin @param {string} path @param {Record<string, string>} query */
function address(origin, path, query) {
  if (!origin) throw new TypeError('no server address');
  const url = new URL(path, origin);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  url.search = new URLSearchParams({ ...query, EIO: '4', transport: 'websocket' }).toString();
  return url.href;
}

