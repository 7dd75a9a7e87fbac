import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyChanges, deskOf, fromSnapshot, serves, serviceOf } from '../../public/lib/board.js';

const ticket = (codigo, more = {}) => ({
  id: `id-${codigo}`, codigo, numero: Number(codigo.slice(2)), servicio: codigo.startsWith('A') ? 'caja' : 'padron', estado: 'esperando',
  prioridad: null, emitido: 1000, idioma: 'es', nombre: null, escritorio: null, veces: 0, llamado: null, iniciado: null, terminado: null, ...more,
});

const snapshot = (more = {}) => ({
  tipo: 'instantanea', epoch: 'e1', rev: 10, hora: 5000, jornada: '2026-11-21',
  sucursal: { id: 1, nombre: 'Centro', zona: 'Europe/Madrid', idiomas: ['es', 'en'] },
  servicios: [{ id: 'caja', prefijo: 'A', nombre: { es: 'Caja' }, esperando: 1 }, { id: 'padron', prefijo: 'B', nombre: { es: 'Padrón' }, esperando: 0 }],
  clases: [], escritorios: [{ id: 1, nombre: { es: 'Uno' }, servicios: [], ticket: null }, { id: 2, nombre: { es: 'Dos' }, servicios: ['caja'], ticket: null }],
  llamadas: [], esperando: 1, ...more,
});

const change = (tipo, codigo, more = {}) => ({
  rev: 11, hora: 6000, tipo, codigo, numero: Number(codigo.slice(2)), servicio: codigo.startsWith('A') ? 'caja' : 'padron', estado: 'esperando',
  escritorio: null, esperando: 1, esperandoTotal: 1, ...more,
});

const message = (cambios, more = {}) => ({ tipo: 'cambios', epoch: 'e1', desde: 10, rev: 10 + cambios.length, hora: 6000, cambios, ...more });

/** Applies one change to a board and expects it to be taken. */
function after(board, one) {
  const { board: next, outcome } = applyChanges(board, message([one], { desde: board.rev, rev: board.rev + 1 }));
  assert.equal(outcome, 'applied');
  return next;
}

describe('where a message stands', () => {
  const board = fromSnapshot(snapshot());
  const cases = [
    ['the next one is applied', {}, 'applied', 11],
    ['a duplicate is dropped', { desde: 9, rev: 10 }, 'old', 10],
    ['an older one is dropped', { desde: 3, rev: 5 }, 'old', 10],
    ['one from further on is a gap', { desde: 12, rev: 13 }, 'gap', 10],
    ['one that overlaps is a gap', { desde: 8, rev: 11 }, 'gap', 10],
    ['another epoch asks for a snapshot', { epoch: 'e2' }, 'reset', 10],
    ['another epoch is never old', { epoch: 'e2', desde: 0, rev: 1 }, 'reset', 10],
  ];
  for (const [name, more, outcome, rev] of cases) {
    test(name, () => {
      const result = applyChanges(board, message([change('emitido', 'A-002', { esperando: 2, esperandoTotal: 2 })], more));
      assert.equal(result.outcome, outcome);
      assert.equal(result.board.rev, rev);
      if (outcome !== 'applied') assert.equal(result.board, board, 'a board that does not move is the same object');
    });
  }

  test('an empty answer to the same rev is old', () => {
    assert.equal(applyChanges(board, message([], { desde: 10, rev: 10 })).outcome, 'old');
  });
});

test('nothing is changed in place', () => {
  const before = fromSnapshot(snapshot({ tickets: [ticket('A-001')] }));
  const copy = structuredClone(before);
  after(before, change('llamado', 'A-001', { estado: 'llamado', escritorio: 2, llamada: 1, veces: 1, idioma: 'es', esperando: 0, esperandoTotal: 0 }));
  assert.deepEqual(before, copy);
});

