import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { translate } from '../../public/lib/i18n.js';
import { closing, opensText, standing, untilText, waitText } from '../../public/lib/outlook.js';

const texts = Object.fromEntries(['es', 'en'].map((lang) => [lang, JSON.parse(readFileSync(new URL(`../../public/i18n/${lang}.json`, import.meta.url), 'utf8'))]));
const t = (lang) => (key, params) => translate(texts[lang], lang, key, params);
const plain = (text) => text.replaceAll('\u00a0', ' ').replaceAll('\u2060', '');

describe('a wait in words', () => {
  const cases = [
    [{ desde: 10, hasta: 20 }, '10–20 min', '10–20 min'],
    [{ desde: 5, hasta: 5 }, 'unos 5 min', 'about 5 min'],
    [{ desde: 0, hasta: 5 }, 'hasta 5 min', 'up to 5 min'],
    [{ mas: 60 }, 'más de 60 min', 'more than 60 min'],
    [null, '', ''],
    [undefined, '', ''],
  ];
  test('short', () => assert.equal(plain(waitText({ mas: 60 }, t('es'), { short: true })), '+60 min'));

  for (const [wait, es, en] of cases) {
    test(JSON.stringify(wait) ?? 'undefined', () => {
      assert.equal(plain(waitText(wait, t('es'))), es);
      assert.equal(plain(waitText(wait, t('en'))), en);
    });
  }
});

describe('the next opening in words', () => {
  // A Saturday noon in Madrid.
  const now = Date.parse('2026-11-21T11:00:00Z');
  const cases = [
    ['2026-11-21T15:30:00Z', 'Abre hoy a las 16:30', 'Opens today at 16:30'],
    ['2026-11-22T07:00:00Z', 'Abre mañana a las 8:00', 'Opens tomorrow at 8:00'],
    ['2026-11-23T07:00:00Z', 'Abre el lunes a las 8:00', 'Opens on Monday at 8:00'],
    ['2026-11-27T00:00:00Z', 'Abre el viernes a la 1:00', 'Opens on Friday at 1:00'],
    ['2026-12-07T07:05:00Z', 'Abre el lunes, 7 de diciembre, a las 8:05', 'Opens on Monday, December 7, at 8:05'],
    // Midnight belongs to the day that begins with it.
    ['2026-11-21T23:00:00Z', 'Abre mañana a las 0:00', 'Opens tomorrow at 0:00'],
  ];
  for (const [at, es, en] of cases) {
    test(at, () => {
      assert.equal(opensText(Date.parse(at), { now, zone: 'Europe/Madrid', lang: 'es' }, t('es')), es);
      assert.equal(opensText(Date.parse(at), { now, zone: 'Europe/Madrid', lang: 'en' }, t('en')), en);
    });
  }

  test('the day is the one of the branch, not of the machine', () => {
    const late = Date.parse('2026-11-21T23:30:00Z');
    assert.equal(opensText(late + 7 * 3_600_000, { now: late, zone: 'Europe/Madrid', lang: 'es' }, t('es')), 'Abre hoy a las 7:30');
    assert.equal(opensText(late + 7 * 3_600_000, { now: late, zone: 'America/Lima', lang: 'es' }, t('es')), 'Abre mañana a la 1:30');
  });

  test('over the end of daylight saving time tomorrow stays tomorrow', () => {
    const saturday = Date.parse('2026-10-24T21:30:00Z');
    assert.equal(opensText(Date.parse('2026-10-25T07:00:00Z'), { now: saturday, zone: 'Europe/Madrid', lang: 'es' }, t('es')), 'Abre mañana a las 8:00');
  });

  test('what is not known is not said, and a zone that the browser lacks breaks nothing', () => {
    assert.equal(opensText(null, { now, lang: 'es' }, t('es')), '');
    assert.match(opensText(now, { now, zone: 'Mars/Olympus', lang: 'es' }, t('es')), /^Abre hoy a las? \d+:00$/);
  });

  test('until when', () => {
    assert.equal(untilText(Date.parse('2026-11-21T12:30:00Z'), { zone: 'Europe/Madrid', lang: 'es' }, t('es')), 'Números hasta las 13:30');
    assert.equal(untilText(Date.parse('2026-11-21T00:30:00Z'), { zone: 'Europe/Madrid', lang: 'en' }, t('en')), 'Numbers until 1:30');
  });
});

describe('where a service stands', () => {
  test('closed is more than full, and a server that says nothing is open', () => {
    assert.equal(standing({ abierto: true, quedan: null }), 'open');
    assert.equal(standing({}), 'open');
    assert.equal(standing({ abierto: true, quedan: 0 }), 'full');
    assert.equal(standing({ abierto: false, quedan: 0 }), 'closed');
  });

  const board = (services, more = {}) => ({ cerrada: false, escritorios: [], servicios: services.map((service, i) => ({ id: `s${i}`, esperando: 0, abierto: false, abre: null, ...service })), ...more });

  test('a branch is closed when all its services are, and opens with the first of them', () => {
    assert.equal(closing(board([{ abierto: true }, {}])), null);
    assert.equal(closing(board([{ abierto: true, quedan: 0 }])), null);
    assert.equal(closing(board([])), null);
    assert.deepEqual(closing(board([{ abre: 30 }, { abre: 20 }, {}])), { byHand: false, serving: false, opens: 20 });
    assert.equal(closing(board([{}])).opens, null);
  });

  test('who waits, or is at a desk, is still served', () => {
    assert.equal(closing(board([{ esperando: 1 }])).serving, true);
    assert.equal(closing(board([{}], { escritorios: [{ ticket: { servicio: 's0' } }] })).serving, true);
    assert.equal(closing(board([{}], { escritorios: [{ ticket: { servicio: 'other' } }] })).serving, false);
  });

  test('a day that is closed by hand closes all', () => {
    assert.deepEqual(closing(board([{ abierto: true }], { cerrada: true })), { byHand: true, serving: false, opens: null });
  });
});
