import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import standard, { AckError, connect as alsoIo, io, Manager, Socket } from '../../public/lib/socket.js';
import { FakeWebSocket } from './fake-websocket.js';

/** @type {any[]} */ let sockets;
let servers = 0;
/** @type {string} */ let url;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  FakeWebSocket.made = [];
  sockets = [];
  // Connections are shared by server: every test has its own.
  url = `http://server-${++servers}.test`;
});

afterEach(() => {
  for (const socket of sockets) socket.off().disconnect();
  mock.timers.reset();
});

const quick = { WebSocket: FakeWebSocket, transports: ['websocket'], randomizationFactor: 0, reconnectionDelay: 100, reconnectionDelayMax: 400 };

function open(address = url, options = {}) {
  const socket = io(address, { ...quick, ...options });
  sockets.push(socket);
  return socket;
}

/** A socket that is connected. */
function connected(options) {
  const socket = open(url, options);
  FakeWebSocket.last.welcome();
  return socket;
}

function log(emitter, ...events) {
  const seen = [];
  for (const event of events) emitter.on(event, (...args) => seen.push([event, ...args]));
  return seen;
}

const sent = () => FakeWebSocket.last.sent.slice(1);
const say = (text) => FakeWebSocket.last.say(text);

describe('what is exported', () => {
  test('is known by the names of other clients', () => {
    assert.equal(standard, io);
    assert.equal(alsoIo, io);
    assert.deepEqual([io.io, io.connect, io.Manager, io.Socket, io.protocol], [io, io, Manager, Socket, 5]);
    const socket = open();
    assert.ok(socket instanceof Socket && socket.io instanceof Manager);
  });
});

describe('addresses', () => {
  for (const [address, expected, nsp] of [
    ['http://a.test', 'ws://a.test/socket.io/', '/'],
    ['https://a.test:8443/admin', 'wss://a.test:8443/socket.io/', '/admin'],
    ['ws://b.test/', 'ws://b.test/socket.io/', '/'],
    ['c.test:81/x', 'wss://c.test:81/socket.io/', '/x'],
    ['http://d.test/?token=é', 'ws://d.test/socket.io/?token=%C3%A9&', '/'],
  ]) {
    test(address, () => {
      const socket = open(address, { forceNew: true });
      assert.equal(FakeWebSocket.last.url, `${expected}${expected.includes('?') ? '' : '?'}EIO=4&transport=websocket`);
      assert.equal(socket.nsp, nsp);
    });
  }

  test('path and query are options too', () => {
    open(`${url}?a=1`, { path: '/live/io', query: { b: 2 } });
    assert.match(FakeWebSocket.last.url, /^ws:\/\/server-\d+\.test\/live\/io\/\?b=2&EIO=4/);
    open(url, { forceNew: true, path: '/live/', addTrailingSlash: false });
    assert.match(FakeWebSocket.last.url, /\.test\/live\?EIO=4/);
  });
});

describe('namespaces', () => {
  test('of one server share a connection, which ends with the last of them', () => {
    const [main, admin] = [open(), open(`${url}/admin`, { auth: { token: 1 } })];
    assert.equal(main.io, admin.io);
    assert.equal(FakeWebSocket.made.length, 1);
    const ws = FakeWebSocket.last;
    ws.welcome('m');
    assert.deepEqual(ws.sent, ['40{}', '40/admin,{"token":1}']);
    say('40/admin,{"sid":"a"}');
    assert.deepEqual([main.id, admin.id], ['m', 'a']);
    const seen = log(admin, 'e');
    say('42["e",1]');
    say('42/admin,["e",2]');
    assert.deepEqual(seen, [['e', 2]]);
    main.disconnect();
    assert.equal(ws.readyState, 1);
    admin.disconnect();
    assert.deepEqual([ws.sent.slice(2), ws.readyState], [['41', '41/admin,'], 3]);
  });

  for (const options of [{ forceNew: true }, { multiplex: false }]) {
    test(`have a connection each with ${JSON.stringify(options)}`, () => {
      assert.notEqual(open().io, open(`${url}/admin`, options).io);
    });
  }

  test('twice the same one has two connections', () => {
    assert.notEqual(open().io, open().io);
  });

  test('one that is refused leaves the other', () => {
    const [main, admin] = [connected(), open(`${url}/admin`)];
    const seen = log(admin, 'connect_error');
    say('44/admin,{"message":"no","data":{"code":7}}');
    assert.deepEqual([seen[0][1].message, seen[0][1].data, admin.active], ['no', { code: 7 }, false]);
    assert.equal(main.connected, true);
  });

  test('autoConnect: false waits to be told', () => {
    const socket = open(url, { autoConnect: false });
    assert.deepEqual([FakeWebSocket.made.length, socket.active], [0, false]);
    socket.open();
    FakeWebSocket.last.welcome();
    assert.equal(socket.connected, true);
  });
});

