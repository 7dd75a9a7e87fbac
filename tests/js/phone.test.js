// What a phone says of a ticket, and where a kiosk's code leads.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { followAddress } from '../../public/kiosk/follow.js';
import { translate } from '../../public/lib/i18n.js';
import { deeds, isOver, isSoon, words } from '../../public/phone/words.js';

const texts = Object.fromEntries(['es', 'en'].map((lang) => [lang, JSON.parse(readFileSync(new URL(`../../public/i18n/${lang}.json`, import.meta.url), 'utf8'))]));
const NOON = Date.UTC(2026, 10, 20, 11);

/** @param {object} ticket @param {string} [lang] */
function said(ticket, lang = 'es') {
  const t = (/** @type {string} */ key, /** @type {object} */ params) => translate(texts[lang], lang, key, params);
  return words({ codigo: 'A-007', servicio: 'caja', delante: 0, ...ticket }, { lang, zone: 'Europe/Madrid', now: NOON, t });
}

test('every state of the contract is said in both languages, and has a title of its own', () => {
  const states = ['reservado', 'esperando', 'aplazado', 'llamado', 'atendiendo', 'retenido', 'finalizado', 'ausente', 'cancelado', 'vencido'];
  for (const lang of ['es', 'en']) {
    const titles = states.map((estado) => said({ estado }, lang));
    for (const { head, title } of titles) assert.ok(head && !head.startsWith('phone.') && title.startsWith('A-007 · '), title);
    assert.equal(new Set(titles.map(({ title }) => title)).size, states.length);
  }
});

test('place, wait, desk and times are in the words', () => {
  assert.deepEqual(said({ estado: 'esperando', delante: 3, espera: { desde: 10, hasta: 20 } }).title, 'A-007 · Hay 3 personas delante');
  assert.match(said({ estado: 'esperando', delante: 3, espera: { desde: 10, hasta: 20 } }).more, /^Espera: 10\D+20\smin$/u);
  assert.equal(said({ estado: 'esperando', delante: 1 }, 'en').head, '1 person ahead');
  assert.equal(said({ estado: 'esperando', delante: 4, prioridad: 'mayor' }).head, 'Tiene prioridad');
  assert.equal(said({ estado: 'llamado', escritorio: 2, nombreEscritorio: { es: 'Mesa 2', en: 'Desk two' } }, 'en').more, 'Desk two');
  assert.equal(said({ estado: 'llamado', escritorio: 2 }).more, 'Escritorio 2');
  assert.equal(said({ estado: 'aplazado', hasta: NOON }).head, 'Le esperamos hasta las 12:00');
});

test('what can be done follows from the state and from what is left', () => {
  const can = (/** @type {object} */ ticket) => deeds({ codigo: 'A-007', aplazos: 0, ...ticket }, NOON);
  assert.deepEqual(can({ estado: 'esperando', aplazos: 1 }), ['defer', 'leave']);
  assert.deepEqual(can({ estado: 'esperando' }), ['leave']);
  assert.deepEqual(can({ estado: 'aplazado', aplazos: 1 }), ['back', 'defer', 'leave']);
  assert.deepEqual(can({ estado: 'ausente', hasta: NOON + 1 }), ['back']);
  for (const ticket of [{ estado: 'ausente', hasta: NOON }, { estado: 'ausente', hasta: null }, { estado: 'llamado' }, { estado: 'finalizado' }, { estado: 'cancelado' }, { estado: 'vencido' }]) {
    assert.deepEqual(can(ticket), [], ticket.estado);
  }
  assert.deepEqual(['esperando', 'ausente', 'finalizado', 'cancelado', 'vencido'].map((estado) => isOver({ estado })), [false, false, true, true, true]);
  assert.deepEqual([{ estado: 'esperando', delante: 3 }, { estado: 'esperando', delante: 2 }, { estado: 'llamado' }, { estado: 'aplazado' }].map(isSoon), [false, true, true, false]);
});

test('a code leads to where a phone can go, or there is none', () => {
  const address = (/** @type {string} */ origin, /** @type {string|null} */ publicUrl = null, seguir = true) => followAddress({ token: 'ab' }, { id: 2, seguir }, { origin, publicUrl });
  assert.equal(address('http://192.168.1.20:8787'), 'http://192.168.1.20:8787/t/ab?sucursal=2');
  for (const origin of ['http://localhost:8787', 'http://127.0.0.1:8787', 'http://127.0.1.1', 'http://[::1]:8787', 'http://kiosk.localhost']) {
    assert.equal(address(origin), null, origin);
    assert.equal(address(origin, 'https://turnos.example.org'), 'https://turnos.example.org/t/ab?sucursal=2');
  }
  assert.equal(address('http://192.168.1.20', null, false), null);
  assert.equal(followAddress({}, { id: 1 }, { origin: 'http://192.168.1.20', publicUrl: null }), null);
});
