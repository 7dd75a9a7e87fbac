// The board: what a screen knows of the office. A pure reducer over the snapshot and the numbered changes of docs/events.md.
// It never guesses: a message that does not follow from what it knows is a gap, and the caller asks again.

/** @typedef {import('./types.js').Snapshot} Snapshot */
/** @typedef {import('./types.js').Changes} Changes */
/** @typedef {import('./types.js').Change} Change */
/** @typedef {import('./types.js').Ticket} Ticket */

/** @typedef {import('./types.js').Waits} Waits */

/** The staff's lists; all are null on a public screen. @typedef {'tickets'|'aplazados'|'retenidos'|'perdidos'|'reservados'} ListName */
/** @typedef {Omit<Snapshot, 'tipo'|ListName> & Record<ListName, Ticket[]|null> & {ausentes: import('./types.js').Missed[]}} Board */

/**
 * - `applied`: the board moved on
 * - `old`: nothing new in it
 * - `gap`: something is missing between the board and the message; ask for the changes after the board's own `rev`
 * - `reset`: of another epoch, or the branch was set up anew; ask for a snapshot
 * @typedef {'applied'|'old'|'gap'|'reset'} Outcome
 */

/** How many calls a board keeps; the snapshot has as many. */
const CALLS_KEPT = 10;
/** And how many of those who did not come. */
const MISSED_KEPT = 10;

/** The changes that leave a ticket in another state or place: which, its `estado` says. */
const ABOUT_TICKETS = new Set([
  'emitido', 'registrado', 'aplazado', 'vuelto', 'llamado', 'rellamado', 'iniciado', 'finalizado', 'ausente', 'devuelto', 'retenido', 'retomado', 'liberado', 'derivado', 'cancelado', 'reactivado',
  'anotado', 'deshecho', 'vencido',
]);

/** Where the staff find a ticket that no desk has. */
const LIST_OF = /** @type {Record<string, ListName>} */ ({
  reservado: 'reservados', esperando: 'tickets', aplazado: 'aplazados', retenido: 'retenidos', ausente: 'perdidos', cancelado: 'perdidos', vencido: 'perdidos',
});

/** @param {Snapshot} snapshot @returns {Board} */
export function fromSnapshot({ tipo, tickets, aplazados, retenidos, perdidos, reservados, ...rest }) {
  void tipo;
  const list = (/** @type {Ticket[]|undefined} */ one) => (tickets ? (one ?? []) : null);
  return { ...rest, ausentes: rest.ausentes ?? [], tickets: list(tickets), aplazados: list(aplazados), retenidos: list(retenidos), perdidos: list(perdidos), reservados: list(reservados) };
}

/** What `esperas` tells: how long it takes now, and whether numbers are given. @param {Board} board @param {Waits} waits @returns {Board} */
export function applyWaits(board, waits) {
  const told = new Map(waits.map(({ servicio, ...now }) => [servicio, now]));
  return { ...board, servicios: board.servicios.map((service) => ({ ...service, ...told.get(service.id) })) };
}

/**
 * @param {Board} board
 * @param {Changes} message
 * @returns {{board: Board, outcome: Outcome}}
 */
export function applyChanges(board, message) {
  if (message.epoch !== board.epoch) return { board, outcome: 'reset' };
  if (board.rev >= message.rev) return { board, outcome: 'old' };
  if (board.rev !== message.desde) return { board, outcome: 'gap' };
  let next = board;
  let configured = false;
  for (const change of message.cambios) {
    if (change.tipo === 'configurado') configured = true;
    else next = applyOne(next, change);
  }
  next = { ...next, rev: message.rev, hora: Math.max(board.hora, message.hora) };
  return { board: next, outcome: configured ? 'reset' : 'applied' };
}

/** @param {Board} board @param {number|null|undefined} id */
export function deskOf(board, id) {
  return board.escritorios.find((desk) => desk.id === id);
}

/** @param {Board} board @param {string|undefined} id */
export function serviceOf(board, id) {
  return board.servicios.find((service) => service.id === id);
}

/** A desk without a list serves everything. @param {{servicios: string[]}} desk @param {string} service */
export function serves(desk, service) {
  return desk.servicios.length === 0 || desk.servicios.includes(service);
}

/** @param {Board} board @param {Change} change @returns {Board} */
function applyOne(board, change) {
  if (change.tipo === 'jornada') return turned(board, change);
  if (change.tipo === 'puesto') return { ...board, escritorios: board.escritorios.map((desk) => (desk.id === change.escritorio ? sitting(desk, change) : desk)) };
  const counted = count(board, change);
  // A kind of change that a newer server has: its counts hold, the rest is not ours to guess.
  if (!ABOUT_TICKETS.has(change.tipo)) return counted;
  return {
    ...counted,
    ...lists(counted, change),
    escritorios: desks(counted, change),
    ausentes: missed(counted.ausentes, change),
    llamadas: change.tipo === 'llamado' || change.tipo === 'rellamado' ? call(counted.llamadas, change) : (change.llamadas ?? counted.llamadas),
  };
}