describe('auth', () => {
  test('may call back, and is asked for anew', () => {
    let n = 0;
    connected({ auth: (done) => done({ n: ++n }) });
    assert.equal(FakeWebSocket.last.sent[0], '40{"n":1}');
    FakeWebSocket.last.drop();
    mock.timers.tick(100);
    FakeWebSocket.last.open();
    assert.equal(FakeWebSocket.last.sent[0], '40{"n":2}');
  });

  test('an async function that calls back is asked once', async () => {
    connected({ auth: async (done) => done({ a: 1 }) });
    await null;
    assert.deepEqual(FakeWebSocket.last.sent, ['40{"a":1}']);
  });
});

describe('emitting', () => {
  test('names of the client itself are refused', () => {
    const socket = connected();
    for (const name of ['connect', 'disconnect', 'connect_error', 'disconnecting', 'newListener', 'removeListener']) {
      assert.throws(() => socket.emit(name), /reserved event name/);
    }
    socket.emit('error', 1).send('x', 2);
    assert.deepEqual(sent(), ['42["error",1]', '42["message","x",2]']);
  });

  test('volatile is dropped where it cannot leave at once', () => {
    const socket = open();
    socket.volatile.emit('v', 1);
    FakeWebSocket.last.welcome();
    socket.compress(true).volatile.emit('v', 2);
    FakeWebSocket.last.bufferedAmount = 10;
    socket.volatile.emit('v', 3);
    socket.emit('e');
    assert.deepEqual(sent(), ['42["v",2]', '42["e"]']);
  });

  test('a flag is for one event', async () => {
    const socket = connected();
    const lost = assert.rejects(socket.timeout(10).emitWithAck('a'), { code: 'timeout' });
    const seen = [];
    socket.emit('b', (...args) => seen.push(args));
    mock.timers.tick(10);
    await lost;
    say('431["x"]');
    assert.deepEqual(seen, [['x']]);
  });

  test('a callback with a time gets an error, or null first', () => {
    const socket = connected();
    const seen = [];
    socket.timeout(10).emit('a', (...args) => seen.push(args));
    socket.timeout(10).emit('b', (...args) => seen.push(args));
    say('431[1,2]');
    mock.timers.tick(10);
    assert.deepEqual(seen[0], [null, 1, 2]);
    assert.ok(seen[1][0] instanceof AckError);
  });

  test('ackTimeout is the time for all', async () => {
    const socket = connected({ ackTimeout: 50 });
    const lost = assert.rejects(socket.emitWithAck('a'), { message: 'operation has timed out' });
    mock.timers.tick(50);
    await lost;
  });

  test('a session that died in our sleep is found out, and the event waits for the next', () => {
    const socket = connected();
    const seen = log(socket, 'disconnect');
    mock.timers.setTime(100_000_000);
    socket.emit('a');
    assert.equal(seen[0][1], 'ping timeout');
    mock.timers.tick(100);
    FakeWebSocket.last.welcome();
    assert.deepEqual(sent(), ['42["a"]']);
  });
});

