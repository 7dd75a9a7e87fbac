// What a program may expect of its client, step by step, whoever wrote that client. Each step makes its own sockets.

import assert from 'node:assert/strict';
import { Inbox, within } from '../support/wait.js';

/**
 * @typedef {object} Scene
 * @property {(url: string, opts?: object) => any} io  the client under test, on the transport under test
 * @property {string} transport  on which a connection must be in the end
 * @property {import('../support/server.js').Office} office
 * @property {import('../support/server.js').Echo} echo
 * @property {import('./proxy.mjs').Network} network  the way to the office that can be cut
 */

/** @param {any} emitter @param {string} event @returns {Promise<any[]>} the arguments of the next one */
const next = (emitter, event) => within(event, new Promise((resolve) => emitter.once(event, (...args) => resolve(args))));

/** @param {any} socket @param {string} event @returns {Inbox} all arguments of each one from now on */
function inbox(socket, event) {
  const box = new Inbox();
  socket.on(event, (...args) => box.put(args));
  return box;
}

/** Connects, lets a function use the socket, and disconnects. */
async function using(socket, use) {
  try {
    return await use(socket);
  } finally {
    socket.disconnect();
  }
}

async function greets({ io, office }) {
  await using(io(office.url), async (socket) => {
    assert.equal(socket.connected, false);
    assert.equal(socket.active, true);
    const greeting = next(socket, 'saludo');
    await next(socket, 'connect');
    assert.deepEqual([socket.connected, socket.disconnected, Boolean(socket.recovered)], [true, false, false]);
    const [{ emisor, id }] = await greeting;
    assert.deepEqual([emisor, id], ['Server', socket.id]);
    const gone = next(socket, 'disconnect');
    socket.disconnect();
    assert.equal((await gone)[0], 'io client disconnect');
    assert.deepEqual([socket.connected, socket.active, socket.id], [false, false, undefined]);
  });
}

async function onTransport({ io, transport, office }) {
  await using(io(office.url), async (socket) => {
    const changed = within('the transport', new Promise((resolve) => {
      socket.io.on('open', () => {
        const { engine } = socket.io;
        if (engine.transport.name === transport) resolve(undefined);
        else engine.once('upgrade', resolve);
      });
    }));
    await next(socket, 'connect');
    await changed;
    assert.equal(socket.io.engine.transport.name, transport);
    assert.equal((await socket.emitWithAck('entrar-pantalla', {})).ok, true);
  });
}

async function acknowledges({ io, office }) {
  await using(io(office.url), async (socket) => {
    const answer = await within('the callback', new Promise((resolve) => socket.emit('siguiente-ticket', {}, resolve)));
    assert.equal(answer.ok, true);
    assert.match(answer.ticket.codigo, /^[A-Z]+-\d{3}$/);
    const { ok, code } = await within('the promise', socket.emitWithAck('siguiente-ticket', { servicio: 'ninguno' }));
    assert.deepEqual([ok, code], [false, 'unknown_service']);
    const timed = await within('the answer in time', new Promise((resolve) => {
      socket.timeout(5000).emit('siguiente-ticket', {}, (error, reply) => resolve([error, reply.ok]));
    }));
    assert.deepEqual(timed, [null, true]);
  });
}

async function timesOut({ io, echo }) {
  await using(io(echo.url), async (socket) => {
    await next(socket, 'connect');
    const error = await within('the time-out', new Promise((resolve) => socket.timeout(50).emit('nobody-answers', resolve)));
    assert.equal(error.message, 'operation has timed out');
    await assert.rejects(within('the time-out', socket.timeout(50).emitWithAck('nobody-answers')), /operation has timed out/);
    const lost = socket.timeout(10_000).emitWithAck('nobody-answers');
    socket.disconnect();
    await assert.rejects(within('the end', lost), /socket has been disconnected/);
  });
}