/** The day was closed or opened. One that is closed by hand, or opened again, keeps its tickets. @param {Board} board @param {Change} change @returns {Board} */
function turned(board, { jornada = null, cerrada = false }) {
  if (jornada === board.jornada) return { ...board, cerrada };
  const none = board.tickets && [];
  return {
    ...board,
    jornada,
    cerrada,
    esperando: 0,
    llamadas: [],
    ausentes: [],
    servicios: board.servicios.map((service) => ({ ...service, esperando: 0 })),
    escritorios: board.escritorios.map((desk) => ({ ...desk, ticket: null, ...(desk.deshacer ? { deshacer: null } : {}) })),
    tickets: none, aplazados: none, retenidos: none, perdidos: none, reservados: none,
  };
}

/** A desk was opened, paused or closed. The public are told only which of these. @param {import('./types.js').Desk} desk @param {Change} change @returns {import('./types.js').Desk} */
function sitting(desk, { estado, agente = null, motivo = null, desde = null, ocupado, deshacer = null }) {
  const state = /** @type {import('./types.js').DeskState} */ (estado);
  return ocupado === undefined ? { ...desk, estado: state } : { ...desk, estado: state, agente, motivo, desde, ocupado, deshacer };
}

/** @param {Board} board @param {Change} change @returns {Board} */
function count(board, { servicio, esperando, esperandoTotal, antes, esperandoAntes }) {
  return {
    ...board,
    esperando: esperandoTotal ?? board.esperando,
    servicios: board.servicios.map((service) => {
      if (service.id === servicio && esperando !== undefined) return { ...service, esperando };
      return service.id === antes && esperandoAntes !== undefined ? { ...service, esperando: esperandoAntes } : service;
    }),
  };
}

/** A ticket is in one list or at one desk, never in two. @param {Board} board @param {Change} change @returns {Pick<Board, ListName>} */
function lists(board, { codigo, estado, ticket }) {
  const home = LIST_OF[estado ?? ''];
  const settled = (/** @type {ListName} */ name) => {
    const list = board[name];
    if (!list) return null;
    const before = list.find((other) => other.codigo === codigo);
    if (home !== name || !ticket || (name === 'perdidos' && !ticket.hasta)) return before ? list.filter((other) => other !== before) : list;
    return name === 'perdidos' ? [ticket, ...list.filter((other) => other !== before)] : enqueue(list, ticket);
  };
  return { tickets: settled('tickets'), aplazados: settled('aplazados'), retenidos: settled('retenidos'), perdidos: settled('perdidos'), reservados: settled('reservados') };
}

/**
 * In order of arrival. A ticket that was put back keeps its time of issue, and with it its place here.
 * @param {Ticket[]} tickets @param {Ticket} ticket
 */
function enqueue(tickets, ticket) {
  const others = tickets.filter((other) => other.codigo !== ticket.codigo);
  let at = others.length;
  while (at > 0 && /** @type {Ticket} */ (others[at - 1]).emitido > ticket.emitido) at -= 1;
  return [...others.slice(0, at), ticket, ...others.slice(at)];
}

/** The desk that has the ticket now, and no other one; and until when the one that acted can undo it. @param {Board} board @param {Change} change */
function desks(board, change) {
  const { codigo = '', numero = 0, servicio = '', estado, escritorio, ticket, por, deshacer = null } = change;
  const taken = estado === 'llamado' || estado === 'atendiendo';
  return board.escritorios.map((desk) => {
    const mine = desk.ticket?.codigo === codigo;
    const now = taken && desk.id === escritorio ? { ...desk, ticket: ticket ?? { codigo, numero, servicio, estado } } : mine ? { ...desk, ticket: null } : desk;
    if (por === desk.id) return { ...now, deshacer };
    // What somebody else did to its ticket is not to be overwritten.
    return mine && desk.deshacer ? { ...now, deshacer: null } : now;
  });
}

/** Newest first; of one instant by code, so that a snapshot says the same. @param {import('./types.js').Missed[]} all @param {Change} change */
function missed(all, { tipo, estado, codigo = '', numero = 0, servicio = '', hora }) {
  const others = all.filter((other) => other.codigo !== codigo);
  if (tipo === 'ausente') return [{ codigo, numero, servicio, hora }, ...others].sort((a, b) => b.hora - a.hora || (a.codigo < b.codigo ? 1 : -1)).slice(0, MISSED_KEPT);
  // A note about somebody who did not come brings nobody back.
  return others.length === all.length || estado === 'ausente' ? all : others;
}

/** Newest first, a ticket once: its last call. @param {import('./types.js').Call[]} calls @param {Change} change */
function call(calls, { rev, llamada = 0, codigo = '', numero = 0, servicio = '', escritorio, veces = 1, idioma = '', hora, nombre }) {
  const others = calls.filter((other) => other.codigo !== codigo);
  return [{ rev, llamada, codigo, numero, servicio, escritorio: escritorio ?? 0, veces, idioma, hora, ...(nombre ? { nombre } : {}) }, ...others].slice(0, CALLS_KEPT);
}
