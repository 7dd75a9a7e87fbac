import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { Asking } from '../../public/desk/asking.js';
import { Orders } from '../../public/desk/orders.js';
import { Seat, Sessions, standingOf } from '../../public/desk/standing.js';

const desk = (more = {}) => ({ id: 2, estado: 'abierto', agente: null, desde: 1000, ocupado: true, ticket: null, ...more });
/** Lets promises run. */
const breathe = () => new Promise((resolve) => setImmediate(resolve));

test('where a page stands at its desk', () => {
  assert.equal(standingOf(desk(), true), 'mine');
  assert.equal(standingOf(desk({ estado: 'pausado' }), true), 'paused');
  assert.equal(standingOf(desk(), false), 'taken');
  assert.equal(standingOf(desk({ estado: 'pausado' }), false), 'taken');
  assert.equal(standingOf(desk({ ocupado: false }), false), 'free', 'opened by a client without a session');
  assert.equal(standingOf(desk({ estado: 'cerrado', ocupado: false }), true), 'free');
});

describe('the session of a tab', () => {
  const storage = () => {
    const kept = new Map();
    return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value), removeItem: (name) => void kept.delete(name) };
  };
  test('is drawn once for each desk and branch, and is there after a reload', () => {
    const tab = storage();
    const drawn = new Sessions(tab, null).draw(2);
    assert.match(drawn, /^[0-9a-f]{32}$/);
    const reloaded = new Sessions(tab, null);
    assert.equal(reloaded.draw(2), drawn);
    assert.notEqual(reloaded.draw(3), drawn);
    assert.equal(new Sessions(tab, '7').of(2), null);
  });
  test('is what the server says it is, until the desk is closed', () => {
    const tab = storage();
    const sessions = new Sessions(tab, null);
    sessions.draw(2);
    sessions.keep(2, 'abc');
    assert.equal(new Sessions(tab, null).of(2), 'abc');
    sessions.forget(2);
    assert.equal(new Sessions(tab, null).of(2), null);
    assert.equal(sessions.of(2), null);
  });
  test('lasts until a reload where nothing can be stored', () => {
    const full = () => { throw new Error('denied'); };
    for (const tab of [undefined, { getItem: full, setItem: full, removeItem: full }]) {
      const sessions = new Sessions(tab, null);
      assert.equal(sessions.draw(2), sessions.draw(2));
    }
  });
});

describe('whether the desk is still held', () => {
  test('is asked when the desk changed, and not when the page itself did it', async () => {
    let asked = 0;
    let changed = 0;
    const seat = new Seat(async () => { asked += 1; return desk({ desde: 2000, agente: 'u2', propio: false }); }, () => { changed += 1; });
    seat.told({ ...desk(), propio: true });
    await seat.check(desk());
    assert.deepEqual([asked, seat.own], [0, true]);
    await Promise.all([seat.check(desk({ desde: 2000, agente: 'u2' })), seat.check(desk({ desde: 2000, agente: 'u2' }))]);
    assert.deepEqual([asked, changed, seat.own], [1, 1, false]);
    await seat.check(desk({ desde: 2000, agente: 'u2' }));
    assert.equal(asked, 1);
  });
  test('an answer that was overtaken by a command is not believed', async () => {
    /** @type {(answer: any) => void} */ let answer = () => {};
    const seat = new Seat(() => new Promise((resolve) => (answer = resolve)), () => {});
    const checking = seat.check(desk());
    seat.told({ ...desk({ desde: 3000 }), propio: true });
    answer({ ...desk(), propio: false });
    await checking;
    assert.equal(seat.own, true);
  });
  test('without an answer nothing is known anew', async () => {
    const seat = new Seat(async () => null, () => assert.fail('nothing changed'));
    seat.told({ ...desk(), propio: true });
    await seat.check(desk({ desde: 9 }));
    assert.equal(seat.own, true);
  });
});

