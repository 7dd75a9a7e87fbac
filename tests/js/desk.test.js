import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { actionsFor, EVENTS, KEYS, seatActionsFor, waitingFor, whyNotCall, whyNotResume } from '../../public/desk/actions.js';

const board = (waiting = { caja: 2, padron: 1 }) => ({ servicios: Object.entries(waiting).map(([id, esperando]) => ({ id, esperando })) });
const desk = (estado, servicios = ['caja']) => ({ id: 2, servicios, ticket: estado ? { codigo: 'A-001', servicio: 'caja', estado } : null });
const can = (actions) => actions.filter((action) => !action.why).map((action) => action.name);
const shown = (actions) => actions.filter((action) => action.rank !== 'hidden').map((action) => action.name);
const primary = (actions) => actions.filter((action) => action.rank === 'primary').map((action) => action.name);
const why = (actions, name) => actions.find((action) => action.name === name).why;

test('a free desk calls, and only calls', () => {
  const actions = actionsFor(board(), desk(null), 'mine');
  assert.deepEqual(can(actions), ['next']);
  assert.deepEqual(shown(actions), ['next']);
  assert.equal(why(actions, 'finish'), 'desk.why.idle');
});

test('a free desk with nobody to call says so', () => {
  const actions = actionsFor(board({ caja: 0, padron: 4 }), desk(null), 'mine');
  assert.deepEqual(can(actions), []);
  assert.equal(why(actions, 'next'), 'desk.why.empty');
});

test('who was called can be started, recalled, missed, held, sent on, put back, noted or finished, but not passed over', () => {
  const actions = actionsFor(board(), desk('llamado'), 'mine');
  assert.deepEqual(can(actions), ['start', 'recall', 'absent', 'finish', 'hold', 'transfer', 'back', 'note']);
  assert.deepEqual(primary(actions), ['start']);
  assert.equal(why(actions, 'next'), 'desk.why.called');
});

test('who is served can be finished, with or without the next one, held, sent on, put back or noted', () => {
  assert.deepEqual(can(actionsFor(board(), desk('atendiendo'), 'mine')), ['finish', 'finishNext', 'hold', 'transfer', 'back', 'note']);
  assert.deepEqual(can(actionsFor(board({ caja: 0 }), desk('atendiendo'), 'mine')), ['finish', 'hold', 'transfer', 'back', 'note']);
  assert.equal(why(actionsFor(board(), desk('atendiendo'), 'mine'), 'recall'), 'desk.why.serving');
});

test('a pause calls nobody, and lets the ticket be finished', () => {
  const idle = actionsFor(board(), desk(null), 'paused');
  assert.deepEqual(shown(idle), ['goOn']);
  assert.equal(why(idle, 'next'), 'desk.why.paused');
  const serving = actionsFor(board(), desk('atendiendo'), 'paused');
  assert.ok(can(serving).includes('finish'));
  assert.equal(why(serving, 'finishNext'), 'desk.why.paused');
});

test('a desk of nobody is opened, one of somebody else is taken, and nothing else', () => {
  for (const state of [null, 'llamado', 'atendiendo']) {
    const closed = actionsFor(board(), desk(state), 'free');
    assert.deepEqual(can(closed), ['open']);
    assert.equal(why(closed, 'next'), 'desk.why.closed');
    const taken = actionsFor(board(), desk(state), 'taken');
    assert.deepEqual(can(taken), ['take']);
    assert.equal(why(taken, 'finish'), 'desk.why.taken');
  }
});

test('in every state there is one primary action, one button for each key, and a command behind each', () => {
  for (const standing of ['mine', 'paused', 'free', 'taken']) {
    for (const estado of [null, 'llamado', 'atendiendo']) {
      const actions = actionsFor(board(), desk(estado), standing);
      assert.equal(primary(actions).length, 1, `${standing} ${estado}`);
      const visible = actions.filter((action) => action.rank !== 'hidden');
      assert.equal(new Set(visible.map((action) => action.key)).size, visible.length);
      assert.equal(new Set(actions.map((action) => action.name)).size, actions.length);
      for (const action of actions) assert.ok(['finishNext', 'take', 'goOn'].includes(action.name) || EVENTS[action.name], action.name);
    }
  }
});

test('no key means two things that can be done at one time', () => {
  const shared = { N: ['next', 'finishNext'], O: ['open', 'take', 'goOn'] };
  for (const key of new Set(Object.values(KEYS))) {
    const names = Object.keys(KEYS).filter((name) => KEYS[name] === key);
    assert.deepEqual(names, shared[key] ?? [names[0]]);
  }
});

describe('the desk itself', () => {
  const names = (estado, standing) => seatActionsFor(desk(estado), standing).map((action) => action.name);
  test('open: pause or close; paused: go on or close; else open or take', () => {
    assert.deepEqual(names(null, 'mine'), ['pause', 'close']);
    assert.deepEqual(names(null, 'paused'), ['goOn', 'close']);
    assert.deepEqual(names(null, 'free'), ['open']);
    assert.deepEqual(names(null, 'taken'), ['take']);
  });
  test('with a ticket it is not closed', () => {
    assert.equal(seatActionsFor(desk('llamado'), 'mine').find((action) => action.name === 'close').why, 'desk.why.leave');
    assert.equal(seatActionsFor(desk(null), 'mine').find((action) => action.name === 'close').why, null);
  });
});

test('a desk counts whom it may call, all services if it has no list', () => {
  assert.equal(waitingFor(board(), desk(null, ['padron'])), 1);
  assert.equal(waitingFor(board(), desk(null, [])), 3);
});

test('a chosen ticket needs an open, free desk that serves it and for which it waits', () => {
  assert.equal(whyNotCall(desk(null), { servicio: 'caja' }, 'mine'), null);
  assert.equal(whyNotCall(desk(null), { servicio: 'caja', para: 2 }, 'mine'), null);
  assert.equal(whyNotCall(desk(null), { servicio: 'caja', para: 3 }, 'mine'), 'desk.why.reserved');
  assert.equal(whyNotCall(desk(null), { servicio: 'padron' }, 'mine'), 'desk.why.service');
  assert.equal(whyNotCall(desk('llamado'), { servicio: 'caja' }, 'mine'), 'desk.why.busy');
  assert.equal(whyNotCall(desk(null), { servicio: 'caja' }, 'paused'), 'desk.why.paused');
  assert.equal(whyNotCall(desk(null), { servicio: 'caja' }, 'free'), 'desk.why.closed');
  assert.equal(whyNotCall(desk(null), { servicio: 'caja' }, 'taken'), 'desk.why.taken');
});

test('a held one is gone on with at a free desk, during a pause too', () => {
  assert.equal(whyNotResume(desk(null), 'paused'), null);
  assert.equal(whyNotResume(desk('atendiendo'), 'mine'), 'desk.why.busy');
  assert.equal(whyNotResume(desk(null), 'free'), 'desk.why.closed');
});