describe('each kind of change', () => {
  const waiting = () => fromSnapshot(snapshot({ tickets: [ticket('A-001')] }));
  const called = () => after(waiting(), change('llamado', 'A-001', {
    estado: 'llamado', escritorio: 2, llamada: 7, veces: 1, idioma: 'es', esperando: 0, esperandoTotal: 0, ticket: ticket('A-001', { estado: 'llamado', escritorio: 2 }),
  }));

  test('emitido counts and queues', () => {
    const board = after(waiting(), change('emitido', 'B-001', { esperando: 1, esperandoTotal: 2, ticket: ticket('B-001', { emitido: 2000 }) }));
    assert.equal(board.esperando, 2);
    assert.equal(serviceOf(board, 'padron').esperando, 1);
    assert.equal(serviceOf(board, 'caja').esperando, 1);
    assert.deepEqual(board.tickets.map((t) => t.codigo), ['A-001', 'B-001']);
  });

  test('llamado takes from the queue to the desk and into the calls', () => {
    const board = called();
    assert.deepEqual(board.tickets, []);
    assert.equal(deskOf(board, 2).ticket.codigo, 'A-001');
    assert.equal(deskOf(board, 2).ticket.id, 'id-A-001');
    assert.equal(board.esperando, 0);
    assert.deepEqual(board.llamadas.map((c) => [c.llamada, c.codigo, c.escritorio]), [[7, 'A-001', 2]]);
  });

  test('rellamado replaces the call: a ticket once, newest first', () => {
    let board = after(called(), change('llamado', 'B-001', { estado: 'llamado', escritorio: 1, llamada: 8, veces: 1 }));
    board = after(board, change('rellamado', 'A-001', { estado: 'llamado', escritorio: 2, llamada: 9, veces: 2 }));
    assert.deepEqual(board.llamadas.map((c) => [c.llamada, c.codigo, c.veces]), [[9, 'A-001', 2], [8, 'B-001', 1]]);
  });

  test('iniciado changes the state at the desk', () => {
    const board = after(called(), change('iniciado', 'A-001', { estado: 'atendiendo', escritorio: 2, esperando: 0, esperandoTotal: 0 }));
    assert.equal(deskOf(board, 2).ticket.estado, 'atendiendo');
  });

  for (const [tipo, estado] of [['finalizado', 'finalizado'], ['ausente', 'ausente'], ['vencido', 'vencido']]) {
    test(`${tipo} frees the desk and keeps the call`, () => {
      const board = after(called(), change(tipo, 'A-001', { estado, escritorio: 2, esperando: 0, esperandoTotal: 0 }));
      assert.equal(deskOf(board, 2).ticket, null);
      assert.equal(board.llamadas.length, 1);
    });
  }

  test('vencido takes a waiting ticket away', () => {
    const board = after(waiting(), change('vencido', 'A-001', { estado: 'vencido', esperando: 0, esperandoTotal: 0 }));
    assert.deepEqual(board.tickets, []);
    assert.equal(board.esperando, 0);
  });

  test('devuelto frees the desk and queues by arrival', () => {
    const later = after(called(), change('emitido', 'A-002', { ticket: ticket('A-002', { emitido: 3000 }) }));
    const board = after(later, change('devuelto', 'A-001', { esperando: 2, esperandoTotal: 2, ticket: ticket('A-001') }));
    assert.equal(deskOf(board, 2).ticket, null);
    assert.deepEqual(board.tickets.map((t) => t.codigo), ['A-001', 'A-002']);
    assert.equal(board.esperando, 2);
  });

  test('jornada starts afresh and keeps services, desks and the public or staff view', () => {
    const board = after(called(), { rev: 12, hora: 7000, tipo: 'jornada', jornada: '2026-11-22' });
    assert.equal(board.jornada, '2026-11-22');
    assert.deepEqual([board.esperando, board.llamadas, board.tickets], [0, [], []]);
    assert.ok(board.servicios.every((service) => service.esperando === 0));
    assert.ok(board.escritorios.every((desk) => desk.ticket === null));
    assert.equal(after(fromSnapshot(snapshot()), { rev: 11, hora: 7000, tipo: 'jornada', jornada: '2026-11-22' }).tickets, null);
  });

  test('configurado asks for a snapshot', () => {
    const { outcome, board } = applyChanges(waiting(), message([{ rev: 11, hora: 6000, tipo: 'configurado' }]));
    assert.equal(outcome, 'reset');
    assert.equal(board.rev, 11);
  });

  test('an unknown kind moves the counts and nothing else', () => {
    const board = after(waiting(), change('retenido', 'A-001', { esperando: 4, esperandoTotal: 9 }));
    assert.equal(board.esperando, 9);
    assert.equal(board.tickets.length, 1);
  });
});

test('several changes of one commit are applied in order', () => {
  const { board } = applyChanges(fromSnapshot(snapshot()), message([
    change('llamado', 'A-001', { estado: 'llamado', escritorio: 1, llamada: 1, veces: 1, esperando: 0, esperandoTotal: 0 }),
    change('finalizado', 'A-001', { rev: 12, estado: 'finalizado', escritorio: 1, esperando: 0, esperandoTotal: 0 }),
    change('llamado', 'A-002', { rev: 13, estado: 'llamado', escritorio: 1, llamada: 2, veces: 1, esperando: 0, esperandoTotal: 0 }),
  ]));
  assert.equal(board.rev, 13);
  assert.equal(deskOf(board, 1).ticket.codigo, 'A-002');
});

test('a public board never grows a queue', () => {
  assert.equal(after(fromSnapshot(snapshot()), change('emitido', 'A-002')).tickets, null);
});

test('at most ten calls are kept', () => {
  let board = fromSnapshot(snapshot());
  for (let n = 1; n <= 14; n += 1) board = after(board, change('llamado', `A-${String(n).padStart(3, '0')}`, { escritorio: 1, llamada: n, veces: 1 }));
  assert.deepEqual(board.llamadas.map((c) => c.llamada), [14, 13, 12, 11, 10, 9, 8, 7, 6, 5]);
});

test('a desk without a list serves everything', () => {
  assert.equal(serves({ servicios: [] }, 'caja'), true);
  assert.equal(serves({ servicios: ['padron'] }, 'caja'), false);
});
