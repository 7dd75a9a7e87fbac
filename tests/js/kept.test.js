import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { recall, remember } from '../../public/lib/kept.js';

const own = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');

/** @param {() => unknown} get */
function browserWith(get) {
  Object.defineProperty(globalThis, 'localStorage', { get, configurable: true });
}

afterEach(() => {
  if (own) Object.defineProperty(globalThis, 'localStorage', own);
  else Reflect.deleteProperty(globalThis, 'localStorage');
});

test('what is kept is there again until it is kept no longer', () => {
  const values = new Map();
  browserWith(() => ({ getItem: (name) => values.get(name) ?? null, setItem: (name, value) => values.set(name, value), removeItem: (name) => values.delete(name) }));
  assert.equal(recall('desk'), null);
  remember('desk', '2');
  assert.equal(recall('desk'), '2');
  remember('desk', null);
  assert.deepEqual([recall('desk'), values.size], [null, 0]);
});

test('where nothing can be kept the page works all the same', () => {
  browserWith(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  remember('desk', '2');
  assert.equal(recall('desk'), null);
});