describe('retries', () => {
  test('one after the other, again until it is acknowledged, at most as often as told', () => {
    const socket = connected({ retries: 1, ackTimeout: 100 });
    const seen = [];
    socket.emit('a', (...args) => seen.push(['a', ...args]));
    socket.emit('b', 1);
    assert.deepEqual(sent(), ['420["a"]']);
    mock.timers.tick(100);
    assert.deepEqual(sent(), ['420["a"]', '421["a"]']);
    say('431["yes"]');
    assert.deepEqual(seen, [['a', null, 'yes']]);
    assert.equal(sent().at(-1), '422["b",1]');
    mock.timers.tick(100);
    mock.timers.tick(100);
    socket.emit('c');
    assert.deepEqual(sent().slice(2), ['422["b",1]', '423["b",1]', '424["c"]']);
  });

  test('each may have its own time', () => {
    const socket = connected({ retries: 1 });
    const seen = [];
    socket.timeout(30).emit('a', (...args) => seen.push(args));
    for (let n = 0; n < 2; n += 1) mock.timers.tick(30);
    assert.deepEqual(sent(), ['420["a"]', '421["a"]']);
    assert.deepEqual(seen.map(([error]) => error.code), ['timeout']);
  });

  test('what was on its way is sent again on the next connection, once', () => {
    const socket = connected({ retries: 3, ackTimeout: 10_000 });
    socket.emit('a');
    FakeWebSocket.last.drop();
    mock.timers.tick(100);
    FakeWebSocket.last.welcome();
    assert.deepEqual(sent(), ['421["a"]']);
  });
});

describe('listening', () => {
  test('to everything, in and out', () => {
    const socket = connected();
    const seen = [];
    const second = (...args) => seen.push(['second', ...args]);
    socket.onAny(second).prependAny((...args) => seen.push(['first', ...args])).onAnyOutgoing((...args) => seen.push(['out', ...args]));
    say('42["e",1]');
    socket.offAny(second).emit('f', 2);
    say('42["g"]');
    assert.deepEqual(seen, [['first', 'e', 1], ['second', 'e', 1], ['out', 'f', 2], ['first', 'g']]);
    assert.deepEqual([socket.listenersAny().length, socket.listenersAnyOutgoing().length], [1, 1]);
    socket.offAny().offAnyOutgoing();
    assert.deepEqual([socket.listenersAny().length, socket.listenersAnyOutgoing().length], [0, 0]);
  });

  test('is known and can be ended', () => {
    const socket = connected();
    const fn = () => {};
    socket.on('e', fn).once('e', fn).addEventListener('f', fn);
    assert.deepEqual([socket.listeners('e'), socket.hasListeners('f'), socket.hasListeners('g')], [[fn, fn], true, false]);
    socket.off('e', fn);
    assert.equal(socket.listeners('e').length, 1);
    socket.removeAllListeners('e').removeListener('f', fn);
    assert.deepEqual([socket.hasListeners('e'), socket.hasListeners('f')], [false, false]);
  });

  test('events before the answer to CONNECT wait for it; an acknowledgement is sent once', () => {
    const socket = open();
    const seen = [];
    socket.on('early', (reply) => { seen.push(socket.connected); reply('a'); reply('b'); });
    FakeWebSocket.last.open();
    say('425["early"]');
    assert.deepEqual(seen, []);
    say('40{"sid":"x"}');
    assert.deepEqual([seen, sent()], [[true], ['435["a"]']]);
  });
});

