// The office at a glance: how many desks are open, who has waited longest, whether numbers are given. Pure.

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Ticket} Ticket */

/** @param {Board} board @returns {{open: number, desks: number, longest: Ticket|null}} */
export function glance(board) {
  const waiting = board.tickets ?? [];
  return {
    open: board.escritorios.filter((desk) => desk.estado === 'abierto').length,
    desks: board.escritorios.length,
    longest: waiting.reduce((oldest, ticket) => (!oldest || ticket.emitido < oldest.emitido ? ticket : oldest), /** @type {Ticket|null} */ (null)),
  };
}

/**
 * Whether numbers are given. Those who wait can be called in any case, except when the day was closed by hand.
 * @param {Board} board
 * @returns {{kind: 'open'}|{kind: 'shut'}|{kind: 'closed', opens: number|null}}
 */
export function openingOf(board) {
  if (board.cerrada) return { kind: 'shut' };
  const open = board.servicios.length ? board.servicios.some((service) => service.abierto !== false) : board.sucursal.abierta !== false;
  if (open) return { kind: 'open' };
  const opens = [board.sucursal.abre, ...board.servicios.map((service) => service.abre)].filter((at) => typeof at === 'number');
  return { kind: 'closed', opens: opens.length ? Math.min(...opens) : null };
}
