import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { io } from '../../public/lib/socket.js';
import { breathe, FakePolling } from './fake-polling.js';
import { FakeWebSocket } from './fake-websocket.js';

/** @type {ReturnType<typeof io>} */ let socket;
/** @type {FakePolling} */ let server;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  FakeWebSocket.made = [];
  server = new FakePolling();
});

afterEach(async () => {
  socket.off().disconnect();
  await breathe();
  mock.timers.reset();
});

function connect(options = {}) {
  socket = io('http://office.test', { transports: ['polling'], WebSocket: FakeWebSocket, fetch: server.fetch, ...options });
  return socket;
}

function log(emitter, ...events) {
  const seen = [];
  for (const event of events) emitter.on(event, (...args) => seen.push([event, ...args]));
  return seen;
}

describe('polling', () => {
  test('opens a session and enters, with GET and POST', async () => {
    connect({ query: { idioma: 'en' }, extraHeaders: { 'X-Branch': '7' }, withCredentials: true });
    assert.equal(server.gets[0].url.href, 'http://office.test/socket.io/?idioma=en&EIO=4&transport=polling');
    await server.open();
    assert.equal(server.gets[1].url.searchParams.get('sid'), 'engine');
    assert.equal(server.posts[0].url.searchParams.get('sid'), 'engine');
    assert.deepEqual(server.bodies, ['40{}']);
    const { headers, credentials } = server.posts[0].init;
    assert.deepEqual([headers, credentials], [{ 'Content-Type': 'text/plain;charset=UTF-8', 'X-Branch': '7' }, 'include']);
    await server.say('40{"sid":"public"}', '42["a",1]', '2');
    assert.equal(socket.id, 'public');
    assert.deepEqual(server.bodies, ['40{}', '3']);
  });

  test('one POST at a time; what waits goes together, as much as a payload may hold', async () => {
    connect();
    await server.welcome('public', { maxPayload: 50 });
    server.takes = false;
    for (const text of ['first', '1234567890', '1234567890', 'x'.repeat(100), 'last']) socket.emit('e', text);
    await breathe();
    const bodies = [];
    while (bodies.length < server.posts.length - 1) {
      bodies.push(server.bodies.at(-1));
      await server.posts.at(-1).answer('ok');
    }
    const event = (text) => `42["e","${text}"]`;
    assert.deepEqual(bodies, [event('first'), `${event('1234567890')}\x1e${event('1234567890')}`, event('x'.repeat(100)), event('last')]);
  });

  test('carries bytes', async () => {
    connect();
    await server.welcome();
    socket.emit('e', Uint8Array.of(1, 2, 3));
    await breathe();
    assert.deepEqual(server.bodies.slice(1), ['451-["e",{"_placeholder":true,"num":0}]\x1ebAQID']);
    const seen = log(socket, 'e');
    await server.say('451-["e",{"_placeholder":true,"num":0}]', 'b/wA=');
    assert.deepEqual(seen, [['e', Buffer.from([255, 0])]]);
  });

  test('tells the server when it leaves, after all that was emitted', async () => {
    connect();
    await server.welcome();
    server.takes = false;
    socket.emit('a');
    socket.emit('b');
    const seen = log(socket, 'disconnect');
    socket.disconnect();
    assert.equal(seen[0][1], 'io client disconnect');
    await breathe();
    for (let n = 1; n < server.posts.length; n += 1) await server.posts[n].answer('ok');
    assert.deepEqual(server.bodies, ['40{}', '42["a"]', '42["b"]\x1e41', '1']);
    assert.ok(server.gets.at(-1).init.signal.aborted);
  });

  for (const [what, fail, message, description] of [
    ['a GET without an answer', () => server.gets.at(-1).fail(), 'fetch read error', undefined],
    ['a GET that is refused', () => server.gets.at(-1).answer('{}', 400), 'fetch read error', 400],
    ['a POST that is refused', async () => {
      server.takes = false;
      socket.emit('x');
      await breathe();
      await server.posts.at(-1).answer('', 413);
    }, 'fetch write error', 413],
  ]) {
    test(`${what} ends the connection and says why`, async () => {
      connect();
      await server.welcome();
      const seen = log(socket, 'disconnect');
      await fail();
      const [[, reason, error]] = seen;
      assert.deepEqual([reason, error.type, error.message], ['transport error', 'TransportError', message]);
      if (description) assert.equal(error.description, description);
      const count = server.gets.length;
      mock.timers.tick(2000);
      assert.equal(server.gets.length, count + 1, 'and another is tried');
      assert.equal(server.gets.at(-1).url.searchParams.has('sid'), false);
    });
  }

  test('a bad payload ends the connection', async () => {
    connect();
    await server.welcome();
    const seen = log(socket, 'disconnect', 'x');
    await server.say('42["x"]', 'nonsense');
    assert.deepEqual(seen.map(([event, reason]) => [event, reason]), [['disconnect', 'parse error']]);
  });

  test('the server ends it', async () => {
    connect();
    await server.welcome();
    const seen = log(socket, 'disconnect');
    await server.say('1');
    assert.equal(seen[0][1], 'transport close');
  });
});