async function buffers({ io, echo }) {
  await using(io(echo.url, { autoConnect: false }), async (socket) => {
    assert.equal(socket.active, false);
    const back = inbox(socket, 'message-back');
    for (let n = 0; n < 5; n += 1) socket.emit('message', n);
    socket.volatile.emit('message', 'lost');
    const never = assert.rejects(socket.timeout(20).emitWithAck('message', 'too late'), /timed out/);
    await within('the time-out', never);
    const answer = socket.emitWithAck('message-with-ack', 'kept');
    socket.connect();
    assert.equal(await within('the acknowledgement', answer), 'kept');
    socket.emit('message', 'end');
    const seen = [];
    for (const _ of [0, 1, 2, 3, 4, 5]) seen.push((await back.next('message-back'))[0]);
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 'end']);
  });
}

async function refused({ io, office }) {
  await using(io(`${office.url}/ninguna`), async (socket) => {
    const [error] = await next(socket, 'connect_error');
    assert.ok(error instanceof Error);
    assert.equal(error.message, 'Invalid namespace');
    assert.equal(socket.active, false);
  });
}

async function shares({ io, echo }) {
  const main = io(echo.url, { forceNew: true, auth: { who: 'main' } });
  await using(main, () => using(main.io.socket('/custom', { auth: (done) => done({ who: 'custom' }) }), async (custom) => {
    const auths = [next(main, 'auth'), next(custom, 'auth')];
    assert.deepEqual(await Promise.all(auths), [[{ who: 'main' }], [{ who: 'custom' }]]);
    assert.notEqual(main.id, custom.id);
    assert.equal(custom.io, main.io);
    custom.disconnect();
    assert.equal(await within('the other namespace', main.emitWithAck('message-with-ack', 1)), 1);
  }));
}

async function broadcasts({ io, office }) {
  await using(io(office.url), (display) => using(io(office.url), async (kiosk) => {
    const { ok, cola } = await within('the snapshot', display.emitWithAck('entrar-pantalla', {}));
    assert.deepEqual([ok, cola.tipo], [true, 'instantanea']);
    const any = [];
    display.onAny((event) => any.push(event));
    const [changes, last] = [inbox(display, 'cola'), inbox(display, 'ultimo-ticket')];
    const { ticket } = await within('the ticket', kiosk.emitWithAck('siguiente-ticket', {}));
    assert.deepEqual((await last.next('the number', (numero) => numero[0] === ticket.numero))[1].codigo, ticket.codigo);
    const [{ cambios }] = await changes.next('the change');
    assert.deepEqual(cambios.map(({ tipo, codigo }) => [tipo, codigo]), [['emitido', ticket.codigo]]);
    assert.ok(any.includes('cola') && any.includes('ultimo-ticket'));
  }));
}

async function carriesBytes({ io, echo }) {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, n) => n % 256);
  await using(io(echo.url), async (socket) => {
    const back = next(socket, 'message-back');
    socket.emit('message', { deep: [{ bytes }, Buffer.from('abc')], text: 'ñ€😀' }, bytes.buffer, new Uint16Array([1, 2]));
    const [{ deep, text }, whole, words] = await back;
    for (const value of [deep[0].bytes, deep[1], whole, words]) assert.ok(Buffer.isBuffer(value));
    assert.ok(Buffer.compare(deep[0].bytes, bytes) === 0 && Buffer.compare(whole, bytes) === 0);
    assert.deepEqual([deep[1].toString(), text, [...words]], ['abc', 'ñ€😀', [1, 0, 2, 0]]);
    const answer = await within('the acknowledgement', socket.emitWithAck('message-with-ack', bytes.subarray(0, 3)));
    assert.deepEqual([...answer], [0, 1, 2]);
  });
}

/** What is sent while the transport changes, and more than one payload may hold. */
async function keepsOrder({ io, echo }) {
  await using(io(echo.url), async (socket) => {
    const back = inbox(socket, 'message-back');
    const seen = [];
    socket.on('message-back', (n) => seen.push(n));
    const large = 'x'.repeat(400_000);
    for (let n = 0; n < 5; n += 1) socket.emit('message', n, large);
    await next(socket, 'connect');
    // One for one, so that the transport changes somewhere on the way.
    for (let n = 5; n < 300; n += 1) {
      socket.emit('message', n, n % 50 ? '' : Buffer.from([1]));
      if (n % 5 === 0) await back.next('an echo', ([last]) => last >= n - 10);
    }
    socket.emit('message', 'end');
    await back.next('the end', ([last]) => last === 'end');
    assert.deepEqual(seen, [...Array(300).keys(), 'end']);
  });
  await using(io(echo.url), async (socket) => {
    const seen = [];
    socket.on('message-back', (n) => seen.push(n));
    for (let n = 0; n < 1000; n += 1) socket.emit('message', n);
    assert.equal(await within('the last acknowledgement', socket.emitWithAck('message-with-ack', 'last')), 'last');
    assert.deepEqual(seen, [...Array(1000).keys()]);
  });
}

