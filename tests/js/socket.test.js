import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { AckError, backoff, io } from '../../public/lib/socket.js';
import { FakeWebSocket } from './fake-websocket.js';

/** @type {ReturnType<typeof io>} */ let socket;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  FakeWebSocket.made = [];
});

afterEach(() => {
  socket?.off().disconnect();
  mock.timers.reset();
});

function connect(options = {}) {
  socket = io('http://office.test:8080', { WebSocket: FakeWebSocket, transports: ['websocket'], ...options });
  return FakeWebSocket.last;
}

function log(...events) {
  const seen = [];
  for (const event of events) socket.on(event, (...args) => seen.push([event, ...args]));
  return seen;
}

const reasons = (seen) => seen.map(([, reason]) => reason);

describe('handshake', () => {
  test('opens the address of Engine.IO 4 over WebSocket', () => {
    const ws = connect({ query: { idioma: 'en' } });
    assert.equal(ws.url, 'ws://office.test:8080/socket.io/?idioma=en&EIO=4&transport=websocket');
  });

  test('is encrypted where the page is', () => {
    socket = io('https://office.test', { WebSocket: FakeWebSocket, transports: ['websocket'] });
    assert.match(FakeWebSocket.last.url, /^wss:\/\/office\.test\/socket\.io\//);
  });

  test('sends CONNECT with what auth gives at that moment, and is connected when it is answered', () => {
    let token = 1;
    const ws = connect({ auth: () => ({ token: token++ }) });
    const seen = log('connect');
    ws.open();
    assert.deepEqual(ws.sent, ['40{"token":1}']);
    assert.equal(socket.connected, false);
    ws.say('40{"sid":"abc"}');
    assert.equal(socket.connected, true);
    assert.equal(socket.id, 'abc');
    assert.deepEqual(seen, [['connect']]);
  });

  test('an attempt that is not answered in time fails and is made again', () => {
    const ws = connect({ timeout: 3000 });
    const seen = log('connect_error');
    mock.timers.tick(3000);
    assert.equal(seen.length, 1);
    assert.equal(ws.readyState, 3);
    mock.timers.tick(10_000);
    assert.ok(FakeWebSocket.made.length >= 2);
  });

  test('a refusal is told with its data and not repeated', () => {
    const ws = connect();
    const seen = log('connect_error');
    ws.open();
    ws.say('44{"message":"no","data":{"code":"x"}}');
    assert.equal(seen[0][1].message, 'no');
    assert.deepEqual(seen[0][1].data, { code: 'x' });
    assert.equal(socket.active, false);
    mock.timers.tick(60_000);
    assert.equal(FakeWebSocket.made.length, 1);
    socket.connect();
    assert.equal(FakeWebSocket.made.length, 2);
  });
});

describe('events', () => {
  test('go out as they are and wait while there is no connection', () => {
    const ws = connect();
    socket.emit('cola', { desde: 7 }, 'x');
    ws.welcome();
    assert.deepEqual(ws.sent.slice(1), ['42["cola",{"desde":7},"x"]']);
    socket.emit('again');
    assert.equal(ws.sent.at(-1), '42["again"]');
  });

  test('come in with all their arguments, to on and once and not after off', () => {
    const ws = connect();
    ws.welcome();
    const seen = [];
    const on = (...args) => seen.push(['on', ...args]);
    socket.on('ultimo-ticket', on).once('ultimo-ticket', (...args) => seen.push(['once', ...args]));
    ws.say('42["ultimo-ticket",3,{"codigo":"A-003"}]');
    ws.say('42["ultimo-ticket",4,null]');
    socket.off('ultimo-ticket', on);
    ws.say('42["ultimo-ticket",5,null]');
    assert.deepEqual(seen, [['on', 3, { codigo: 'A-003' }], ['once', 3, { codigo: 'A-003' }], ['on', 4, null]]);
  });

  test('an event that wants an acknowledgement gets a callback', () => {
    const ws = connect();
    ws.welcome();
    socket.on('ask', (question, reply) => reply(question + 1, 'b'));
    ws.say('4212["ask",1]');
    assert.equal(ws.sent.at(-1), '4312[2,"b"]');
  });
});

describe('acknowledgements', () => {
  test('find their call by number', async () => {
    const ws = connect();
    ws.welcome();
    const first = socket.emitWithAck('a');
    const second = socket.emitWithAck('b', 1);
    const seen = [];
    socket.emit('c', (...args) => seen.push(args));
    assert.deepEqual(ws.sent.slice(1), ['420["a"]', '421["b",1]', '422["c"]']);
    ws.say('431[{"ok":true}]');
    ws.say('430["one"]');
    ws.say('432[1,2]');
    ws.say('432[3]');
    assert.deepEqual(await second, { ok: true });
    assert.equal(await first, 'one');
    assert.deepEqual(seen, [[1, 2]]);
  });

  test('that do not come in time are an error, and late ones are ignored', async () => {
    const ws = connect();
    ws.welcome();
    const answer = socket.timeout(500).emitWithAck('slow');
    const refused = assert.rejects(answer, (error) => error instanceof AckError && error.code === 'timeout');
    mock.timers.tick(500);
    await refused;
    ws.say('430["late"]');
    assert.equal(socket.connected, true);
  });

  test('cannot come after the connection is lost', async () => {
    const ws = connect();
    ws.welcome();
    const refused = assert.rejects(socket.emitWithAck('a'), { code: 'disconnected' });
    ws.drop();
    await refused;
  });

  test('an event that timed out before there was a connection is never sent', async () => {
    const ws = connect();
    const refused = assert.rejects(socket.timeout(100).emitWithAck('take'), { code: 'timeout' });
    mock.timers.tick(100);
    await refused;
    ws.welcome();
    assert.deepEqual(ws.sent, ['40{}']);
  });
});

describe('reconnecting', () => {
  test('doubles its pause up to the maximum, within the jitter', () => {
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const middle = Math.min(5000, 500 * 2 ** attempt);
      for (const random of [0, 0.5, 0.999]) {
        const pause = backoff(attempt, { min: 500, max: 5000, jitter: 0.5, random: () => random });
        assert.ok(pause >= middle * 0.5 && pause <= middle * 1.5, `attempt ${attempt}: ${pause}`);
      }
    }
    assert.equal(backoff(3, { min: 500, max: 5000, jitter: 0, random: () => 0.9 }), 4000);
    assert.ok(Number.isFinite(backoff(5000, { min: 500, max: 5000, jitter: 0.5 })));
  });

  test('tries until it is back, then starts over with short pauses', () => {
    const ws = connect({ randomizationFactor: 0, reconnectionDelay: 100, reconnectionDelayMax: 400 });
    const seen = log('connect', 'disconnect');
    ws.welcome();
    ws.drop();
    const times = [];
    for (let i = 0; i < 5; i += 1) {
      const before = Date.now();
      const count = FakeWebSocket.made.length;
      while (FakeWebSocket.made.length === count) mock.timers.tick(10);
      times.push(Date.now() - before);
      if (i < 4) FakeWebSocket.last.drop();
    }
    assert.deepEqual(times, [100, 200, 400, 400, 400]);
    FakeWebSocket.last.welcome('second');
    assert.equal(socket.id, 'second');
    assert.deepEqual(seen.map(([event, reason]) => [event, reason]), [['connect', undefined], ['disconnect', 'transport close'], ['connect', undefined]]);
    FakeWebSocket.last.drop();
    const count = FakeWebSocket.made.length;
    mock.timers.tick(100);
    assert.equal(FakeWebSocket.made.length, count + 1);
  });

  test('can be told not to wait', () => {
    const ws = connect();
    ws.welcome();
    ws.drop();
    socket.retryNow();
    assert.equal(FakeWebSocket.made.length, 2);
    socket.retryNow();
    assert.equal(FakeWebSocket.made.length, 2, 'one attempt at a time');
  });

  test('does not happen after disconnect', () => {
    const ws = connect();
    const seen = log('disconnect');
    ws.welcome();
    socket.disconnect();
    assert.deepEqual(ws.sent.slice(1), ['41']);
    assert.equal(ws.readyState, 3);
    assert.deepEqual(reasons(seen), ['io client disconnect']);
    mock.timers.tick(60_000);
    assert.equal(FakeWebSocket.made.length, 1);
  });

  test('does not happen by itself when the server sent us away', () => {
    const ws = connect();
    const seen = log('disconnect');
    ws.welcome();
    ws.say('41');
    assert.deepEqual(reasons(seen), ['io server disconnect']);
    mock.timers.tick(60_000);
    assert.equal(FakeWebSocket.made.length, 1);
    assert.equal(socket.active, false);
  });

  test('a connection that is given up is replaced', () => {
    const ws = connect();
    const seen = log('disconnect');
    ws.welcome();
    socket.abandon();
    assert.deepEqual(reasons(seen), ['transport close']);
    ws.drop();
    mock.timers.tick(10_000);
    assert.equal(FakeWebSocket.made.length >= 2, true);
  });
});