describe('orders', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 10_000 }));
  afterEach(() => mock.timers.reset());
  const link = (...replies) => {
    const asked = [];
    return { asked, state: { ready: true }, whenReady: async () => true, ask: async (event, payload) => { asked.push([event, payload]); return replies[asked.length - 1]; } };
  };
  const orders = (live) => new Orders(() => live, () => 'en', () => {});

  test('one after the other, each with a key of its own, and what the last one says is learnt first', async () => {
    const live = link({ ok: true }, { ok: true, ticket: { codigo: 'A-002' } });
    const one = orders(live);
    const learnt = [];
    const reply = await one.run('finishNext', [['finalizar', { ticket: 'a' }], ['atender-ticket', {}]], 'actions', (said) => learnt.push([said.ticket.codigo, one.busy]));
    assert.equal(reply.ticket.codigo, 'A-002');
    assert.deepEqual(learnt, [['A-002', 'finishNext']]);
    assert.deepEqual(live.asked.map(([event]) => event), ['finalizar', 'atender-ticket']);
    assert.notEqual(live.asked[0][1].clave, live.asked[1][1].clave);
    assert.equal(live.asked[0][1].idioma, 'en');
    assert.equal(one.failure, null);
  });
  test('a refusal ends them, and is kept where it was ordered', async () => {
    const live = link({ ok: false, code: 'wrong_state', msg: 'no' });
    const one = orders(live);
    assert.equal(await one.run('finishNext', [['finalizar', {}], ['atender-ticket', {}]], 'dialog'), null);
    assert.equal(live.asked.length, 1);
    assert.deepEqual(one.failure, { place: 'dialog', key: 'error.wrong_state', code: 'wrong_state', msg: 'no' });
  });
  test('the second press of a double press does nothing', async () => {
    const live = link({ ok: true }, { ok: true });
    const one = orders(live);
    await Promise.all([one.run('start', [['iniciar', {}]]), one.run('start', [['iniciar', {}]])]);
    await one.run('finish', [['finalizar', {}]]);
    assert.equal(live.asked.length, 1);
    mock.timers.tick(400);
    await one.run('finish', [['finalizar', {}]]);
    assert.equal(live.asked.length, 2);
  });
  test('without a connection nothing goes out', async () => {
    const live = { ...link(), state: { ready: false } };
    const one = orders(live);
    assert.equal(await one.run('start', [['iniciar', {}]], 'list'), null);
    assert.deepEqual([live.asked.length, one.failure.code, one.failure.place], [0, 'offline', 'list']);
  });
  test('the answer for a desk that was left is nobody\'s', async () => {
    let live = link({ ok: true });
    const one = new Orders(() => live, () => 'es', () => {});
    const order = one.run('start', [['iniciar', {}]], 'actions', () => assert.fail('left'));
    live = link();
    one.abandon();
    assert.equal(await order, null);
    assert.equal(one.busy, null);
  });
});

describe('what is asked again and again', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval'] }));
  afterEach(() => mock.timers.reset());

  test('many changes are one question, and time passing is one, too', async () => {
    let asked = 0;
    const asking = new Asking(() => Promise.resolve({ ok: true, n: (asked += 1) }), (reply) => reply.n, () => {}, { pause: 250, every: 10_000 });
    for (let i = 0; i < 50; i += 1) asking.touch();
    mock.timers.tick(250);
    await breathe();
    assert.deepEqual([asked, asking.answer], [1, 1]);
    mock.timers.tick(10_000);
    mock.timers.tick(250);
    await breathe();
    assert.equal(asking.answer, 2);
    asking.close();
    mock.timers.tick(60_000);
    assert.equal(asked, 2);
  });
  test('what happens while it is asked is asked afterwards', async () => {
    const answers = [];
    const asking = new Asking(() => new Promise((resolve) => answers.push(resolve)), (reply) => reply.n, () => {}, { pause: 250, every: 10_000 });
    asking.touch();
    mock.timers.tick(250);
    asking.touch();
    mock.timers.tick(1000);
    assert.equal(answers.length, 1);
    answers[0]({ ok: true, n: 1 });
    await breathe();
    mock.timers.tick(250);
    assert.equal(answers.length, 2);
    asking.close();
  });
  test('an answer about a desk that was left is thrown away; a refusal leaves what is known', async () => {
    const replies = [{ ok: true, n: 1 }, { ok: false, code: 'overloaded' }, { ok: true, n: 3 }];
    const asking = new Asking(() => Promise.resolve(replies.shift()), (reply) => reply.n, () => {}, { pause: 250, every: 10_000 });
    const once = async () => { asking.touch(); mock.timers.tick(250); await breathe(); };
    await once();
    await once();
    assert.equal(asking.answer, 1);
    asking.touch();
    mock.timers.tick(250);
    asking.forget();
    await breathe();
    assert.equal(asking.answer, null);
    asking.close();
  });
  test('nothing to ask about asks nothing', () => {
    let asked = 0;
    const asking = new Asking(() => { asked += 1; return null; }, () => 0, () => assert.fail('no answer'), { pause: 250, every: 10_000 });
    asking.touch();
    mock.timers.tick(250);
    assert.equal(asked, 1);
    asking.close();
  });
});
