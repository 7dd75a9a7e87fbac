// A network between client and server that can be cut.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Network {
  #sockets = new Set();
  #whole = true;
  #server;
  port = 0;

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** @param {() => number} target  the server's port at that moment */
  async open(target) {
    this.#server = createServer((near) => {
      if (!this.#whole) return near.destroy();
      const far = connect(target(), '127.0.0.1');
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far);
      far.pipe(near);
      return undefined;
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
  }

  /** Ends all connections without a word, and lets no new one through. */
  cut() {
    this.#whole = false;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend() {
    this.#whole = true;
  }

  async close() {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
