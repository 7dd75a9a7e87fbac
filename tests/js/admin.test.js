import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bars, everyNth, grid, heat, lines, niceScale, timeScale, weekHour } from '../../public/admin/charts.js';
import { addDays, dateOf, daysBetween, dayText, rangeOf, weekdayOf, weekdayText } from '../../public/admin/days.js';
import { at, differences, merge, nextId, put, same, slugOf } from '../../public/admin/draft.js';
import { readHash, writeHash } from '../../public/admin/router.js';
import { isAlways, nextSpan, readTime, wrongSpan } from '../../public/admin/spans.js';
import { pressing, standing } from '../../public/admin/standing.js';
import { factsOf, subjectOf } from '../../public/admin/told.js';
import { closingNow } from '../../public/lib/day.js';
import { mean } from '../../public/lib/time.js';

const NAMES = ['live', 'audit'];

test('the address names a section, and what it shows', () => {
  assert.deepEqual(readHash('#audit?accion=user_*&quien=', NAMES, 'live'), { section: 'audit', params: { accion: 'user_*', quien: '' } });
  for (const hash of ['', '#', '#nowhere', '#audit/x', '#<b>']) assert.deepEqual(readHash(hash, NAMES, 'live'), { section: 'live', params: {} }, hash);
  assert.equal(writeHash('audit', { accion: 'a&b', quien: '', desde: null }), '#audit?accion=a%26b');
  assert.deepEqual(readHash(writeHash('audit', { accion: 'a&b=c' }), NAMES, 'live').params, { accion: 'a&b=c' });
});

test('places in settings are read and written', () => {
  const value = { services: [{ id: 1 }] };
  put(value, 'services[0].name.es', 'Caja');
  put(value, 'services[0].numbers.first', 5);
  assert.deepEqual(value, { services: [{ id: 1, name: { es: 'Caja' }, numbers: { first: 5 } }] });
  put(value, 'services[0].numbers', undefined);
  assert.equal(at(value, 'services[0].numbers.first'), undefined);
  assert.equal(at(value, 'services[7].name.es'), undefined);
  assert.equal(same({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }), true);
  assert.equal(same([1, 2], [2, 1]), false);
});

const BASE = { name: 'Norte', padding: 3, services: [{ id: 1, mean: 5 }, { id: 2, mean: 5 }], hours: { mon: [] } };

test('differences are told by the thing that they are about', () => {
  const mine = { ...BASE, name: 'Sur', services: [{ id: 2, mean: 6 }, { id: 3 }] };
  assert.deepEqual(differences(BASE, mine).map(({ key, what, item }) => [key, what, item?.id]), [['name', 'changed', undefined], ['services', 'changed', 2], ['services', 'added', 3], ['services', 'removed', 1]]);
  assert.deepEqual(differences(BASE, { ...BASE, services: [...BASE.services].reverse() }), [{ key: 'services', what: 'moved' }]);
  assert.deepEqual(differences(BASE, structuredClone(BASE)), []);
});

test('what two people change goes together, and what both change is told', () => {
  const mine = { ...BASE, padding: 4, services: [{ id: 1, mean: 9 }, { id: 2, mean: 5 }, { id: 3 }] };
  const theirs = { ...BASE, name: 'Sur', services: [{ id: 1, mean: 5 }, { id: 2, mean: 7 }] };
  const { merged, clashes } = merge(BASE, mine, theirs);
  assert.deepEqual(merged, { name: 'Sur', padding: 4, services: [{ id: 1, mean: 9 }, { id: 2, mean: 7 }, { id: 3 }], hours: { mon: [] } });
  assert.deepEqual(clashes, []);
  const both = merge(BASE, { ...BASE, name: 'A', services: [{ id: 1, mean: 1 }, { id: 2, mean: 5 }] }, { ...BASE, name: 'B', services: [{ id: 2, mean: 5 }] });
  assert.equal(both.merged.name, 'A');
  assert.deepEqual(both.merged.services, [{ id: 1, mean: 1 }, { id: 2, mean: 5 }]);
  assert.deepEqual(both.clashes.map(({ key, item }) => [key, item?.id]), [['name', undefined], ['services', 1]]);
});