describe('the upgrade', () => {
  async function upgrading() {
    connect({ transports: ['polling', 'websocket'] });
    await server.welcome('public', { upgrades: ['websocket'] });
    return FakeWebSocket.last;
  }

  test('waits for what is under way, and loses and mixes nothing', async () => {
    const ws = await upgrading();
    assert.equal(ws.url, 'ws://office.test/socket.io/?EIO=4&transport=websocket&sid=engine');
    const seen = log(socket, 'e');
    const changes = log(socket.io.engine, 'upgrade');
    server.takes = false;
    socket.emit('a');
    await breathe();
    ws.accept();
    socket.emit('b');
    assert.deepEqual(ws.sent, [], 'a POST is under way');
    await server.posts.at(-1).answer('ok');
    assert.deepEqual(ws.sent, ['2probe']);
    ws.say('3probe');
    await breathe();
    assert.deepEqual(ws.sent, ['2probe'], 'a GET is still waiting');
    const { length } = server.gets;
    await server.say('42["e",1]', '6');
    assert.deepEqual(ws.sent, ['2probe', '5', '42["b"]']);
    assert.equal(server.gets.length, length, 'no GET any more');
    assert.equal(changes.length, 1);
    ws.say('42["e",2]');
    assert.deepEqual(seen, [['e', 1], ['e', 2]]);
    assert.equal(socket.io.engine.transport.name, 'websocket');
    assert.deepEqual(server.bodies, ['40{}', '42["a"]']);
  });

  test('a WebSocket that fails leaves polling as it is', async () => {
    const ws = await upgrading();
    const failures = log(socket.io.engine, 'upgradeError');
    ws.accept();
    ws.drop();
    assert.equal(failures.length, 1);
    socket.emit('a');
    await breathe();
    assert.equal(server.bodies.at(-1), '42["a"]');
    assert.equal(socket.connected, true);
  });

  test('one that fails after its probe gives polling back', async () => {
    const ws = await upgrading();
    ws.accept();
    ws.say('3probe');
    socket.emit('a');
    ws.drop();
    await breathe();
    assert.equal(server.bodies.at(-1), '42["a"]');
    const seen = log(socket, 'e');
    const waiting = server.gets.length;
    await server.say('42["e",1]');
    await server.say('42["e",2]');
    assert.deepEqual(seen, [['e', 1], ['e', 2]]);
    assert.equal(server.gets.length, waiting + 2, 'one GET at a time');
  });

  test('one that says nothing is given up in the end', async () => {
    const ws = await upgrading();
    ws.accept();
    socket.emit('a');
    mock.timers.tick(3000);
    assert.equal(ws.readyState, 3);
    await breathe();
    assert.equal(server.bodies.at(-1), '42["a"]');
  });

  test('one that does not even open is given up in the end, and nothing waits for it', async () => {
    const ws = await upgrading();
    socket.emit('a');
    await breathe();
    assert.equal(server.bodies.at(-1), '42["a"]');
    mock.timers.tick(10_000);
    assert.equal(ws.readyState, 3);
    assert.equal(socket.connected, true);
  });

  test('whoever leaves meanwhile leaves when it is done', async () => {
    const ws = await upgrading();
    ws.accept();
    ws.say('3probe');
    socket.emit('a').disconnect();
    await server.say('6');
    assert.deepEqual(ws.sent, ['2probe', '5', '42["a"]', '41']);
    assert.equal(ws.readyState, 3);
  });

  test('can be declined', async () => {
    connect({ transports: ['polling', 'websocket'], upgrade: false });
    await server.welcome('public', { upgrades: ['websocket'] });
    assert.equal(FakeWebSocket.made.length, 0);
  });
});

describe('falling back', () => {
  test('where no WebSocket gets through, polling does, and another WebSocket is tried later', async () => {
    connect({ transports: ['websocket', 'polling'] });
    const seen = log(socket, 'connect', 'connect_error');
    FakeWebSocket.last.drop();
    await server.welcome('public', { upgrades: ['websocket'] });
    assert.deepEqual(seen, [['connect']]);
    assert.equal(FakeWebSocket.made.length, 2);
  });

  test('one that does not open in time counts as failed', async () => {
    connect({ transports: ['websocket', 'polling'] });
    const ws = FakeWebSocket.last;
    mock.timers.tick(5000);
    assert.equal(ws.readyState, 3);
    await server.welcome();
    assert.equal(socket.connected, true);
  });

  test('when all fail it is told once, with the last cause', async () => {
    connect({ transports: ['websocket', 'polling'], reconnection: false });
    const seen = log(socket, 'connect_error');
    FakeWebSocket.last.drop();
    await server.gets.at(-1).fail();
    assert.deepEqual(seen.map(([, error]) => error.message), ['fetch read error']);
  });

  test('without any transport it is told as well', async () => {
    connect({ transports: ['pigeon'], reconnection: false });
    const seen = log(socket, 'connect_error');
    await breathe();
    assert.deepEqual(seen.map(([, error]) => error.message), ['no transports available']);
  });
});
