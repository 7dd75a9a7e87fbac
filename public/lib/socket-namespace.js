// What a program holds: the socket of one namespace. Emits, waits for acknowledgements, keeps what is emitted while there is no connection,
// and takes up its old session where the server still knows it.

import { Acks } from './socket-acks.js';
import { CatchAllEmitter } from './socket-emitter.js';
import { RESERVED, SOCKET } from './socket-packet.js';
import { Retries } from './socket-retries.js';

/** @typedef {import('./socket-packet.js').Packet} Packet */

/**
 * Why a connection ended, in the words of the protocol's other clients.
 * @typedef {'io server disconnect'|'io client disconnect'|'ping timeout'|'transport close'|'transport error'|'parse error'|'forced close'} DisconnectReason
 */

/**
 * The CONNECT payload, or a function that is asked for it anew at each connection: it returns it or calls back with it.
 * @typedef {object|((done: (payload: object) => void) => object|void|Promise<void>)} Auth
 */

/**
 * @typedef {object} SocketOptions
 * @property {Auth} [auth]
 * @property {number} [retries]  how often an event is sent again that is not acknowledged
 * @property {number} [ackTimeout]  ms for an acknowledgement, where `timeout()` says nothing else
 */

/** Of the next emit only. @typedef {{timeout?: number, volatile?: boolean, compress?: boolean}} Flags */

/** Tells `connect`, `connect_error`, `disconnect` and the server's events. */
export class Socket extends CatchAllEmitter {
  /** @type {string|undefined} the public id; undefined while not connected */ id;
  connected = false;
  /** The session before the last connection is this one: nothing was missed. */ recovered = false;
  /** @type {Auth} */ auth;
  /** @type {import('./socket-manager.js').Manager} */ io;
  nsp;

  #opts;
  #active = false;
  #acks = new Acks();
  /** @type {Flags} */ #flags = {};
  /** @type {Packet[]} */ #unsent = [];
  /** @type {Packet[]} events that came before the answer to CONNECT */ #early = [];
  /** @type {Retries|undefined} */ #retries;
  /** @type {string|undefined} private id of the session */ #pid;
  /** @type {string|undefined} of the last event that a server with recovery sent */ #offset;

  /** @param {import('./socket-manager.js').Manager} io @param {string} nsp @param {SocketOptions} opts */
  constructor(io, nsp, opts) {
    super();
    this.io = io;
    this.nsp = nsp;
    this.auth = opts.auth ?? {};
    this.#opts = opts;
    if (opts.retries) this.#retries = new Retries(opts.retries, () => this.connected, (args, flags) => this.#emit(args, flags));
  }

  /** The socket waits for a connection or tries to get one, or has it. */
  get active() {
    return this.#active;
  }

  get disconnected() {
    return !this.connected;
  }

