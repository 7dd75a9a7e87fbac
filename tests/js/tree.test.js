import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { beginning, entries, trail } from '../../public/kiosk/tree.js';

const service = (id, grupo = null) => ({ id, grupo });
const group = (id, padre = null) => ({ id, padre, nombre: { es: id } });
const names = (offer, within) => entries(offer, within).map((entry) => (entry.kind === 'group' ? `${entry.id}(${entry.services.map(({ id }) => id).join(' ')})` : entry.id));

const OFFER = {
  grupos: [group('certificates'), group('taxes'), group('cars', 'taxes'), group('empty')],
  servicios: [service('info'), service('census', 'certificates'), service('rates', 'taxes'), service('tolls', 'cars'), service('birth', 'certificates')],
};

test('without groups all services are at the top', () => {
  const offer = { servicios: [service('a'), service('b')] };
  assert.deepEqual(names(offer, null), ['a', 'b']);
  assert.equal(beginning(offer), null);
});

test('groups stand where their first service stands, with all that is below them', () => {
  assert.deepEqual(names(OFFER, null), ['info', 'certificates(census birth)', 'taxes(rates tolls)']);
  assert.deepEqual(names(OFFER, 'taxes'), ['rates', 'cars(tolls)']);
  assert.deepEqual(names(OFFER, 'cars'), ['tolls']);
  assert.deepEqual(names(OFFER, 'empty'), []);
});

test('every service is found exactly once, whatever the groups look like', () => {
  const odd = { grupos: [group('x', 'y'), group('y', 'x'), group('lost', 'nowhere'), group('self', 'self')], servicios: [service('a', 'x'), service('b', 'y'), service('c', 'lost'), service('d', 'unknown'), service('e', 'self')] };
  for (const offer of [OFFER, odd]) {
    const all = (within) => entries(offer, within).flatMap((entry) => (entry.kind === 'service' ? [entry.id] : all(entry.id)));
    assert.deepEqual(all(null).sort(), offer.servicios.map(({ id }) => id).sort());
  }
});

describe('where choosing begins', () => {
  const nested = { grupos: [group('all'), group('inner', 'all')], servicios: [service('a', 'inner'), service('b', 'inner')] };
  test('a single group is no choice', () => {
    assert.equal(beginning(nested), 'inner');
    assert.deepEqual(trail(nested, 'inner'), []);
    assert.equal(beginning(OFFER), null);
  });

  test('the trail names the groups on the way', () => {
    assert.deepEqual(trail(OFFER, null), []);
    assert.deepEqual(trail(OFFER, 'cars').map(({ id }) => id), ['taxes', 'cars']);
    assert.deepEqual(trail(OFFER, 'unknown'), []);
  });
});
