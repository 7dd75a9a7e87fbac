// One Engine.IO 4 connection over a WebSocket: handshake, heartbeat, messages as text. Knows nothing of events or of reconnecting.

import { decodeHandshake, ENGINE, ParseError } from './socket-packet.js';

/** @typedef {'transport close'|'transport error'|'ping timeout'|'parse error'|'forced close'} CloseReason */

/**
 * @typedef {object} TransportEvents
 * @property {(handshake: import('./socket-packet.js').Handshake) => void} onopen
 * @property {(text: string) => void} onmessage
 * @property {() => void} onheard  anything at all came from the server
 * @property {(reason: CloseReason) => void} onclose  once, and nothing after it
 */

export class WebSocketTransport {
  /** @type {WebSocket} */ #ws;
  #events;
  #closed = false;
  #patience = 0;
  #lastPing = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;

  /**
   * @param {string} url
   * @param {TransportEvents} events
   * @param {{WebSocket: new (url: string) => WebSocket, openTimeout: number}} opts
   */
  constructor(url, events, opts) {
    this.#events = events;
    this.#ws = new opts.WebSocket(url);
    this.#ws.onmessage = (event) => this.#receive(event.data);
    this.#ws.onerror = () => this.#end('transport error');
    this.#ws.onclose = () => this.#end('transport close');
    this.#timer = setTimeout(() => this.#end('transport error'), opts.openTimeout);
  }

  /** @param {string} packet  a whole Engine.IO packet */
  send(packet) {
    if (!this.#closed && this.#ws.readyState === 1) this.#ws.send(packet);
  }

  close() {
    this.send(ENGINE.CLOSE);
    this.#end('forced close');
  }

  /** Timers stand still while a machine sleeps: looks at the clock itself. */
  checkHeartbeat() {
    if (this.#patience && Date.now() - this.#lastPing > this.#patience) this.#end('ping timeout');
  }

  /** @param {unknown} frame */
  #receive(frame) {
    if (this.#closed) return;
    try {
      if (typeof frame !== 'string') throw new ParseError('binary frame');
      this.#events.onheard();
      this.#dispatch(frame);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      this.#end('parse error');
    }
  }

  /** @param {string} frame */
  #dispatch(frame) {
    switch (frame[0]) {
      case ENGINE.OPEN: {
        const handshake = decodeHandshake(frame.slice(1));
        this.#patience = handshake.pingInterval + handshake.pingTimeout;
        this.#beat();
        return this.#events.onopen(handshake);
      }
      case ENGINE.PING:
        this.send(ENGINE.PONG + frame.slice(1));
        return this.#beat();
      case ENGINE.MESSAGE:
        return this.#events.onmessage(frame.slice(1));
      case ENGINE.CLOSE:
        return this.#end('transport close');
      case ENGINE.NOOP:
      case ENGINE.PONG:
        return undefined;
      default:
        throw new ParseError(`engine packet ${frame[0]}`);
    }
  }

  #beat() {
    this.#lastPing = Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end('ping timeout'), this.#patience);
  }

  /** @param {CloseReason} reason */
  #end(reason) {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#ws.onmessage = this.#ws.onerror = this.#ws.onclose = null;
    try {
      this.#ws.close();
    } catch {
      // a socket that cannot be closed is as good as closed
    }
    this.#events.onclose(reason);
  }
}