async function comesBack({ io, office }) {
  await using(io(office.url), async (socket) => {
    await next(socket, 'connect');
    const before = socket.id;
    const { ticket } = await within('a ticket', socket.emitWithAck('siguiente-ticket', {}));
    const events = [];
    for (const event of ['reconnect_attempt', 'reconnect_error', 'reconnect']) socket.io.on(event, () => events.push(event));
    const [gone, back] = [next(socket, 'disconnect'), next(socket.io, 'reconnect')];
    const restarted = office.restart('kill');
    assert.match((await gone)[0], /^transport (close|error)$/);
    const kept = socket.emitWithAck('siguiente-ticket', {});
    await restarted;
    const again = within('the connection', new Promise((resolve) => socket.once('connect', resolve)));
    await back;
    await again;
    assert.equal((await within('the ticket that waited', kept)).ticket.numero, ticket.numero + 1);
    assert.ok(socket.connected && socket.id !== before && !socket.recovered);
    assert.deepEqual([events[0], events.at(-1)], ['reconnect_attempt', 'reconnect']);
  });
}

async function givesUp({ io, network }) {
  network.cut();
  try {
    await using(io(network.url, { reconnectionAttempts: 2, reconnectionDelay: 10 }), async (socket) => {
      const failed = next(socket.io, 'reconnect_failed');
      const [error] = await next(socket, 'connect_error');
      assert.ok(error instanceof Error);
      assert.equal(socket.active, true);
      await failed;
    });
  } finally {
    network.mend();
  }
}

/** Twice in a row: what was missed while the network was cut comes, once and in order, and the socket is the same one. */
async function recovers({ io, office, network }) {
  await using(io(network.url, { auth: { recovery: true } }), (display) => using(io(office.url), async (kiosk) => {
    const take = async () => (await within('a ticket', kiosk.emitWithAck('siguiente-ticket', {}))).ticket.numero;
    await within('the snapshot', display.emitWithAck('entrar-pantalla', {}));
    const numbers = inbox(display, 'ultimo-ticket');
    const changes = inbox(display, 'cola');
    const { id } = display;
    for (const _ of ['once', 'again']) {
      const first = await take();
      await numbers.next('the first number', ([numero]) => numero === first);
      await changes.next('its change', ([{ cambios }]) => cambios[0].numero === first);
      const gone = next(display, 'disconnect');
      network.cut();
      await gone;
      const missed = [await take(), await take()];
      const back = next(display, 'connect');
      network.mend();
      await back;
      assert.equal(display.recovered, true);
      assert.equal(display.id, id);
      const last = await take();
      const [seen, changed] = [[], []];
      while (seen.at(-1) !== last) seen.push((await numbers.next('the missed numbers'))[0]);
      while (changed.at(-1) !== last) changed.push((await changes.next('the missed changes'))[0].cambios[0].numero);
      assert.deepEqual(seen, [...missed, last]);
      assert.deepEqual(changed, [...missed, last]);
    }
  }));
}

/** In this order. */
export const STEPS = new Map([
  ['connects, is greeted and leaves', greets],
  ['is on its transport in the end', onTransport],
  ['gets acknowledgements: callback, promise, in time', acknowledges],
  ['is told when an acknowledgement does not come', timesOut],
  ['keeps what is emitted before it is connected', buffers],
  ['is told why an unknown namespace refuses it', refused],
  ['has two namespaces on one connection', shares],
  ['hears what goes to a room', broadcasts],
  ['carries bytes both ways', carriesBytes],
  ['loses and mixes nothing, large or many or while the transport changes', keepsOrder],
  ['comes back after a restart of the server', comesBack],
  ['gives up after as many attempts as it was told', givesUp],
  ['takes up its session after the network was cut', recovers],
]);
