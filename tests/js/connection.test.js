import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Readiness } from '../../public/lib/connection.js';

test('who waits is told when it is ready, and at once from then on', async () => {
  const readiness = new Readiness();
  const first = readiness.within(60_000);
  const second = readiness.within(60_000);
  readiness.set(false);
  readiness.set(true);
  assert.deepEqual(await Promise.all([first, second, readiness.within(0)]), [true, true, true]);
});

test('nobody waits for ever', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const readiness = new Readiness();
    readiness.set(true);
    readiness.set(false);
    const waiting = readiness.within(2000);
    mock.timers.tick(2000);
    assert.equal(await waiting, false);
  } finally {
    mock.timers.reset();
  }
});
