import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionsFor, EVENTS, waitingFor, whyNotCall } from '../../public/desk/actions.js';

const board = (waiting = { caja: 2, padron: 1 }) => ({ servicios: Object.entries(waiting).map(([id, esperando]) => ({ id, esperando })) });
const desk = (estado, servicios = ['caja']) => ({ id: 2, servicios, ticket: estado ? { codigo: 'A-001', servicio: 'caja', estado } : null });
const can = (actions) => actions.filter((action) => !action.why).map((action) => action.name);
const primary = (actions) => actions.filter((action) => action.primary).map((action) => action.name);

test('a free desk calls, and only calls', () => {
  const actions = actionsFor(board(), desk(null));
  assert.deepEqual(can(actions), ['next']);
  assert.deepEqual(primary(actions), ['next']);
});

test('a free desk with nobody to call says so', () => {
  const actions = actionsFor(board({ caja: 0, padron: 4 }), desk(null));
  assert.deepEqual(can(actions), []);
  assert.equal(actions[0].why, 'desk.why.empty');
});

test('who was called can be started, recalled, missed, put back or finished, but not passed over', () => {
  const actions = actionsFor(board(), desk('llamado'));
  assert.deepEqual(can(actions), ['start', 'recall', 'absent', 'back', 'finish']);
  assert.deepEqual(primary(actions), ['start']);
});

test('who is served can be finished, with or without the next one, or put back', () => {
  assert.deepEqual(can(actionsFor(board(), desk('atendiendo'))), ['finish', 'finishNext', 'back']);
  assert.deepEqual(can(actionsFor(board({ caja: 0 }), desk('atendiendo'))), ['finish', 'back']);
});

test('in every state there is one primary action and one button for each key', () => {
  for (const estado of [null, 'llamado', 'atendiendo']) {
    const actions = actionsFor(board(), desk(estado));
    assert.equal(primary(actions).length, 1);
    assert.equal(new Set(actions.map((action) => action.key)).size, actions.length);
    for (const action of actions) assert.ok(action.name === 'finishNext' || EVENTS[action.name]);
  }
});

test('a desk counts whom it may call, all services if it has no list', () => {
  assert.equal(waitingFor(board(), desk(null, ['padron'])), 1);
  assert.equal(waitingFor(board(), desk(null, [])), 3);
});

test('a chosen ticket needs a free desk that serves it', () => {
  assert.equal(whyNotCall(desk(null), { servicio: 'caja' }), null);
  assert.equal(whyNotCall(desk(null), { servicio: 'padron' }), 'desk.why.service');
  assert.equal(whyNotCall(desk('llamado'), { servicio: 'caja' }), 'desk.why.busy');
});