test('what one takes away and nobody else touched stays away', () => {
  assert.deepEqual(merge(BASE, { ...BASE, services: [{ id: 2, mean: 5 }] }, { ...BASE, name: 'Sur' }).merged.services, [{ id: 2, mean: 5 }]);
  assert.deepEqual(merge(BASE, { ...BASE, name: 'A' }, { ...BASE, services: [] }).merged, { ...BASE, name: 'A', services: [] });
});

test('short names and numbers are new ones', () => {
  assert.equal(slugOf('Análisis de sangre (niños)', []), 'analisis-de-sangre-ninos');
  assert.equal(slugOf('Caja', ['caja', 'caja-2']), 'caja-3');
  assert.equal(slugOf('日本', []), 'x');
  assert.equal(nextId([{ id: 4 }, { id: 2 }]), 5);
  assert.equal(nextId([]), 1);
});

test('hours are understood as people type them', () => {
  assert.deepEqual(['8', '8:30', '0830', '08.30', '8h', '26:00', '47:59', '8h30'].map(readTime), ['08:00', '08:30', '08:30', '08:30', '08:00', '26:00', '47:59', '08:30']);
  assert.deepEqual(['', 'x', '8:60', '48:00', '123456'].map(readTime), [null, null, null, null, null]);
  assert.equal(wrongSpan([['08:00', '13:00'], ['15:00', '19:00']]), null);
  assert.equal(wrongSpan([['13:00', '08:00']]), 0);
  assert.equal(wrongSpan([['08:00', '13:00'], ['12:00', '19:00']]), 1);
  assert.equal(wrongSpan([nextSpan([])]), null);
  assert.equal(wrongSpan([['08:00', '13:00'], nextSpan([['08:00', '13:00']])]), null);
  assert.deepEqual([isAlways(null), isAlways({ mon: [] }), isAlways({ mon: [['08:00', '09:00']] })], [true, true, false]);
});

test('scales end above what they show, at numbers that read well', () => {
  for (const most of [0.3, 1, 7, 10, 99, 101, 12_345]) {
    const { top, ticks } = niceScale(most);
    assert.ok(top >= most && top <= most * 2.6, `${most}: ${top}`);
    assert.equal(ticks[0], 0);
    assert.equal(ticks.at(-1), top);
  }
  assert.deepEqual(niceScale(0), { top: 1, ticks: [0, 1] });
  assert.deepEqual(timeScale(26 * 60_000).ticks.map((ms) => ms / 60_000), [0, 10, 20, 30]);
  assert.deepEqual(timeScale(0).ticks.map((ms) => ms / 60_000), [0, 1]);
});

test('bars stand in their groups, inside the paper, and what is unknown has none', () => {
  const found = bars([[10, 5], [null, 20]], { width: 200, height: 100, top: 20 });
  assert.deepEqual(found.map(({ group, series, height }) => [group, series, height]), [[0, 0, 50], [0, 1, 25], [1, 1, 100]]);
  for (const bar of found) assert.ok(bar.x >= 0 && bar.x + bar.width <= 200 && Math.abs(bar.y + bar.height - 100) < 1e-9);
  assert.ok(found[0].x + found[0].width <= found[1].x + 1e-9);
  assert.equal(bars([[50]], { width: 10, height: 100, top: 20 })[0].height, 100);
});

test('a line has gaps where nothing is known', () => {
  assert.deepEqual(lines([0, 10, null, 5], { width: 40, height: 10, top: 10 }), ['M5.0 10.0L15.0 0.0', 'M35.0 5.0']);
  assert.deepEqual(lines([null, null], { width: 40, height: 10, top: 10 }), []);
});