  connect() {
    if (this.connected || this.#active) return this;
    this.#active = true;
    if (!this.io.reconnecting) this.io.open();
    if (this.io.state === 'open') this.opened();
    return this;
  }

  open() {
    return this.connect();
  }

  disconnect() {
    const wasConnected = this.connected;
    if (wasConnected) this.io.write({ type: SOCKET.DISCONNECT, nsp: this.nsp });
    this.#leave();
    if (wasConnected) this.#ended('io client disconnect');
    return this;
  }

  close() {
    return this.disconnect();
  }

  /** @param {...any} args  of the event `message` */
  send(...args) {
    return this.emit('message', ...args);
  }

  /** @param {string|number} event @param {...any} args  a function as the last one gets the acknowledgement */
  emit(event, ...args) {
    if (RESERVED.includes(String(event))) throw new Error(`"${event}" is a reserved event name`);
    const flags = this.#flags;
    this.#flags = {};
    if (this.#retries && !flags.volatile) {
      const done = typeof args.at(-1) === 'function' ? args.pop() : undefined;
      this.#retries.add([event, ...args], flags, done);
    } else {
      this.#emit([event, ...args], flags);
    }
    return this;
  }

  /** @param {string|number} event @param {...any} args @returns {Promise<any>} the acknowledgement's first argument */
  emitWithAck(event, ...args) {
    return new Promise((resolve, reject) => {
      const done = (/** @type {any} */ error, /** @type {any} */ reply) => (error ? reject(error) : resolve(reply));
      this.emit(event, ...args, Object.assign(done, { failing: true }));
    });
  }

  /** How long the next emit waits for its acknowledgement; its callback gets an error or null first. @param {number} ms */
  timeout(ms) {
    this.#flags.timeout = ms;
    return this;
  }

  /** Known from other clients; the platform compresses as it sees fit. @param {boolean} value */
  compress(value) {
    this.#flags.compress = value;
    return this;
  }

  /** The next emit is dropped when it cannot leave at once. */
  get volatile() {
    this.#flags.volatile = true;
    return this;
  }

  /** Does not wait for the next attempt: for a machine that woke up or found its network again. */
  retryNow() {
    this.io.retryNow();
  }

  /** Gives up a connection that looks open and says nothing; reconnects. */
  abandon() {
    this.io.abandon();
  }

  /** The manager's connection is open. */
  opened() {
    if (!this.#active) return;
    const { auth } = this;
    if (typeof auth !== 'function') return this.#ask(auth);
    let asked = false;
    const once = (/** @type {object} */ payload) => {
      if (!asked) this.#ask(payload);
      asked = true;
    };
    const payload = auth(once);
    if (typeof payload === 'object' && payload !== null && typeof payload.then !== 'function') once(payload);
    return undefined;
  }

  /** The manager could not connect. @param {Error} error */
  notOpened(error) {
    if (this.#active) this.tell('connect_error', error);
  }

  /** The manager's connection is gone. @param {DisconnectReason} reason @param {any} description */
  lost(reason, description) {
    if (this.#active && this.connected) this.#ended(reason, description);
  }

  /** A packet of this namespace. @param {Packet} packet */
  received(packet) {
    if (!this.#active) return;
    switch (packet.type) {
      case SOCKET.CONNECT:
        this.#ready(packet.data);
        break;
      case SOCKET.CONNECT_ERROR:
        this.#refused(packet.data);
        break;
      case SOCKET.DISCONNECT:
        this.#leave();
        if (this.connected) this.#ended('io server disconnect');
        break;
      case SOCKET.ACK:
        this.#acks.settle(/** @type {number} */ (packet.id), packet.data);
        break;
      default:
        if (this.connected) this.#event(packet);
        else this.#early.push(packet);
    }
  }

  /** @param {any} payload */
  #ask(payload) {
    const claim = this.#pid && { pid: this.#pid, offset: this.#offset };
    this.io.write({ type: SOCKET.CONNECT, nsp: this.nsp, data: { ...claim, ...payload } });
  }

  /** @param {{sid: string, pid?: string}} answer */
  #ready({ sid, pid }) {
    this.id = sid;
    this.recovered = pid !== undefined && pid === this.#pid;
    this.#pid = pid;
    this.connected = true;
    for (const packet of this.#early.splice(0)) this.#event(packet);
    for (const packet of this.#unsent.splice(0)) this.#write(packet);
    this.tell('connect');
    this.#retries?.next(true);
  }

  /** The server does not want this client: asking again at once would not change its mind. @param {any} data */
  #refused(data) {
    this.#leave();
    const error = new Error(data?.message ?? data ?? 'refused');
    this.tell('connect_error', Object.assign(error, { data: data?.data }));
  }

  /** @param {Packet} packet */
  #event({ data, id }) {
    const args = [...data];
    if (this.#pid && typeof args.at(-1) === 'string' && args.length > 1) this.#offset = args.at(-1);
    if (id !== undefined) args.push(this.#answer(id));
    this.tellIncoming(args);
    const [name, ...rest] = args;
    this.tell(name, ...rest);
  }

  /** The callback that acknowledges, once. @param {number} id */
  #answer(id) {
    let answered = false;
    return (/** @type {any[]} */ ...data) => {
      if (answered) return;
      answered = true;
      // Another connection would not know the id.
      if (this.connected) this.io.write({ type: SOCKET.ACK, nsp: this.nsp, id, data });
    };
  }

  /** @param {any[]} args  the event's name first @param {Flags} flags */
  #emit(args, flags) {
    this.io.engine?.checkHeartbeat();
    if (flags.volatile && !(this.connected && this.io.engine?.idle)) return;
    /** @type {Packet} */
    const packet = { type: SOCKET.EVENT, nsp: this.nsp, data: args };
    const fn = args.at(-1);
    if (typeof fn === 'function') {
      packet.data = args.slice(0, -1);
      packet.id = this.#expect(fn, flags.timeout);
    }
    if (this.connected) this.#write(packet);
    else this.#unsent.push(packet);
  }

  /** @param {any} fn @param {number|undefined} timeout @returns {number} the id of the acknowledgement */
  #expect(fn, timeout = this.#opts.ackTimeout) {
    const failing = timeout !== undefined || fn.failing === true;
    return this.#acks.add({ fn, failing }, timeout, (id) => {
      this.#unsent = this.#unsent.filter((packet) => packet.id !== id);
    });
  }

  /** @param {Packet} packet */
  #write(packet) {
    this.tellOutgoing(packet.data);
    this.io.write(packet);
  }

  /** Wants the connection no more. */
  #leave() {
    this.#active = false;
    this.io.release();
  }

  /** @param {DisconnectReason} reason @param {any} [description] */
  #ended(reason, description) {
    this.connected = false;
    this.id = undefined;
    this.tell('disconnect', reason, description);
    this.#acks.abandon(new Set(this.#unsent.map((packet) => packet.id)));
  }
}
