// `ngx-socket-io`, as published, in an Angular application in Chromium: the example's component, and sockets with `fromEvent` as observables.
// The application has an origin of its own, as with `ng serve`; the office is told to let it in.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { build } from 'esbuild';
import { Echo, Office } from './support/server.js';
import { STEPS } from './support/visit.js';
import { DEADLINE, Inbox } from './support/wait.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

// The example's sources get the packages of this folder, whether the example has installed its own or not.
const ownPackages = {
  name: 'own packages',
  setup: (/** @type {import('esbuild').PluginBuild} */ { onResolve, resolve }) =>
    onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) =>
      importer.startsWith(here('../../examples/')) ? resolve(path, { kind, resolveDir: here('.') }) : undefined),
};

/** @implements {import('./support/visit.js').Peer} */
class AngularPeer {
  #inboxes = new Map();
  #page;
  #name;

  constructor(page, name) {
    this.#page = page;
    this.#name = name;
  }

  inbox(event) {
    if (!this.#inboxes.has(event)) this.#inboxes.set(event, new Inbox());
    return this.#inboxes.get(event);
  }

  connect(url, auth) {
    return this.#page.evaluate(([name, url, auth]) => window.connect(name, url, auth), [this.#name, url, auth]);
  }

  id() {
    return this.#page.evaluate((name) => window.id(name), this.#name);
  }

  /** The last one that the session comes to. */
  async transport(expected) {
    await this.#page.waitForFunction(([name, expected]) => window.transport(name) === expected, [this.#name, expected], { timeout: DEADLINE });
    return expected;
  }

  ask(event, payload) {
    return this.#page.evaluate(([name, event, payload]) => window.ask(name, event, payload), [this.#name, event, payload]);
  }

  emit(event, payload) {
    return this.#page.evaluate(([name, event, payload]) => window.emit(name, event, payload), [this.#name, event, payload]);
  }

  // `fromEvent` hands on the first argument alone.
  async next(event, matches = () => true) {
    return [await this.inbox(event).next(event, matches)];
  }

  close() {
    return this.#page.evaluate((name) => window.disconnect(name), this.#name);
  }
}

describe('ngx-socket-io', () => {
  let browser;
  const files = createServer();

  before(async () => {
    const bundle = await build({
      entryPoints: [here('./angular/main.js')],
      bundle: true,
      write: false,
      format: 'esm',
      tsconfigRaw: { compilerOptions: { experimentalDecorators: true, target: 'ES2022', useDefineForClassFields: false } },
      plugins: [ownPackages],
      logLevel: 'error',
    });
    const page = await readFile(here('./angular/index.html'));
    files.on('request', ({ url }, response) => {
      if (url === '/main.js') response.setHeader('content-type', 'text/javascript').end(bundle.outputFiles[0].text);
      else response.setHeader('content-type', 'text/html').end(page);
    });
    await once(files.listen(0, '127.0.0.1'), 'listening');
    const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
    const args = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
    browser = await chromium.launch({ executablePath, chromiumSandbox: false, args });
  });

  after(async () => {
    await browser?.close();
    files.closeAllConnections();
    files.close();
  });

  for (const [name, transports] of [['polling only', ['polling']], ['WebSocket only', ['websocket']], ['upgrade', undefined]]) {
    describe(name, () => {
      let office;
      const echo = new Echo();
      let page;
      const scene = {
        peers: [],
        transport: transports?.[0] ?? 'websocket',
        last: 0,
        restart: (how) => office.restart(how),
        async echo(bytes) {
          const peer = peers.get('mirror');
          await peer.connect(echo.url);
          await peer.emit('message', { bytes: [...bytes] });
          const [event] = await peer.next('message-back');
          const answer = await peer.ask('message-with-ack', { bytes: [...bytes] });
          await peer.close();
          return { event: event.bytes, answer: answer.bytes };
        },
      };
      const peers = new Map();

      before(async () => {
        const origin = `http://127.0.0.1:${files.address().port}`;
        office = new Office('--cors-origins', origin);
        await Promise.all([office.start(), echo.start()]);
        page = await browser.newPage();
        page.setDefaultTimeout(DEADLINE);
        for (const name of ['writer', 'member', 'outsider', 'mirror']) peers.set(name, new AngularPeer(page, name));
        await page.exposeFunction('heard', (name, event, payload) => peers.get(name).inbox(event).put(payload));
        await page.goto(origin);
        const auth = { token: office.token };
        await page.evaluate(([url, auth, transports]) => window.start(url, auth, transports), [office.url, auth, transports]);
        scene.peers = ['writer', 'member', 'outsider'].map((name) => peers.get(name));
        for (const peer of scene.peers) await peer.connect(office.url, auth);
      });

      after(async () => {
        await page?.close();
        await Promise.all([office?.dispose(), echo.dispose()]);
      });

      it('shows the component of the example', async () => {
        await page.locator('#last').filter({ hasText: /^0$/ }).waitFor();
        assert.equal(await page.getByRole('alert').count(), 0);
      });

      for (const [step, run] of STEPS) it(step, () => run(scene));

      it('has shown all of it, and takes a ticket at the press of a button', async () => {
        await page.locator('#last').filter({ hasText: new RegExp(`^${scene.last}$`) }).waitFor();
        await page.getByRole('button').click();
        const next = scene.last + 1;
        await page.locator('#mine').filter({ hasText: new RegExp(`-0*${next}$`) }).waitFor();
        await page.locator('#last').filter({ hasText: new RegExp(`^${next}$`) }).waitFor();
        await page.locator('#waiting').filter({ hasText: new RegExp(`^${next}$`) }).waitFor();
      });
    });
  }
});
