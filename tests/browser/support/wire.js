// The line between one browser and the program, to be cut, held up and mended at an exact moment.

export class Wire {
  /** @type {'whole'|'deaf'|'cut'} */ #state = 'whole';
  /** @type {Set<{page: import('@playwright/test').WebSocketRoute, server: import('@playwright/test').WebSocketRoute}>} */ #open = new Set();
  /** @type {string[]} what the page sent, since the wire was laid */ sent = [];

  /** @param {import('@playwright/test').BrowserContext} context */
  async lay(context) {
    // Long polling would go around it.
    await context.route(/\/socket\.io\//, (route) => route.abort());
    await context.routeWebSocket(/\/socket\.io\//, (page) => {
      if (this.#state === 'cut') return void page.close();
      const pair = { page, server: page.connectToServer() };
      this.#open.add(pair);
      page.onMessage((message) => {
        this.sent.push(String(message));
        if (this.#open.has(pair)) pair.server.send(message);
      });
      pair.server.onMessage((message) => {
        if (this.#state === 'whole') page.send(message);
      });
      pair.server.onClose(() => this.#close(pair));
      page.onClose(() => this.#close(pair));
    });
  }

  /** What the page sends arrives, what the program answers is lost. */
  loseAnswers() {
    this.#state = 'deaf';
  }

  /** Ends all connections; new ones fail until it is mended. */
  cut() {
    this.#state = 'cut';
    for (const pair of [...this.#open]) this.#close(pair);
  }

  mend() {
    this.#state = 'whole';
  }

  /** @param {{page: import('@playwright/test').WebSocketRoute, server: import('@playwright/test').WebSocketRoute}} pair */
  #close(pair) {
    if (!this.#open.delete(pair)) return;
    void pair.page.close().catch(() => {});
    void pair.server.close().catch(() => {});
  }
}
