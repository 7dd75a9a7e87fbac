import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyChanges, applyWaits, deskOf, fromSnapshot, serves, serviceOf } from '../../public/lib/board.js';

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

  const staff = (codigo, estado, more = {}) => ({ estado, esperando: 0, esperandoTotal: 0, ticket: ticket(codigo, { estado, ...more }) });
  /** Where each ticket is. */
  const where = (board) => Object.fromEntries([
    ...['tickets', 'aplazados', 'retenidos', 'perdidos', 'reservados'].flatMap((name) => board[name].map((one) => [one.codigo, name])),
    ...board.escritorios.flatMap((desk) => (desk.ticket ? [[desk.ticket.codigo, desk.id]] : [])),
  ]);
  const serving = () => after(called(), change('iniciado', 'A-001', { escritorio: 2, ...staff('A-001', 'atendiendo', { escritorio: 2 }) }));
  const held = () => after(serving(), change('retenido', 'A-001', { escritorio: 2, ...staff('A-001', 'retenido', { escritorio: 2, retenido: 5000 }) }));

  test('emitido for later today is booked, and waits once it is registrado', () => {
    const booked = after(fromSnapshot(snapshot({ tickets: [] })), change('emitido', 'A-001', staff('A-001', 'reservado', { cita: 9000 })));
    assert.deepEqual(where(booked), { 'A-001': 'reservados' });
    const come = after(booked, change('registrado', 'A-001', { ...staff('A-001', 'esperando'), esperando: 1, esperandoTotal: 1 }));
    assert.deepEqual(where(come), { 'A-001': 'tickets' });
    assert.equal(come.esperando, 1);
  });

  test('retenido frees the desk and keeps the ticket at hand; retomado brings it back', () => {
    assert.deepEqual(where(held()), { 'A-001': 'retenidos' });
    assert.equal(deskOf(held(), 2).ticket, null);
    const back = after(held(), change('retomado', 'A-001', { escritorio: 1, ...staff('A-001', 'atendiendo', { escritorio: 1 }) }));
    assert.deepEqual(where(back), { 'A-001': 1 });
  });

  test('aplazado is away until it is vuelto, and is no longer counted', () => {
    const away = after(waiting(), change('aplazado', 'A-001', staff('A-001', 'aplazado', { aplazado: 9000 })));
    assert.deepEqual(where(away), { 'A-001': 'aplazados' });
    assert.deepEqual([away.esperando, away.aplazados[0].aplazado], [0, 9000]);
    const back = after(away, change('vuelto', 'A-001', { ...staff('A-001', 'esperando'), esperando: 1, esperandoTotal: 1 }));
    assert.deepEqual([where(back), back.esperando], [{ 'A-001': 'tickets' }, 1]);
    const called = after(away, change('llamado', 'A-001', { escritorio: 2, llamada: 8, ...staff('A-001', 'llamado', { escritorio: 2 }) }));
    assert.deepEqual(where(called), { 'A-001': 2 });
  });

  test('liberado lets a held one wait again', () => {
    assert.deepEqual(where(after(held(), change('liberado', 'A-001', staff('A-001', 'esperando')))), { 'A-001': 'tickets' });
  });

  test('derivado counts in both services, from the desk and from the queue', () => {
    const moved = { servicio: 'padron', antes: 'caja', esperandoAntes: 0, ...staff('A-001', 'esperando', { servicio: 'padron', para: 1 }), esperando: 3, esperandoTotal: 3 };
    for (const board of [serving(), waiting()]) {
      const next = after(board, change('derivado', 'A-001', moved));
      assert.deepEqual(where(next), { 'A-001': 'tickets' });
      assert.deepEqual(next.servicios.map((service) => service.esperando), [0, 3]);
      assert.equal(next.tickets[0].para, 1);
    }
  });

  for (const [tipo, estado] of [['ausente', 'ausente'], ['cancelado', 'cancelado'], ['vencido', 'vencido']]) {
    test(`${tipo} can be brought back while there is time, newest first`, () => {
      const from = after(called(), change('emitido', 'B-001', { ticket: ticket('B-001') }));
      const one = after(from, change(tipo, 'B-001', staff('B-001', estado, { hasta: 9000 })));
      const two = after(one, change(tipo, 'A-001', { escritorio: 2, ...staff('A-001', estado, { hasta: 9000 }) }));
      assert.deepEqual(two.perdidos.map((lost) => lost.codigo), ['A-001', 'B-001']);
      assert.deepEqual(where(two), { 'A-001': 'perdidos', 'B-001': 'perdidos' });
      assert.deepEqual(where(after(from, change(tipo, 'B-001', staff('B-001', estado, { hasta: null })))), { 'A-001': 2 }, 'where there is none it is gone');
      const back = after(two, change('reactivado', 'A-001', staff('A-001', 'esperando')));
      assert.deepEqual(where(back), { 'A-001': 'tickets', 'B-001': 'perdidos' });
    });
  }

  test('cancelado of a held one', () => {
    assert.deepEqual(where(after(held(), change('cancelado', 'A-001', staff('A-001', 'cancelado', { hasta: 9000 })))), { 'A-001': 'perdidos' });
  });

  test('anotado changes the ticket where it is', () => {
    assert.equal(after(waiting(), change('anotado', 'A-001', staff('A-001', 'esperando', { nota: 'silla' }))).tickets[0].nota, 'silla');
    assert.equal(after(held(), change('anotado', 'A-001', staff('A-001', 'retenido', { nota: 'silla' }))).retenidos[0].nota, 'silla');
    const board = after(serving(), change('anotado', 'A-001', { escritorio: 2, ...staff('A-001', 'atendiendo', { escritorio: 2, nota: 'silla' }) }));
    assert.equal(deskOf(board, 2).ticket.nota, 'silla');
    assert.equal(board.llamadas.length, 1);
  });

  test('deshecho puts back the ticket and the calls on show', () => {
    const board = after(called(), change('deshecho', 'A-001', { ...staff('A-001', 'esperando'), esperando: 1, esperandoTotal: 1, llamadas: [] }));
    assert.deepEqual(where(board), { 'A-001': 'tickets' });
    assert.deepEqual(board.llamadas, []);
    const finished = after(serving(), change('finalizado', 'A-001', { escritorio: 2, ...staff('A-001', 'finalizado') }));
    assert.deepEqual(where(finished), {});
    const undone = after(finished, change('deshecho', 'A-001', { escritorio: 2, ...staff('A-001', 'atendiendo', { escritorio: 2 }), llamadas: finished.llamadas }));
    assert.deepEqual(where(undone), { 'A-001': 2 });
    assert.equal(undone.llamadas.length, 1);
  });

  test('deshecho of a transfer counts in both services', () => {
    const moved = after(waiting(), change('derivado', 'A-001', { servicio: 'padron', antes: 'caja', esperandoAntes: 0, ...staff('A-001', 'esperando', { servicio: 'padron' }), esperando: 1, esperandoTotal: 1 }));
    const back = after(moved, change('deshecho', 'A-001', { antes: 'padron', esperandoAntes: 0, ...staff('A-001', 'esperando'), esperando: 1, esperandoTotal: 1, llamadas: [] }));
    assert.deepEqual(back.servicios.map((service) => service.esperando), [1, 0]);
  });

  test('puesto tells the staff who sits there, and the public whether anybody does', () => {
    const one = { rev: 11, hora: 6000, tipo: 'puesto', escritorio: 2, estado: 'pausado', agente: 'u1', motivo: 'comida', desde: 6000, ocupado: true, deshacer: null };
    const board = after(waiting(), one);
    const { estado, agente, motivo, desde, ocupado } = deskOf(board, 2);
    assert.deepEqual([estado, agente, motivo, desde, ocupado], ['pausado', 'u1', 'comida', 6000, true]);
    assert.equal(deskOf(board, 1).estado, undefined);
    const open = after(fromSnapshot(snapshot()), { rev: 11, hora: 6000, tipo: 'puesto', escritorio: 2, estado: 'abierto' });
    assert.deepEqual(deskOf(open, 2), { ...deskOf(fromSnapshot(snapshot()), 2), estado: 'abierto' });
  });

  test('a closed desk keeps its ticket', () => {
    const board = after(serving(), { rev: 13, hora: 6000, tipo: 'puesto', escritorio: 2, estado: 'cerrado', agente: null, motivo: null, desde: 6000, ocupado: false, deshacer: null });
    assert.equal(deskOf(board, 2).ticket.codigo, 'A-001');
  });

  test('who acted can undo it until then; what somebody else does to the ticket ends that', () => {
    const board = after(called(), change('iniciado', 'A-001', { escritorio: 2, ...staff('A-001', 'atendiendo', { escritorio: 2 }), por: 2, deshacer: 16_000 }));
    assert.equal(deskOf(board, 2).deshacer, 16_000);
    assert.equal(deskOf(board, 1).deshacer, undefined);
    const noted = after(board, change('anotado', 'A-001', { escritorio: 2, ...staff('A-001', 'atendiendo', { escritorio: 2 }), por: null, deshacer: null }));
    assert.equal(deskOf(noted, 2).deshacer, null);
    assert.equal(deskOf(after(board, change('emitido', 'A-002', { ticket: ticket('A-002'), por: null, deshacer: null })), 2).deshacer, 16_000);
  });

  test('ausente is shown to the public, newest first, until something happens to the ticket', () => {
    let board = after(fromSnapshot(snapshot()), change('ausente', 'A-001', { estado: 'ausente' }));
    board = after(board, change('ausente', 'B-001', { estado: 'ausente' }));
    assert.deepEqual(board.ausentes, [{ codigo: 'B-001', numero: 1, servicio: 'padron', hora: 6000 }, { codigo: 'A-001', numero: 1, servicio: 'caja', hora: 6000 }]);
    assert.deepEqual(after(board, change('ausente', 'A-002', { estado: 'ausente', hora: 7000 })).ausentes.map((one) => one.codigo), ['A-002', 'B-001', 'A-001']);
    assert.equal(after(board, change('anotado', 'B-001', { estado: 'ausente' })).ausentes.length, 2);
    assert.deepEqual(after(board, change('reactivado', 'B-001')).ausentes.map((one) => one.codigo), ['A-001']);
    for (let n = 2; n <= 14; n += 1) board = after(board, change('ausente', `A-${n}`, { estado: 'ausente' }));
    assert.equal(board.ausentes.length, 10);
  });

  test('jornada closed by hand and opened again keeps its tickets', () => {
    const shut = after(held(), { rev: 14, hora: 7000, tipo: 'jornada', jornada: '2026-11-21', cerrada: true });
    assert.equal(shut.cerrada, true);
    assert.deepEqual(where(shut), { 'A-001': 'retenidos' });
    const open = after(shut, { rev: 15, hora: 7000, tipo: 'jornada', jornada: '2026-11-21', cerrada: false });
    assert.equal(open.cerrada, false);
    assert.deepEqual(where(open), { 'A-001': 'retenidos' });
    assert.deepEqual(where(after(open, { rev: 16, hora: 7000, tipo: 'jornada', jornada: '2026-11-22', cerrada: false })), {});
  });

  test('configurado asks for a snapshot', () => {
    const { outcome, board } = applyChanges(waiting(), message([{ rev: 11, hora: 6000, tipo: 'configurado' }]));
    assert.equal(outcome, 'reset');
    assert.equal(board.rev, 11);
  });

  test('an unknown kind moves the counts and nothing else', () => {
    const board = after(waiting(), change('traspasado', 'A-001', { estado: 'traspasado', esperando: 4, esperandoTotal: 9 }));
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

test('waits are told of services, apart from the numbered changes', () => {
  const board = fromSnapshot(snapshot());
  const next = applyWaits(board, [{ servicio: 'padron', espera: { desde: 5, hasta: 10 }, abierto: true, abre: null, cierra: 9000, quedan: 3 }, { servicio: 'none', espera: null }]);
  assert.equal(next.rev, board.rev);
  assert.deepEqual(serviceOf(next, 'padron').espera, { desde: 5, hasta: 10 });
  assert.equal(serviceOf(next, 'padron').quedan, 3);
  assert.equal(serviceOf(next, 'padron').esperando, 0);
  assert.equal('servicio' in serviceOf(next, 'padron'), false);
  assert.deepEqual(serviceOf(next, 'caja'), serviceOf(board, 'caja'));
});

test('a public board has none of the lists of the staff', () => {
  let board = fromSnapshot(snapshot());
  for (const [tipo, estado] of [['emitido', 'esperando'], ['retenido', 'retenido'], ['ausente', 'ausente'], ['emitido', 'reservado']]) board = after(board, change(tipo, 'A-001', { estado }));
  assert.deepEqual([board.tickets, board.retenidos, board.perdidos, board.reservados], [null, null, null, null]);
});