describe('reconnecting', () => {
  test('is told by the manager, attempt by attempt', () => {
    const socket = connected();
    const seen = log(socket.io, 'close', 'open', 'error', 'reconnect_attempt', 'reconnect_error', 'reconnect', 'ping');
    FakeWebSocket.last.drop();
    mock.timers.tick(100);
    FakeWebSocket.last.drop();
    mock.timers.tick(200);
    FakeWebSocket.last.welcome('next');
    say('2');
    assert.deepEqual(seen.map(([event, arg]) => [event, typeof arg === 'number' || event === 'close' ? arg : '']), [
      ['close', 'transport close'], ['reconnect_attempt', 1], ['error', ''], ['reconnect_error', ''],
      ['reconnect_attempt', 2], ['open', ''], ['reconnect', 2], ['ping', ''],
    ]);
    assert.equal(socket.id, 'next');
  });

  test('ends after as many attempts as told, and starts over when asked', () => {
    const socket = open(url, { reconnectionAttempts: 2 });
    const seen = log(socket.io, 'reconnect_failed');
    for (let n = 0; n < 3; n += 1) {
      FakeWebSocket.last.drop();
      mock.timers.tick(1000);
    }
    assert.deepEqual([seen.length, FakeWebSocket.made.length], [1, 3]);
    socket.disconnect().connect();
    assert.equal(FakeWebSocket.made.length, 4);
  });

  test('can be switched off, also meanwhile', () => {
    const first = open(url, { reconnection: false });
    FakeWebSocket.last.drop();
    mock.timers.tick(60_000);
    assert.equal(FakeWebSocket.made.length, 1);
    const second = open(`${url}:81`);
    second.io.on('reconnect_attempt', () => second.io.reconnection(false));
    FakeWebSocket.last.drop();
    mock.timers.tick(60_000);
    assert.equal(FakeWebSocket.made.length, 2);
    assert.deepEqual([first.io.reconnection(), second.io.reconnection(), second.io.reconnectionDelay(7).reconnectionDelay()], [false, false, 7]);
  });

  test('an option that is undefined is not given', () => {
    const socket = open(url, { reconnection: undefined, timeout: undefined, transports: ['websocket'] });
    assert.deepEqual([socket.io.reconnection(), socket.io.timeout()], [true, 20_000]);
  });

  test('a connection that takes too long is an error', () => {
    const socket = open(url, { timeout: 3000 });
    const seen = log(socket, 'connect_error');
    mock.timers.tick(3000);
    assert.deepEqual(seen.map(([, error]) => error.message), ['timeout']);
  });

  test('ending the engine is a lost connection', () => {
    const socket = connected();
    const seen = log(socket, 'disconnect');
    socket.io.engine.close();
    assert.equal(seen[0][1], 'forced close');
    mock.timers.tick(100);
    assert.equal(FakeWebSocket.made.length, 2);
  });
});

describe('recovery', () => {
  const begin = (sid, pid) => {
    FakeWebSocket.last.open();
    say(`40${JSON.stringify({ sid, pid })}`);
  };
  const lose = () => {
    FakeWebSocket.last.drop();
    mock.timers.tick(100);
  };

  test('a client that comes back says who it was and what it had last', () => {
    const socket = open(url, { auth: { recovery: true } });
    begin('s', 'p');
    assert.equal(socket.recovered, false);
    say('42["e",1,"o-1"]');
    say('42["no-offset",2]');
    const missed = log(socket, 'e', 'connect');
    lose();
    FakeWebSocket.last.open();
    assert.deepEqual(FakeWebSocket.last.sent, ['40{"pid":"p","offset":"o-1","recovery":true}']);
    say('42["e",2,"o-2"]');
    say('40{"sid":"s","pid":"p"}');
    assert.deepEqual([socket.id, socket.recovered, missed], ['s', true, [['e', 2, 'o-2'], ['connect']]]);
    lose();
    FakeWebSocket.last.open();
    assert.equal(FakeWebSocket.last.sent[0], '40{"pid":"p","offset":"o-2","recovery":true}');
  });

  test('a server that does not know it any more begins a new session', () => {
    const socket = open(url);
    begin('s', 'p');
    lose();
    begin('t', 'q');
    assert.deepEqual([socket.id, socket.recovered], ['t', false]);
  });
});
