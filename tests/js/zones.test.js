import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roomOfZone, shownServices, zones } from '../../public/display/zones.js';

const service = (id, prefijo) => ({ id, prefijo });
const services = [service('caja', 'A'), service('extracciones', 'EX'), service('padron', 'B')];
const ids = (wish) => shownServices(services, wish).map(({ id }) => id);

test('the address chooses services, by id or letter, and the branch their order', () => {
  assert.deepEqual(ids('extracciones,caja'), ['caja', 'extracciones']);
  assert.deepEqual(ids(' b , EX '), ['extracciones', 'padron']);
  assert.deepEqual(ids('padron,unknown'), ['padron']);
});

test('without a wish, or with one that names none of them, all are shown', () => {
  for (const wish of [null, '', ' , ', 'unknown']) assert.deepEqual(ids(wish), ['caja', 'extracciones', 'padron']);
});

test('a zone has the newest calls of its service, as many as there is room for', () => {
  const calls = [5, 4, 3, 2, 1].map((llamada) => ({ llamada, servicio: llamada % 2 ? 'caja' : 'padron' }));
  const found = zones(services, calls, { columns: 1, rows: 3 });
  assert.deepEqual(found.map(({ service: { id }, calls: own }) => [id, own.map((call) => call.llamada)]), [['caja', [5, 3, 1]], ['extracciones', []], ['padron', [4, 2]]]);
  assert.deepEqual(zones(services, calls, { columns: 1, rows: 1 }).map(({ calls: own }) => own.length), [1, 0, 1]);
});

test('one service needs no zones, and many have no room for them', () => {
  for (const tall of [false, true]) {
    for (const count of [0, 1, 7, 40]) assert.equal(roomOfZone(count, tall), null);
    for (const count of tall ? [2, 3, 4, 5, 6] : [2, 3, 4]) {
      const { columns, rows } = roomOfZone(count, tall) ?? assert.fail();
      assert.ok(columns * rows >= 2, 'the last call alone is on the screen anyway');
    }
  }
});