test('heat is of the greatest, and the week has its working days', () => {
  assert.deepEqual(heat([[0, 5], [null, 10]]), [[0, 0.5], [null, 1]]);
  assert.deepEqual(heat([[0]]), [[0]]);
  const { days, hours, cells } = grid([{ day: 1, hour: 9, value: 3 }, { day: 6, hour: 11, value: 4 }]);
  assert.deepEqual([days, hours], [[1, 2, 3, 4, 5, 6], [9, 10, 11]]);
  assert.deepEqual([cells[0], cells[5]], [[3, null, null], [null, null, 4]]);
  assert.deepEqual(grid([]).days, [1, 2, 3, 4, 5]);
  assert.equal(everyNth(30, 300, 30), 3);
});

test('days are dates without zones', () => {
  assert.equal(dateOf(Date.UTC(2026, 10, 21, 23, 30), 'Europe/Madrid'), '2026-11-22');
  assert.equal(addDays('2026-03-01', -1), '2026-02-28');
  assert.deepEqual(daysBetween('2026-12-30', '2027-01-02'), ['2026-12-30', '2026-12-31', '2027-01-01', '2027-01-02']);
  assert.deepEqual(['2026-11-16', '2026-11-22'].map(weekdayOf), [1, 7]);
  assert.deepEqual(rangeOf('yesterday', '2026-03-01'), { from: '2026-02-28', to: '2026-02-28' });
  assert.deepEqual(rangeOf('week', '2026-11-22'), { from: '2026-11-16', to: '2026-11-22' });
  assert.equal(weekdayText(1, 'es'), 'lunes');
  assert.match(dayText('2026-11-22', 'en', { weekday: 'long' }), /Sunday/);
});

const board = {
  esperando: 3, servicios: [{ id: 'caja', esperando: 2 }, { id: 'info', esperando: 1 }], retenidos: [{}],
  tickets: [{ id: '2', servicio: 'info', emitido: 50_000 }, { id: '1', servicio: 'caja', emitido: 10_000 }, { id: '3', servicio: 'caja', emitido: 1000, cita: 90_000 }],
  escritorios: [{ id: 1, estado: 'abierto', ticket: {}, servicios: ['caja'] }, { id: 2, estado: 'abierto', ticket: null, servicios: ['caja', 'info'] }, { id: 3, estado: 'pausado', ticket: null, servicios: ['info'] }, { id: 4, estado: 'cerrado', ticket: null, servicios: ['info'] }],
};

test('how the office stands: who waits longest, which desks are open, for what', () => {
  const found = standing(board, 100_000);
  assert.deepEqual([found.waiting, found.longest, found.first.id, found.held], [3, 90_000, '1', 1]);
  assert.deepEqual([found.open, found.paused, found.desks, found.serving, found.free], [2, 1, 4, 1, 1]);
  assert.deepEqual(found.services.map(({ waiting, longest, desks }) => [waiting, longest, desks]), [[2, 90_000, 2], [1, 50_000, 1]]);
  assert.deepEqual(found.oldest.map(({ id }) => id), ['1', '2', '3']);
  assert.equal(standing({ ...board, tickets: [] }, 0).longest, null);
  assert.deepEqual([null, 500, 800, 1200].map((wait) => pressing(wait, 1000)), ['calm', 'calm', 'soon', 'late']);
});

test('an hour of the week is told by its name', () => {
  assert.deepEqual(weekHour('1-09'), { day: 1, hour: 9 });
  assert.deepEqual(weekHour('7-23'), { day: 7, hour: 23 });
});

test('a mean is told to the tenth of a minute where it is short', () => {
  assert.equal(mean(25_000, 'es'), '0,4 min');
  assert.equal(mean(240_000, 'en'), '4 min');
  assert.equal(mean(640_000, 'es'), '11 min');
  assert.equal(mean(3_900_000, 'en'), '1 h 05 min');
});