describe('heartbeat', () => {
  test('answers pings and lives on', () => {
    const ws = connect();
    ws.welcome('s', { pingInterval: 300, pingTimeout: 200 });
    for (let i = 0; i < 5; i += 1) {
      mock.timers.tick(400);
      ws.say('2');
    }
    assert.deepEqual(ws.sent.slice(1), ['3', '3', '3', '3', '3']);
    assert.equal(socket.connected, true);
  });

  test('without a ping for interval and timeout the connection is dead', () => {
    const ws = connect();
    ws.welcome('s', { pingInterval: 300, pingTimeout: 200 });
    const seen = log('disconnect');
    mock.timers.tick(499);
    assert.deepEqual(seen, []);
    mock.timers.tick(1);
    assert.deepEqual(reasons(seen), ['ping timeout']);
  });
});

describe('bad packets end the connection', () => {
  for (const frame of ['x', '49', '42{}', '42', '42abc[1]', '43[1]', '40{"sid":7}', '0{}']) {
    test(JSON.stringify(frame), () => {
      const ws = connect();
      ws.welcome();
      const seen = log('disconnect');
      ws.say(frame);
      assert.deepEqual(reasons(seen), ['parse error']);
    });
  }

  test('an attachment of no packet', () => {
    const ws = connect();
    ws.welcome();
    const seen = log('disconnect');
    ws.say(new ArrayBuffer(3));
    assert.deepEqual(reasons(seen), ['parse error']);
  });

  test('packets of other namespaces are not ours', () => {
    const ws = connect();
    ws.welcome();
    const seen = log('x', 'disconnect');
    ws.say('42/admin,["x"]');
    assert.deepEqual(seen, []);
  });
});
