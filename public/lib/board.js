// The board: what a screen knows of the office. A pure reducer over the snapshot and the numbered changes of docs/events.md.
// It never guesses: a message that does not follow from what it knows is a gap, and the caller asks again.

/** @typedef {import('./types.js').Snapshot} Snapshot */
/** @typedef {import('./types.js').Changes} Changes */
/** @typedef {import('./types.js').Change} Change */
/** @typedef {import('./types.js').Ticket} Ticket */

/** @typedef {Omit<Snapshot, 'tipo'|'tickets'> & {tickets: Ticket[]|null}} Board  `tickets` is null on a public screen */

/**
 * - `applied`: the board moved on
 * - `old`: nothing new in it
 * - `gap`: something is missing between the board and the message; ask for the changes after the board's own `rev`
 * - `reset`: of another epoch, or the branch was set up anew; ask for a snapshot
 * @typedef {'applied'|'old'|'gap'|'reset'} Outcome
 */

/** How many calls a board keeps; the snapshot has as many. */
const CALLS_KEPT = 10;

/** @param {Snapshot} snapshot @returns {Board} */
export function fromSnapshot({ tipo, tickets, ...rest }) {
  void tipo;
  return { ...rest, tickets: tickets ?? null };
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
  if (change.tipo === 'jornada') return newDay(board, change);
  const counted = count(board, change);
  switch (change.tipo) {
    case 'emitido':
      return { ...counted, tickets: enqueue(counted.tickets, change) };
    case 'llamado':
    case 'rellamado':
      return {
        ...counted,
        tickets: dequeue(counted.tickets, change),
        escritorios: occupy(counted, change),
        llamadas: call(counted.llamadas, change),
      };
    case 'iniciado':
      return { ...counted, tickets: dequeue(counted.tickets, change), escritorios: occupy(counted, change) };
    case 'finalizado':
    case 'ausente':
    case 'vencido':
      return { ...counted, tickets: dequeue(counted.tickets, change), escritorios: vacate(counted, change) };
    case 'devuelto':
      return { ...counted, tickets: enqueue(counted.tickets, change), escritorios: vacate(counted, change) };
    default:
      // A kind of change that a newer server has: its counts hold, the rest is not ours to guess.
      return counted;
  }
}

/** @param {Board} board @param {Change} change @returns {Board} */
function newDay(board, change) {
  return {
    ...board,
    jornada: change.jornada ?? null,
    esperando: 0,
    llamadas: [],
    servicios: board.servicios.map((service) => ({ ...service, esperando: 0 })),
    escritorios: board.escritorios.map((desk) => ({ ...desk, ticket: null })),
    tickets: board.tickets && [],
  };
}

/** @param {Board} board @param {Change} change @returns {Board} */
function count(board, { servicio, esperando, esperandoTotal }) {
  return {
    ...board,
    esperando: esperandoTotal ?? board.esperando,
    servicios: board.servicios.map((service) => (service.id === servicio && esperando !== undefined ? { ...service, esperando } : service)),
  };
}

/**
 * In order of arrival. A ticket that was put back keeps its time of issue, and with it its place here.
 * @param {Ticket[]|null} tickets @param {Change} change
 */
function enqueue(tickets, change) {
  const { ticket } = change;
  if (!tickets || !ticket) return tickets;
  const others = tickets.filter((other) => other.codigo !== ticket.codigo);
  let at = others.length;
  while (at > 0 && /** @type {Ticket} */ (others[at - 1]).emitido > ticket.emitido) at -= 1;
  return [...others.slice(0, at), ticket, ...others.slice(at)];
}

/** @param {Ticket[]|null} tickets @param {Change} change */
function dequeue(tickets, { codigo }) {
  return tickets && tickets.filter((ticket) => ticket.codigo !== codigo);
}

/** @param {Board} board @param {Change} change */
function occupy(board, { codigo = '', numero = 0, servicio = '', estado = 'llamado', escritorio, ticket }) {
  return board.escritorios.map((desk) => {
    if (desk.id === escritorio) return { ...desk, ticket: ticket ?? { codigo, numero, servicio, estado } };
    return desk.ticket?.codigo === codigo ? { ...desk, ticket: null } : desk;
  });
}

/** @param {Board} board @param {Change} change */
function vacate(board, { codigo }) {
  return board.escritorios.map((desk) => (desk.ticket?.codigo === codigo ? { ...desk, ticket: null } : desk));
}

/** Newest first, a ticket once: its last call. @param {import('./types.js').Call[]} calls @param {Change} change */
function call(calls, { rev, llamada = 0, codigo = '', numero = 0, servicio = '', escritorio, veces = 1, idioma = '', hora }) {
  const others = calls.filter((other) => other.codigo !== codigo);
  return [{ rev, llamada, codigo, numero, servicio, escritorio: escritorio ?? 0, veces, idioma, hora }, ...others].slice(0, CALLS_KEPT);
}
