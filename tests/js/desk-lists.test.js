import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { glance, openingOf } from '../../public/desk/glance.js';
import { fold, LISTS, locate, rowActions, ticketsOf, waitsOf, whyNot } from '../../public/desk/lists.js';

const ticket = (codigo, more = {}) => ({ id: `id-${codigo}`, codigo, servicio: codigo.startsWith('A') ? 'caja' : 'padron', emitido: 1000, nombre: null, ...more });
const services = [{ id: 'caja', prefijo: 'A', nombre: { es: 'Caja', en: 'Cashier' }, esperando: 2 }, { id: 'padron', prefijo: 'B', nombre: { es: 'Padrón', en: 'Register' }, esperando: 1 }];
const board = (more = {}) => ({
  servicios: services, sucursal: {}, escritorios: [], retenidos: [], perdidos: [], reservados: [],
  tickets: [ticket('A-001', { emitido: 3, nombre: 'José Núñez' }), ticket('B-001', { emitido: 1 }), ticket('A-002', { emitido: 2, nombre: 'Ana' })], ...more,
});
const desk = { id: 1, servicios: ['caja'], ticket: null };
const codes = (one, list, { text = '', service = 'all', now = 0 } = {}) => ticketsOf(one, desk, list, { text, service }, now).map((found) => found.codigo);

describe('what is shown of a list', () => {
  test('waiting ones in order of arrival', () => assert.deepEqual(codes(board(), 'tickets'), ['B-001', 'A-002', 'A-001']));
  test('those of the own services, of one service', () => {
    assert.deepEqual(codes(board(), 'tickets', { service: 'mine' }), ['A-002', 'A-001']);
    assert.deepEqual(codes(board(), 'tickets', { service: 'padron' }), ['B-001']);
  });
  for (const [text, found] of [['a-002', ['A-002']], ['a002', ['A-002']], ['nunez', ['A-001']], ['JOSÉ a', ['A-001']], ['register', ['B-001']], ['padron', ['B-001']], ['caja ana', ['A-002']], ['nobody', []], ['  ', ['B-001', 'A-002', 'A-001']]]) {
    test(`searched for "${text}"`, () => assert.deepEqual(codes(board(), 'tickets', { text }), found));
  }
  test('held ones, the longest first', () => {
    assert.deepEqual(codes(board({ retenidos: [ticket('A-003', { retenido: 9 }), ticket('A-004', { retenido: 4 })] }), 'retenidos'), ['A-004', 'A-003']);
  });
  test('missed ones, newest first, while they can be brought back', () => {
    const perdidos = [ticket('A-003', { terminado: 1, hasta: 100 }), ticket('A-004', { terminado: 5, hasta: 50 }), ticket('A-005', { terminado: 3, hasta: 100 })];
    assert.deepEqual(codes(board({ perdidos }), 'perdidos', { now: 10 }), ['A-004', 'A-005', 'A-003']);
    assert.deepEqual(codes(board({ perdidos }), 'perdidos', { now: 50 }), ['A-005', 'A-003']);
  });
  test('booked ones by their time', () => {
    assert.deepEqual(codes(board({ reservados: [ticket('A-003', { cita: 9 }), ticket('A-004', { cita: 4 })] }), 'reservados'), ['A-004', 'A-003']);
  });
  test('a public screen has none', () => assert.deepEqual(codes(board({ tickets: null }), 'tickets'), []));
});

describe('whose wait is told above the waiting ones', () => {
  const three = [...services.map((service) => ({ ...service, espera: { desde: 5, hasta: 10 } })), { id: 'pagos', prefijo: 'C', nombre: {}, esperando: 0 }];
  const told = (servicios, service = 'all') => waitsOf(board({ servicios }), desk, service).map(({ id }) => id);
  test('the services that somebody waits for', () => assert.deepEqual(told(three), ['caja', 'padron']));
  test('those that the agent looks at', () => {
    assert.deepEqual(told(three, 'mine'), ['caja']);
    assert.deepEqual(told(three, 'padron'), ['padron']);
    assert.deepEqual(told(three, 'pagos'), []);
  });
  test('but not where nothing can be said', () => assert.deepEqual(told(services.map((service) => ({ ...service, espera: null }))), []));
  test('and those that give no numbers now', () => {
    assert.deepEqual(told([...services, { ...three[2], abierto: false }]), ['pagos']);
    assert.deepEqual(told([...services, { ...three[2], quedan: 0 }]), ['pagos']);
  });
  test('none once all is closed', () => assert.deepEqual(told([{ ...three[2], abierto: false }]), []));
});

test('accents and capitals do not matter', () => assert.equal(fold(' Núñez ÀÉ '), 'nunez ae'));

test('a ticket is found in its list, and nowhere once it is gone', () => {
  const away = board({ tickets: [ticket('A-001')], aplazados: [ticket('A-000', { aplazado: 5 })] });
  assert.equal(locate(away, 'id-A-000').list, 'aplazados');
  const one = board({ retenidos: [ticket('A-009')] });
  assert.equal(locate(one, 'id-A-009').list, 'retenidos');
  assert.equal(locate(one, 'id-A-001').list, 'tickets');
  assert.equal(locate(one, 'id-A-100'), undefined);
});

test('every list has its own first action, and a reason where it cannot be done', () => {
  assert.deepEqual(LISTS.map((list) => rowActions(list)[0]), ['call', 'resume', 'reactivate', 'checkIn']);
  const busy = { ...desk, ticket: { codigo: 'A-100' } };
  assert.equal(whyNot('call', busy, ticket('A-001'), 'mine'), 'desk.why.busy');
  assert.equal(whyNot('resume', busy, ticket('A-001'), 'mine'), 'desk.why.busy');
  assert.equal(whyNot('call', desk, ticket('B-001'), 'mine'), 'desk.why.service');
  assert.equal(whyNot('transfer', desk, ticket('A-001'), 'free'), 'desk.why.closed');
  assert.equal(whyNot('release', desk, ticket('A-001'), 'taken'), 'desk.why.taken');
  for (const name of ['reactivate', 'checkIn', 'note', 'cancel']) assert.equal(whyNot(name, busy, ticket('A-001'), 'taken'), null);
});

describe('the office at a glance', () => {
  test('open desks and the longest wait', () => {
    const { open, desks, longest } = glance(board({ escritorios: [{ estado: 'abierto' }, { estado: 'pausado' }, { estado: 'cerrado' }, { estado: 'abierto' }] }));
    assert.deepEqual([open, desks, longest.codigo], [2, 4, 'B-001']);
    assert.equal(glance(board({ tickets: [] })).longest, null);
  });
  test('closed when no service gives numbers, until the first one opens', () => {
    const shut = (...abre) => board({ servicios: services.map((service, i) => ({ ...service, abierto: false, abre: abre[i] ?? null })) });
    assert.deepEqual(openingOf(board()), { kind: 'open' });
    assert.deepEqual(openingOf(shut(900, 700)), { kind: 'closed', opens: 700 });
    assert.deepEqual(openingOf(shut()), { kind: 'closed', opens: null });
    assert.deepEqual(openingOf(board({ servicios: [{ ...services[0], abierto: false }, { ...services[1], abierto: true }] })), { kind: 'open' });
    assert.deepEqual(openingOf(board({ cerrada: true })), { kind: 'shut' });
  });
});
