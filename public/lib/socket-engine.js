// One Engine.IO 4 session: handshake, heartbeat, the order of what is sent, and the change from polling to WebSocket with nothing lost,
// doubled or out of order. Knows nothing of events or of reconnecting.

import { Emitter } from './socket-emitter.js';
import { decodeHandshake, ENGINE, ParseError, payloadSize } from './socket-payload.js';
import { PollingTransport } from './socket-polling.js';
import { TransportError, WebSocketTransport } from './socket-transport.js';

/** How long a transport may take to open while there is another one to try. */
const TRY_TIMEOUT = 5000;
/** How long a WebSocket beside polling may take to open; polling goes on meanwhile. */
const PROBE_TIMEOUT = 10_000;
/** How long it may then take to answer; nothing is sent meanwhile. */
const ANSWER_TIMEOUT = 3000;

/** @typedef {import('./socket-payload.js').EnginePacket} EnginePacket */
/** @typedef {import('./socket-payload.js').Handshake} Handshake */
/** @typedef {import('./socket-transport.js').CloseReason} CloseReason */

/**
 * @typedef {object} EngineOptions
 * @property {string[]} [transports]  `polling` and `websocket`, in the order in which they are tried
 * @property {boolean} [upgrade]  from polling to WebSocket
 * @property {boolean} [closeOnBeforeunload]
 * @property {boolean} [withCredentials]
 * @property {Record<string, string>} [extraHeaders]  of polling requests
 * @property {string|string[]} [protocols]  of the WebSocket
 * @property {any} [WebSocket]  a class in place of the platform's
 * @property {typeof globalThis.fetch} [fetch]  a function in place of the platform's
 */

/** Tells `open`, `ping`, `packet`, `packetCreate`, `data`, `drain`, `upgrading`, `upgrade`, `upgradeError` and, once and last, `close`. */
export class Engine extends Emitter {
  /** @type {string|undefined} the session's private id */ id;
  /** @type {'opening'|'open'|'closing'|'closed'} */ readyState = 'opening';
  /** @type {PollingTransport|WebSocketTransport|undefined} */ transport;
  /** @type {EnginePacket[]} what no transport has taken yet */ writeBuffer = [];

  #url;
  #opts;
  /** @type {string[]} */ #untried;
  /** @type {Handshake|undefined} */ #handshake;
  /** @type {WebSocketTransport|undefined} */ #probing;
  #upgrading = false;
  #lastPing = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #heartbeat;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #patience;
  #beforeUnload = () => this.transport?.close();

