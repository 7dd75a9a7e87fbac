import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hear, hush, learn, next, retract, showTime, shown, silent, takenBack } from '../../public/lib/calls.js';

const call = (llamada, codigo = `A-${llamada}`) => ({ llamada, codigo, escritorio: 1, veces: 1 });

/** Plays all announcements to their end and tells their numbers. */
function announced(announcer) {
  const numbers = [];
  for (let now = announcer; now.current; now = next(now)) numbers.push(now.current.llamada);
  return numbers;
}

test('live calls are announced once each, in order, one after the other', () => {
  let announcer = learn(silent(), []);
  for (const n of [1, 2, 2, 3, 1]) announcer = hear(announcer, call(n));
  assert.equal(announcer.current.llamada, 1);
  assert.deepEqual(announcer.waiting.map((c) => c.llamada), [2, 3]);
  assert.deepEqual(announced(announcer), [1, 2, 3]);
});

test('a recall is a call of its own', () => {
  const announcer = [call(1, 'A-001'), call(2, 'A-001')].reduce(hear, silent());
  assert.deepEqual(announced(announcer), [1, 2]);
});

test('what a snapshot tells after a reload is silent, and so is its late echo', () => {
  const announcer = learn(silent(), [5, 4, 3]);
  assert.equal(announcer.current, null);
  assert.equal(hear(announcer, call(5)).current, null);
  assert.equal(hear(announcer, call(6)).current.llamada, 6);
});

test('what was missed while away is silent; the next live call is not', () => {
  let announcer = next(hear(learn(silent(), [1]), call(2)));
  announcer = learn(announcer, [4, 3, 2]);
  assert.equal(announcer.current, null);
  assert.deepEqual(announced(hear(announcer, call(5))), [5]);
});

test('a snapshot does not cut off what is being announced', () => {
  let announcer = hear(hear(silent(), call(1)), call(2));
  announcer = learn(announcer, [2, 1]);
  assert.deepEqual(announced(announcer), [1, 2]);
});

test('an older or empty snapshot changes nothing', () => {
  const announcer = hear(silent(), call(7));
  assert.equal(learn(announcer, [3]), announcer);
  assert.equal(learn(announcer, []), announcer);
});

test('in another epoch the numbers start anew', () => {
  const announcer = learn(hear(silent(), call(900)), [2, 1], { forget: true });
  assert.equal(announcer.current, null);
  assert.deepEqual(announced(hear(announcer, call(3))), [3]);
});

test('a call without a number is not announced', () => {
  assert.equal(hear(silent(), { codigo: 'A-001' }).current, null);
});

test('a new day hushes what waits and remembers the numbers', () => {
  const announcer = hush(hear(hear(silent(), call(1)), call(2)));
  assert.deepEqual(announced(announcer), []);
  assert.equal(hear(announcer, call(2)).current, null);
  assert.deepEqual(announced(hear(announcer, call(3))), [3]);
});

test('what waits to be announced is not shown before its time', () => {
  const announcer = [call(2), call(3)].reduce(hear, learn(silent(), [1]));
  const view = shown(announcer, [call(3), call(2), call(1)]);
  assert.equal(view.hero.llamada, 2);
  assert.deepEqual(view.recent.map((c) => c.llamada), [1]);
  const after = shown(next(next(announcer)), [call(3), call(2), call(1)]);
  assert.equal(after.hero.llamada, 3);
  assert.deepEqual(after.recent.map((c) => c.llamada), [2, 1]);
});

test('with no calls there is nothing to show', () => {
  assert.deepEqual(shown(silent(), []), { hero: null, recent: [] });
});

test('in a rush the list keeps what was on the screen, and each call still comes, only quicker', () => {
  let announcer = learn(silent(), [1]);
  assert.equal(showTime(announcer), 5000);
  let history = [call(1)];
  for (let n = 2; n <= 14; n += 1) announcer = hear(announcer, call(n));
  const board = Array.from({ length: 10 }, (_, i) => call(14 - i));
  const view = shown(announcer, [...board, ...history]);
  assert.equal(view.hero.llamada, 2);
  assert.deepEqual(view.recent.map((c) => c.llamada), [1]);
  assert.ok(showTime(announcer) < 5000);
  history = [view.hero, ...view.recent];
  assert.deepEqual(shown(next(announcer), [...board, ...history]).recent.map((c) => c.llamada), [2, 1]);
  assert.deepEqual(announced(announcer), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
});

test('a ticket that is called again is listed once, by its last call that was announced', () => {
  const announcer = hear(hear(learn(silent(), [2]), call(3, 'B')), call(4, 'A'));
  const calls = [call(4, 'A'), call(3, 'B'), call(2, 'A'), call(1, 'A')];
  assert.deepEqual(shown(announcer, calls).recent.map((c) => c.llamada), [2]);
  assert.deepEqual(shown(next(announcer), calls).recent.map((c) => c.llamada), [3]);
});

describe('a call that was taken back', () => {
  const at = (rev, llamada, codigo) => ({ ...call(llamada, codigo), rev });
  const board = (rev, ...llamadas) => ({ rev, llamadas });
  const [one, two, three] = [at(1, 1, 'A-001'), at(2, 2, 'A-002'), at(3, 3, 'A-003')];

  test('is known by a board that has come past it without knowing it', () => {
    assert.equal(takenBack(three, board(4, two, one)), true);
    assert.equal(takenBack(three, board(3, three, two, one)), false);
    assert.equal(takenBack(three, board(2, two, one)), false, 'the board has not heard of it yet');
  });

  test('a recall that is taken back leaves the call before it', () => {
    const again = at(4, 4, 'A-001');
    assert.equal(takenBack(again, board(5, three, two, one)), true);
    assert.equal(takenBack(one, board(4, again, three, two)), false, 'it was only followed by another one');
  });

  test('what is older than all that a full board keeps may be right', () => {
    const ten = Array.from({ length: 10 }, (_, i) => at(20 - i, 20 - i, `B-${20 - i}`));
    assert.equal(takenBack(one, board(20, ...ten)), false);
    assert.equal(takenBack(at(19, 19, 'C-001'), board(30, ...ten)), true);
  });

  test('is announced no more, whether it was on or to come; the others are, in order', () => {
    const all = [one, two, three].reduce(hear, silent());
    assert.deepEqual(announced(retract(all, board(4, three, one))), [1, 3]);
    const without = retract(all, board(4, three, two));
    assert.equal(without.current, null);
    assert.deepEqual(announced(next(without)), [2, 3]);
    assert.deepEqual(announced(next(hear(without, at(5, 5, 'A-005')))), [2, 3, 5]);
    assert.equal(retract(all, board(3, three, two, one)), all);
  });
});
