import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parts } from '../../public/display/ticker.js';

const within = (/** @type {number} */ most) => (/** @type {string} */ part) => part.length <= most;

test('a text in parts keeps every word, whole and in order', () => {
  const text = 'El martes 24 la oficina abre a las 10:30 por trabajos en la red eléctrica';
  for (const most of [12, 20, 33, 200]) {
    const all = parts(text, within(most));
    assert.equal(all.join(' '), text);
    assert.ok(all.every((part) => part.length <= most));
  }
});

test('parts are as few as fit, and a word that is too long stands alone', () => {
  assert.deepEqual(parts('uno dos tres cuatro', within(8)), ['uno dos', 'tres', 'cuatro']);
  assert.deepEqual(parts('a desoxirribonucleico b', within(5)), ['a', 'desoxirribonucleico', 'b']);
  assert.deepEqual(parts('  ', within(5)), []);
});
