/** A WebSocket whose other end is the test. */
export class FakeWebSocket {
  static CONNECTING = 0;
  /** @type {FakeWebSocket[]} every one that was made, newest last */ static made = [];

  readyState = 0;
  sent = [];
  onopen = null;
  onmessage = null;
  onerror = null;
  onclose = null;

  constructor(url) {
    this.url = url;
    FakeWebSocket.made.push(this);
  }

  static get last() {
    return FakeWebSocket.made.at(-1);
  }

  send(text) {
    this.sent.push(text);
  }

  close() {
    this.readyState = 3;
  }

  /** The server accepts it, for a session that there is already. */
  accept() {
    this.readyState = 1;
    this.onopen?.({});
  }

  /** The server accepts and opens a session. */
  open({ pingInterval = 25_000, pingTimeout = 20_000 } = {}) {
    this.readyState = 1;
    this.say(`0${JSON.stringify({ sid: 'engine', upgrades: [], pingInterval, pingTimeout, maxPayload: 1_000_000 })}`);
  }

  /** The server accepts the main namespace too. */
  welcome(sid = 'public', options) {
    this.open(options);
    this.say(`40${JSON.stringify({ sid })}`);
  }

  say(text) {
    this.onmessage?.({ data: text });
  }

  /** The network drops it. */
  drop() {
    this.readyState = 3;
    this.onclose?.({});
  }
}