/** Says the key and what it is filled with. */
const NAMES_TOLD = {
  t: (/** @type {string} */ key, /** @type {any} */ params) => (params ? `${key} ${Object.values(params).join(' ')}` : key),
  has: (/** @type {string} */ key) => ['setting.services', 'setting.name', 'devices.kind.kiosco', 'hook.event.llamado'].includes(key),
  user: (/** @type {string} */ id) => (id === 'a'.repeat(32) ? 'Ana' : ''), desk: (/** @type {unknown} */ id) => `Puesto ${id}`, service: (/** @type {unknown} */ id) => `Servicio ${id}`, branch: (/** @type {string} */ id) => `Sucursal ${id}`,
};
const entry = (/** @type {object} */ more) => /** @type {any} */ ({ id: '1', fecha: 0, sucursal: 1, quien: { tipo: 'usuario', id: 'b'.repeat(32), nombre: 'Eva' }, direccion: null, asunto: null, detalle: null, ...more });

test('the audit log names things by what people call them, never by an id', () => {
  const subject = (/** @type {object} */ more) => subjectOf(entry(more), NAMES_TOLD);
  assert.equal(subject({ accion: 'user_changed', asunto: 'a'.repeat(32) }), 'Ana');
  assert.equal(subject({ accion: 'device_paired', asunto: 'c'.repeat(32), detalle: { nombre: 'Entrada', tipo: 'kiosco' } }), 'Entrada');
  assert.equal(subject({ accion: 'webhook_created', asunto: 'c'.repeat(32), detalle: { url: 'https://a.example' } }), 'https://a.example');
  assert.equal(subject({ accion: 'sign_in', asunto: 'c'.repeat(32) }), '');
  assert.equal(subject({ accion: 'ticket_cancelled', asunto: 'A-001' }), 'A-001');
  assert.equal(subject({ accion: 'desk_taken_over', asunto: '3' }), 'Puesto 3');
  assert.equal(subject({ accion: 'sign_in_failed', asunto: 'jefa' }), 'jefa');
});

test('the audit log tells details in words', () => {
  const facts = (/** @type {string} */ accion, /** @type {object} */ detalle) => factsOf(entry({ accion, detalle }), NAMES_TOLD);
  assert.deepEqual(facts('ticket_out_of_order', { escritorio: 1, siguiente: 'B-006' }), [['told.desk', 'Puesto 1'], ['told.next', 'B-006']]);
  assert.deepEqual(facts('ticket_transferred', { servicio: 3, posicion: { despues: 2 } }), [['told.service', 'Servicio 3'], ['told.place', 'told.place.after 2']]);
  assert.deepEqual(facts('settings_changed', { parte: '', cambios: [{ lugar: 'services[1].prefix', antes: 'A', ahora: 'Z' }, { lugar: 'name', ahora: true }, { lugar: 'services[2]' }], mas: 4 }), [
    ['setting.services 2 · prefix', 'A → Z'], ['setting.name', 'told.yes'], ['setting.services 3', 'difference.changed.whole'], ['', 'told.more 4']]);
  assert.deepEqual(facts('user_created', { nombre: 'Ana', acceso: 'ana', activo: true, rol: 'supervisor', sucursales: { 2: 'supervisor' }, clave: true }), [['login.name', 'ana'], ['users.role', 'Sucursal 2: role.supervisor'], ['', 'told.password']]);
  assert.deepEqual(facts('webhook_created', { url: 'https://a.example', eventos: ['llamado', 'otro'], todos: true, activo: false }), [['hooks.events', 'hook.event.llamado, otro'], ['', 'hooks.personal'], ['', 'hooks.off']]);
  assert.deepEqual(facts('ticker_changed', { mensaje: null }), [['', 'wall.gone']]);
  assert.deepEqual(facts('something_new', { cosa: { a: 1 } }), [['cosa', '{"a":1}']]);
});

test('closing the day ends what nobody serves, wherever it waits', () => {
  const board = /** @type {any} */ ({ tickets: [1, 2], aplazados: [3], retenidos: [4], reservados: null, escritorios: [{ ticket: { estado: 'llamado' } }, { ticket: { estado: 'atendiendo' } }, { ticket: null }] });
  assert.deepEqual(closingNow(board), { expire: 5, served: 1 });
});
