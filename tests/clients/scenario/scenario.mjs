// One scenario, two clients: the project's own as the server serves it, and the official one. Whoever changes from one to the other must
// not notice.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { io as official } from 'socket.io-client';
import { Echo, Office } from '../support/server.js';
import { Network } from './proxy.mjs';
import { STEPS } from './steps.mjs';

const TRANSPORTS = new Map([
  ['polling', ['polling']],
  ['websocket', ['websocket']],
  ['upgrade', ['polling', 'websocket']],
]);

/** The platform has its own WebSocket since Node.js 22; before, the one that the official client brings along. */
const WebSocket = globalThis.WebSocket ?? broughtAlong();

function broughtAlong() {
  const client = createRequire(import.meta.resolve('socket.io-client'));
  return createRequire(client.resolve('engine.io-client'))('ws').WebSocket;
}

const office = new Office();
const echo = new Echo();
const network = new Network();
let own;

before(async () => {
  await Promise.all([office.start(), echo.start(), network.open(() => office.port)]);
  const module = await text('/socket.io/socket.io.esm.js');
  own = (await import(`data:text/javascript,${encodeURIComponent(module)}`)).io;
});

after(() => Promise.all([office.dispose(), echo.dispose(), network.close()]));

/** @param {string} path */
async function text(path) {
  const response = await fetch(office.url + path);
  assert.equal(response.status, 200, path);
  return response.text();
}

const clients = [
  ['the own client', (url, opts) => own(url, { WebSocket, ...opts })],
  ['the official client', official],
];

for (const [name, client] of clients) {
  for (const [transport, transports] of TRANSPORTS) {
    describe(`${name}, ${transport}`, () => {
      const io = (url, opts) =>
        client(url, { transports, forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 250, ...opts, auth: { token: office.token, ...opts?.auth } });
      const scene = { io, transport: transports.at(-1), office, echo, network };
      for (const [step, run] of STEPS) it(step, () => run(scene));
    });
  }
}

describe('the own client as a script', () => {
  it('defines io, and nothing else, and connects', async () => {
    const context = createContext({ URL, URLSearchParams, WebSocket, fetch, AbortController, AbortSignal, setTimeout, clearTimeout, queueMicrotask, TextEncoder, ArrayBuffer });
    const before = Object.keys(context);
    runInContext(await text('/socket.io/socket.io.js'), context);
    assert.deepEqual(Object.keys(context).filter((key) => !before.includes(key)), ['io']);
    const socket = context.io(office.url);
    const greeting = await new Promise((resolve, reject) => socket.once('saludo', resolve).once('connect_error', reject));
    assert.equal(greeting.id, socket.id);
    socket.disconnect();
    assert.equal(await text('/socket.io/socket.io.min.js'), await text('/socket.io/socket.io.js'));
    assert.equal(await text('/socket.io/socket.io.esm.min.js'), await text('/socket.io/socket.io.esm.js'));
  });
});
