import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { intend, newKey, perform } from '../../public/lib/intent.js';
import { AckError } from '../../public/lib/socket.js';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }));
afterEach(() => mock.timers.reset());

const ticket = { id: 't', codigo: 'A-001' };
const lost = (code) => () => Promise.reject(new AckError(code));

/** A link that answers as told, one answer an attempt, and remembers what it was asked. */
function link(answers, { ready = () => true } = {}) {
  const asked = [];
  return {
    asked,
    whenReady: () => Promise.resolve(ready(asked.length)),
    ask: (event, payload) => {
      asked.push({ event, payload });
      return (answers[asked.length - 1] ?? answers.at(-1))();
    },
  };
}

/** Lets timers and promises run until the result is there. */
async function settle(promise) {
  let result;
  void promise.then((value) => (result = value));
  for (let i = 0; i < 200 && !result; i += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(250);
  }
  assert.ok(result, 'the intent came to an end within 50 simulated seconds');
  return result;
}

test('keys are 128 bits in hex and never the same', () => {
  const keys = new Set(Array.from({ length: 500 }, newKey));
  assert.equal(keys.size, 500);
  for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
});

test('is done at the first answer', async () => {
  const live = link([() => Promise.resolve({ ok: true, ticket })]);
  assert.deepEqual(await settle(perform(live, intend('siguiente-ticket', { servicio: 'caja' }))), { kind: 'done', ticket, reply: { ok: true, ticket } });
  assert.equal(live.asked.length, 1);
  assert.equal(live.asked[0].payload.servicio, 'caja');
});

test('keeps one key over time-outs, disconnects and passing refusals', async () => {
  const live = link([lost('timeout'), lost('disconnected'), () => Promise.resolve({ ok: false, code: 'storage_unavailable' }), () => Promise.resolve({ ok: true, ticket })]);
  const intent = intend('siguiente-ticket', {});
  assert.equal((await settle(perform(live, intent))).kind, 'done');
  assert.deepEqual(live.asked.map(({ payload }) => payload.clave), Array(4).fill(intent.clave));
});

test('the same intent performed again has the same key, another intent has another', async () => {
  const live = link([() => Promise.resolve({ ok: true, ticket })]);
  const intent = intend('siguiente-ticket', {});
  await settle(perform(live, intent));
  await settle(perform(live, intent));
  await settle(perform(live, intend('siguiente-ticket', {})));
  const [first, second, third] = live.asked.map(({ payload }) => payload.clave);
  assert.equal(first, second);
  assert.notEqual(first, third);
});

for (const code of ['unknown_service', 'empty_queue', 'too_soon', 'wrong_ticket', 'bad_request']) {
  test(`${code} is final`, async () => {
    const live = link([() => Promise.resolve({ ok: false, code, msg: 'no' })]);
    assert.deepEqual(await settle(perform(live, intend('rellamar', {}))), { kind: 'refused', code, msg: 'no' });
    assert.equal(live.asked.length, 1);
  });
}

test('nothing is sent while there is no connection, and the end is unknown', async () => {
  const live = link([() => assert.fail('asked without a connection')], { ready: () => false });
  assert.deepEqual(await settle(perform(live, intend('siguiente-ticket', {}))), { kind: 'unknown', code: 'disconnected' });
});

test('gives up when its patience ends', async () => {
  const live = link([lost('timeout')]);
  assert.deepEqual(await settle(perform(live, intend('siguiente-ticket', {}), { patience: 3000 })), { kind: 'unknown', code: 'timeout' });
  assert.ok(live.asked.length >= 2 && live.asked.length <= 6, `${live.asked.length} attempts`);
});
