// One Engine.IO connection over a WebSocket. Knows frames, nothing of the session on it.

import { decodeFrame, encodeFrame, ParseError } from './socket-payload.js';

/** @typedef {import('./socket-payload.js').EnginePacket} EnginePacket */
/** @typedef {'transport close'|'transport error'|'ping timeout'|'parse error'|'forced close'} CloseReason */

/**
 * @typedef {object} TransportEvents
 * @property {() => void} [onopen]
 * @property {(packet: EnginePacket) => void} onpacket
 * @property {() => void} ondrain  what was to be sent is sent
 * @property {(reason: CloseReason, description?: any) => void} onclose  once, and nothing after it
 */

/** Why a transport failed: `description` is the status or the cause, `context` what the platform gave. */
export class TransportError extends Error {
  type = 'TransportError';

  /** @param {string} message @param {any} [description] @param {any} [context] */
  constructor(message, description, context) {
    super(message);
    this.description = description;
    this.context = context;
  }
}

export class WebSocketTransport {
  name = 'websocket';
  /** @type {TransportEvents} may be replaced: who owns a transport changes with an upgrade */ events;

  /** @type {WebSocket|undefined} */ #ws;
  #closed = false;

  /**
   * @param {URL} url
   * @param {TransportEvents} events
   * @param {{WebSocket?: any, protocols?: string|string[]}} opts
   */
  constructor(url, events, opts) {
    this.events = events;
    const address = new URL(url);
    address.protocol = address.protocol.replace(/^http/, 'ws');
    const WebSocketClass = opts.WebSocket ?? globalThis.WebSocket;
    try {
      const ws = opts.protocols ? new WebSocketClass(address.href, opts.protocols) : new WebSocketClass(address.href);
      ws.binaryType = 'arraybuffer';
      ws.onopen = () => this.events.onopen?.();
      ws.onmessage = (/** @type {MessageEvent} */ event) => this.#receive(event.data);
      ws.onerror = (/** @type {any} */ event) => this.#end('transport error', new TransportError('websocket error', event?.message, event));
      ws.onclose = (/** @type {any} */ event) => this.#end('transport close', { description: 'websocket connection closed', context: event });
      this.#ws = ws;
    } catch (error) {
      // Told later: nobody listens before the constructor has returned.
      queueMicrotask(() => this.#end('transport error', new TransportError('websocket error', error, error)));
    }
  }

  /** May be given packets. */
  get writable() {
    return !this.#closed && this.#ws?.readyState === 1;
  }

  /** Has nothing left to send. */
  get idle() {
    return this.writable && !(/** @type {WebSocket} */ (this.#ws).bufferedAmount > 0);
  }

  /** @param {EnginePacket[]} packets */
  send(packets) {
    if (!this.writable) return;
    for (const packet of packets) this.#ws?.send(/** @type {any} */ (encodeFrame(packet)));
    this.events.ondrain();
  }

  /** Ends it without a word to its owner. */
  close() {
    this.#closed = true;
    const ws = this.#ws;
    if (!ws) return;
    ws.onopen = ws.onmessage = ws.onclose = null;
    // One that is closed before it is open may still fail, and some implementations throw when nobody listens.
    ws.onerror = () => {};
    try {
      ws.close();
    } catch {
      // a socket that cannot be closed is as good as closed
    }
  }

  /** @param {unknown} frame */
  #receive(frame) {
    if (this.#closed) return;
    let packet;
    try {
      packet = decodeFrame(frame);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      return this.#end('parse error', error);
    }
    return this.events.onpacket(packet);
  }

  /** @param {CloseReason} reason @param {any} [description] */
  #end(reason, description) {
    if (this.#closed) return;
    this.close();
    this.events.onclose(reason, description);
  }
}
