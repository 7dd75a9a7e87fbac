// One Engine.IO connection by HTTP long polling: one GET waits for packets, one POST at a time takes them. Knows nothing of the session on it.

import { decodePayload, encodePayload, ENGINE, ParseError } from './socket-payload.js';
import { TransportError } from './socket-transport.js';

/** How long a server may take to hear that we leave. */
const GOODBYE_PATIENCE = 3000;

/** @typedef {import('./socket-transport.js').TransportEvents} TransportEvents */
/** @typedef {import('./socket-payload.js').EnginePacket} EnginePacket */

export class PollingTransport {
  name = 'polling';
  /** May be given packets. */ writable = false;
  /** @type {TransportEvents} */ events;

  #url;
  #opts;
  #closed = false;
  #pausing = false;
  /** @type {Promise<void>|undefined} */ #reading;
  /** @type {Promise<void>|undefined} */ #writing;
  #abort = new AbortController();

  /**
   * @param {URL} url
   * @param {TransportEvents} events
   * @param {{fetch?: typeof fetch, withCredentials?: boolean, extraHeaders?: Record<string, string>}} opts
   */
  constructor(url, events, opts) {
    this.#url = new URL(url);
    this.events = events;
    this.#opts = opts;
    this.#reading = this.#read();
  }

  /** Has nothing left to send. */
  get idle() {
    return this.writable;
  }

  /** The POST that is under way. */
  get writing() {
    return this.#writing;
  }

  /** The session has an id: from now on packets can be sent. @param {string} sid */
  opened(sid) {
    this.#url.searchParams.set('sid', sid);
    this.writable = true;
  }

  /** @param {EnginePacket[]} packets  no more than one payload may hold */
  send(packets) {
    this.writable = false;
    this.#writing = this.#write(packets);
  }

  /** Stops as soon as what is under way has ended; what came by then has been told. */
  async pause() {
    this.#pausing = true;
    this.writable = false;
    await this.#writing;
    await this.#reading;
  }

  /** Goes on after a pause. */
  resume() {
    this.#pausing = false;
    if (this.#closed) return;
    // What was under way when the pause began may still be, and goes on by itself.
    this.#reading ??= this.#read();
    if (this.#writing) return;
    this.writable = true;
    this.events.ondrain();
  }

  /** Ends it without a word to its owner. @param {boolean} [goodbye] tells the server that the session is over */
  close(goodbye = false) {
    if (this.#closed) return;
    this.#closed = true;
    this.writable = false;
    if (goodbye && this.#url.searchParams.has('sid')) void this.#leave();
    else this.#abort.abort();
  }

  async #leave() {
    await this.#writing;
    const signal = AbortSignal.timeout(GOODBYE_PATIENCE);
    await this.#fetch({ method: 'POST', body: ENGINE.CLOSE, signal, keepalive: true }).catch(() => {
      // the server will find out by itself
    });
    this.#abort.abort();
  }

  async #read() {
    while (!this.#closed && !this.#pausing) {
      const text = await this.#request('fetch read error', { method: 'GET', signal: this.#abort.signal });
      if (text === undefined) return;
      for (const packet of this.#decode(text)) this.#take(packet);
    }
    this.#reading = undefined;
  }

  /** @param {EnginePacket[]} packets */
  async #write(packets) {
    const body = await encodePayload(packets);
    const done = await this.#request('fetch write error', { method: 'POST', body, signal: this.#abort.signal });
    this.#writing = undefined;
    if (done === undefined || this.#pausing) return;
    this.writable = true;
    this.events.ondrain();
  }

  /** @param {string} text */
  #decode(text) {
    try {
      return decodePayload(text);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      this.#end('parse error', error);
      return [];
    }
  }

  /** @param {EnginePacket} packet */
  #take(packet) {
    if (this.#closed) return;
    try {
      this.events.onpacket(packet);
    } catch (error) {
      // A listener's own mistake is for the platform to report; the packets behind it are not to suffer.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  /** @param {string} failure @param {RequestInit} init @returns {Promise<string|undefined>} undefined when it failed or is over */
  async #request(failure, init) {
    try {
      const response = await this.#fetch(init);
      const text = await response.text();
      if (response.ok) return this.#closed ? undefined : text;
      this.#end('transport error', new TransportError(failure, response.status, response));
    } catch (error) {
      this.#end('transport error', new TransportError(failure, error, error));
    }
    return undefined;
  }

  /** @param {RequestInit} init */
  #fetch(init) {
    const { fetch = globalThis.fetch, withCredentials, extraHeaders } = this.#opts;
    /** @type {Record<string, string>} */
    const headers = init.method === 'POST' ? { 'Content-Type': 'text/plain;charset=UTF-8' } : {};
    const credentials = withCredentials ? 'include' : 'same-origin';
    return fetch(this.#url.href, { ...init, headers: { ...headers, ...extraHeaders }, credentials, cache: 'no-store' });
  }

  /** @param {import('./socket-transport.js').CloseReason} reason @param {any} description */
  #end(reason, description) {
    if (this.#closed) return;
    this.close();
    this.events.onclose(reason, description);
  }
}
