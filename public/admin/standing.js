// How the office does at this moment, from the staff's board. Pure.

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Ticket} Ticket */

/** Since when somebody waits: the arrival of who was booked is not told, so the issue stands for it. @param {Ticket} ticket */
export function waitingSince(ticket) {
  return ticket.cita ?? ticket.emitido;
}

/** @param {Board} board @param {number} now */
export function standing(board, now) {
  const waiting = [...(board.tickets ?? [])].sort((a, b) => waitingSince(a) - waitingSince(b));
  const open = board.escritorios.filter(({ estado }) => estado === 'abierto');
  const longest = waiting[0] ? Math.max(0, now - waitingSince(waiting[0])) : null;
  return {
    waiting: board.esperando, longest, first: waiting[0] ?? null, oldest: waiting.slice(0, 8), held: board.retenidos?.length ?? 0,
    open: open.length, paused: board.escritorios.filter(({ estado }) => estado === 'pausado').length, desks: board.escritorios.length,
    serving: board.escritorios.filter(({ ticket }) => ticket).length, free: open.filter(({ ticket }) => !ticket).length,
    services: board.servicios.map((service) => {
      const own = waiting.filter((ticket) => ticket.servicio === service.id);
      return { service, waiting: service.esperando, longest: own[0] ? Math.max(0, now - waitingSince(own[0])) : null, desks: open.filter((desk) => desk.servicios.includes(service.id)).length };
    }),
  };
}

/** Whether it is worth a look: waits beyond what the branch promises, or people wait and no desk is open. @param {number|null} longest @param {number} promised ms */
export function pressing(longest, promised) {
  if (longest === null) return 'calm';
  return longest > promised ? 'late' : longest > promised * 0.7 ? 'soon' : 'calm';
}
