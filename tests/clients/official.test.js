// The official JavaScript client, as published: the newest 4.x and a 3.x, on each transport.

import { after, before, describe, it } from 'node:test';
import { io as io4 } from 'socket.io-client';
import { io as io3 } from 'socket.io-client-3';
import { Echo, Office } from './support/server.js';
import { STEPS } from './support/visit.js';
import { Inbox, within } from './support/wait.js';

const CLIENTS = new Map([['4.x', io4], ['3.x', io3]]);
const TRANSPORTS = new Map([
  ['polling only', { transports: ['polling'] }],
  ['WebSocket only', { transports: ['websocket'] }],
  ['upgrade', {}],
]);

/** @implements {import('./support/visit.js').Peer} */
class OfficialPeer {
  #inboxes = new Map();

  constructor(io, url, options) {
    this.socket = io(url, { reconnectionDelay: 50, reconnectionDelayMax: 250, forceNew: true, ...options });
    this.socket.onAny((event, ...args) => this.#inbox(event).put(args));
    // Both transports: the session begins on one and goes over to the other.
    this.upgraded = options.transports ? undefined : new Promise((resolve) => this.socket.io.once('open', () => this.socket.io.engine.once('upgrade', resolve)));
  }

  #inbox(event) {
    if (!this.#inboxes.has(event)) this.#inboxes.set(event, new Inbox());
    return this.#inboxes.get(event);
  }

  async id() {
    return this.socket.id;
  }

  async transport() {
    if (this.upgraded) await within('the upgrade', this.upgraded);
    return this.socket.io.engine.transport.name;
  }

  ask(event, payload) {
    return within(`the acknowledgement of ${event}`, new Promise((resolve) => this.socket.emit(event, payload, resolve)));
  }

  next(event, matches = () => true) {
    return this.#inbox(event).next(event, (args) => matches(...args));
  }

  async close() {
    this.socket.disconnect();
  }
}

for (const [version, io] of CLIENTS) {
  for (const [name, options] of TRANSPORTS) {
    describe(`socket.io-client ${version}, ${name}`, () => {
      const office = new Office();
      const echo = new Echo();
      const transport = options.transports?.[0] ?? 'websocket';
      const scene = {
        peers: [],
        transport,
        last: 0,
        restart: (how) => office.restart(how),
        async echo(bytes) {
          const peer = new OfficialPeer(io, echo.url, options);
          try {
            peer.socket.emit('message', Buffer.from(bytes));
            const [event] = await peer.next('message-back');
            return { event, answer: await peer.ask('message-with-ack', Buffer.from(bytes)) };
          } finally {
            await peer.close();
          }
        },
      };

      before(async () => {
        await Promise.all([office.start(), echo.start()]);
        scene.peers = [1, 2, 3].map(() => new OfficialPeer(io, office.url, { ...options, auth: { token: office.token } }));
      });

      after(async () => {
        for (const peer of scene.peers) await peer.close();
        await Promise.all([office.dispose(), echo.dispose()]);
      });

      for (const [step, run] of STEPS) it(step, () => run(scene));
    });
  }
}