  /** @param {URL} url  without the protocol's own parameters @param {EngineOptions} opts */
  constructor(url, opts) {
    super();
    this.#url = url;
    this.#opts = opts;
    const possible = { polling: true, websocket: Boolean(opts.WebSocket ?? globalThis.WebSocket) };
    this.#untried = (opts.transports ?? ['polling', 'websocket']).filter((name) => possible[/** @type {'polling'} */ (name)]);
    if (opts.closeOnBeforeunload) globalThis.addEventListener?.('beforeunload', this.#beforeUnload);
    if (this.#untried.length > 0) this.#tryNext();
    else queueMicrotask(() => this.#end('transport error', new TransportError('no transports available')));
  }

  /** Whether what is sent now leaves at once. */
  get idle() {
    return this.readyState === 'open' && this.writeBuffer.length === 0 && !this.#upgrading && this.transport?.idle === true;
  }

  /** @param {Array<string|import('./socket-payload.js').Binary>} messages  sent in this order, nothing between them */
  send(...messages) {
    if (this.readyState === 'closing' || this.readyState === 'closed') return this;
    for (const data of messages) this.#push({ type: ENGINE.MESSAGE, data });
    this.#flush();
    return this;
  }

  /** Ends the session when everything is sent. */
  close() {
    if (this.readyState === 'opening') this.#end('forced close');
    if (this.readyState !== 'open') return this;
    this.readyState = 'closing';
    this.#finish();
    return this;
  }

  /** Ends the session at once, and tells the server nothing. */
  drop() {
    this.#end('transport close');
  }

  /** Timers stand still while a machine sleeps: looks at the clock itself, and ends a session that is dead. */
  checkHeartbeat() {
    if (!this.#handshake) return;
    const { pingInterval, pingTimeout } = this.#handshake;
    if (Date.now() - this.#lastPing > pingInterval + pingTimeout) this.#end('ping timeout');
  }

  #tryNext() {
    const name = this.#untried.shift();
    const events = this.#events(() => transport);
    /** @type {PollingTransport|WebSocketTransport} */
    const transport = name === 'websocket'
      ? new WebSocketTransport(this.#address('websocket'), events, this.#opts)
      : new PollingTransport(this.#address('polling'), events, this.#opts);
    this.transport = transport;
    clearTimeout(this.#patience);
    const late = () => this.#failed(transport, 'transport error', new TransportError(`${name} did not open in time`));
    if (this.#untried.length > 0) this.#patience = setTimeout(late, TRY_TIMEOUT);
  }

  /** @param {string} transport */
  #address(transport) {
    const url = new URL(this.#url);
    url.searchParams.set('EIO', '4');
    url.searchParams.set('transport', transport);
    if (this.id) url.searchParams.set('sid', this.id);
    return url;
  }

  /** @param {() => PollingTransport|WebSocketTransport} transport @returns {import('./socket-transport.js').TransportEvents} */
  #events(transport) {
    return {
      onpacket: (packet) => this.#receive(packet),
      ondrain: () => this.#drained(),
      onclose: (reason, description) => this.#failed(transport(), reason, description),
    };
  }

  /** @param {PollingTransport|WebSocketTransport} transport @param {CloseReason} reason @param {any} description */
  #failed(transport, reason, description) {
    if (transport !== this.transport) return;
    if (this.readyState === 'opening' && this.#untried.length > 0) {
      transport.close();
      this.#tryNext();
    } else {
      this.#end(reason, description);
    }
  }

  /** @param {EnginePacket} packet */
  #receive(packet) {
    if (this.readyState === 'closed') return;
    this.tell('packet', packet);
    switch (packet.type) {
      case ENGINE.OPEN:
        this.#opened(String(packet.data));
        break;
      case ENGINE.PING:
        this.#push({ type: ENGINE.PONG, data: packet.data });
        this.#flush();
        this.#beat();
        this.tell('ping');
        break;
      case ENGINE.MESSAGE:
        this.tell('data', packet.data);
        break;
      case ENGINE.CLOSE:
        this.#end('transport close', { description: 'the server closed the session' });
        break;
      default:
    }
  }

  /** @param {string} text */
  #opened(text) {
    try {
      this.#handshake = decodeHandshake(text);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      return this.#end('parse error', error);
    }
    clearTimeout(this.#patience);
    this.id = this.#handshake.sid;
    this.readyState = 'open';
    this.#beat();
    if (this.transport instanceof PollingTransport) this.transport.opened(this.id);
    this.tell('open');
    this.#flush();
    const { transports = ['websocket'], upgrade = true } = this.#opts;
    const better = this.transport?.name === 'polling' && this.#handshake.upgrades.includes('websocket') && transports.includes('websocket');
    if (upgrade && better && (this.#opts.WebSocket ?? globalThis.WebSocket)) this.#probe();
    return undefined;
  }

  /**
   * Tries whether a WebSocket works. From the probe on polling brings no messages, and a server may hold a POST until its answers are read:
   * so the probe waits for the POST that is under way, and no other begins.
   */
  #probe() {
    if (this.readyState !== 'open') return;
    const old = /** @type {PollingTransport} */ (this.transport);
    const failed = (/** @type {any} */ _reason, /** @type {any} */ cause) => this.#probeFailed(cause);
    /** @type {WebSocketTransport} */
    const next = new WebSocketTransport(this.#address('websocket'), {
      onopen: () => {
        this.#upgrading = true;
        this.tell('upgrading', next);
        if (old.writing) void old.writing.then(ask);
        else ask();
      },
      onpacket: ({ type, data }) => {
        if (type === ENGINE.PONG && data === 'probe') void this.#change(next);
        else failed('parse error', new ParseError('answer to a probe'));
      },
      ondrain: () => {},
      onclose: failed,
    }, this.#opts);
    const ask = () => {
      if (this.#probing !== next) return;
      clearTimeout(this.#patience);
      this.#patience = setTimeout(failed, ANSWER_TIMEOUT);
      next.send([{ type: ENGINE.PING, data: 'probe' }]);
    };
    this.#probing = next;
    this.#patience = setTimeout(failed, PROBE_TIMEOUT);
  }

  /** @param {any} cause */
  #probeFailed(cause) {
    if (!this.#probing) return;
    this.#stopProbing();
    this.#upgrading = false;
    if (this.transport instanceof PollingTransport) this.transport.resume();
    this.tell('upgradeError', cause);
  }

  #stopProbing() {
    clearTimeout(this.#patience);
    this.#probing?.close();
    this.#probing = undefined;
  }

  /** The WebSocket works: what is under way on polling ends first. @param {WebSocketTransport} next */
  async #change(next) {
    const old = /** @type {PollingTransport} */ (this.transport);
    await old.pause();
    if (this.#probing !== next || this.readyState === 'closed') return;
    this.#probing = undefined;
    clearTimeout(this.#patience);
    next.events = this.#events(() => next);
    this.transport = next;
    old.close();
    next.send([{ type: ENGINE.UPGRADE }]);
    this.#upgrading = false;
    this.tell('upgrade', next);
    this.#flush();
  }

  /** @param {EnginePacket} packet */
  #push(packet) {
    this.tell('packetCreate', packet);
    this.writeBuffer.push(packet);
  }

  #flush() {
    if (this.#upgrading || !this.transport?.writable || this.writeBuffer.length === 0) return;
    const packets = this.writeBuffer.splice(0, this.transport.name === 'polling' ? this.#fitting() : Infinity);
    this.transport.send(packets);
  }

  /** How many packets one payload may hold: at least one, be it too large. */
  #fitting() {
    const { maxPayload } = this.#handshake ?? {};
    if (!maxPayload) return this.writeBuffer.length;
    let size = 0;
    const over = this.writeBuffer.findIndex((packet) => (size += payloadSize(packet)) > maxPayload);
    return over < 0 ? this.writeBuffer.length : Math.max(1, over);
  }

  #drained() {
    if (this.writeBuffer.length > 0) this.#flush();
    else this.tell('drain');
  }

  #beat() {
    const { pingInterval, pingTimeout } = /** @type {Handshake} */ (this.#handshake);
    this.#lastPing = Date.now();
    clearTimeout(this.#heartbeat);
    this.#heartbeat = setTimeout(() => this.#end('ping timeout'), pingInterval + pingTimeout);
  }

  /** Ends a session that is to close as soon as it has changed its transport and sent everything. */
  #finish() {
    const later = () => this.readyState === 'closing' && this.#finish();
    if (this.#upgrading) {
      this.once('upgrade', later).once('upgradeError', later);
    } else if (this.writeBuffer.length > 0 || !this.transport?.writable) {
      this.once('drain', later);
    } else {
      this.#end('forced close');
    }
  }

  /** @param {CloseReason} reason @param {any} [description] */
  #end(reason, description) {
    if (this.readyState === 'closed') return;
    const goodbye = reason === 'forced close';
    this.readyState = 'closed';
    clearTimeout(this.#heartbeat);
    this.#stopProbing();
    clearTimeout(this.#patience);
    this.transport?.close(goodbye);
    this.writeBuffer = [];
    if (this.#opts.closeOnBeforeunload) globalThis.removeEventListener?.('beforeunload', this.#beforeUnload);
    this.tell('close', reason, description);
  }
}
