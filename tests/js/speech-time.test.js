import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { speak, spokenCode } from '../../public/lib/speech.js';
import { clock, date, minutes, stopwatch } from '../../public/lib/time.js';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

class Utterance {
  constructor(text) {
    this.text = text;
  }
}

/** A browser's voice that does as told with each utterance. */
function browser(behave, voices = []) {
  const spoken = [];
  const synthesis = { cancelled: 0, getVoices: () => voices, cancel() { this.cancelled += 1; }, speak: (utterance) => (spoken.push(utterance), behave(utterance)) };
  return { spoken, synthesis, Utterance };
}

test('codes are said letter by letter and without leading zeros', () => {
  assert.equal(spokenCode('A-017', 17), 'A 17');
  assert.equal(spokenCode('ABC-000123', 123), 'A B C 123');
});

test('speaks with a voice of the language', async () => {
  const voice = { lang: 'es-ES' };
  const fake = browser((utterance) => utterance.onend(), [{ lang: 'en-US' }, voice]);
  assert.equal(await speak('Turno A 1', 'es', fake), true);
  assert.equal(fake.spoken[0].voice, voice);
});

test('no voice, a failing one and a throwing one are silence, not an error', async () => {
  assert.equal(await speak('x', 'es', { synthesis: undefined, Utterance: undefined }), false);
  assert.equal(await speak('x', 'es', browser((utterance) => utterance.onerror({ error: 'synthesis-failed' }))), false);
  assert.equal(await speak('x', 'es', browser(() => { throw new Error('no device'); })), false);
});

test('a voice that never begins or never ends does not hold up the queue', async () => {
  const mute = browser(() => {});
  const first = speak('x', 'es', mute);
  mock.timers.tick(2500);
  assert.equal(await first, false);
  assert.equal(mute.synthesis.cancelled, 1);
  const endless = browser((utterance) => utterance.onstart());
  const second = speak('x', 'es', endless);
  mock.timers.tick(11_999);
  assert.equal(endless.synthesis.cancelled, 0);
  mock.timers.tick(1);
  assert.equal(await second, false);
});

test('times are the branch\'s, over its change of clocks', () => {
  assert.equal(clock(Date.UTC(2026, 9, 25, 0, 30), 'es', 'Europe/Madrid'), '02:30');
  assert.equal(clock(Date.UTC(2026, 9, 25, 1, 30), 'es', 'Europe/Madrid'), '02:30');
  assert.equal(clock(Date.UTC(2026, 0, 1, 5, 5), 'en', 'America/Bogota'), '00:05');
  assert.equal(date(Date.UTC(2026, 10, 21, 23, 30), 'es', 'Europe/Madrid'), 'domingo, 22 de noviembre');
});

test('a zone that the browser does not know is no error', () => {
  assert.match(clock(0, 'es', 'Moon/Tycho'), /^\d\d:\d\d$/);
});

test('durations never run backwards', () => {
  assert.equal(stopwatch(-5000), '00:00');
  assert.equal(stopwatch(249_000), '04:09');
  assert.equal(stopwatch(3_849_000), '1:04:09');
  assert.equal(minutes(-1), '0 min');
  assert.equal(minutes(65 * 60_000), '1 h 05 min');
});
