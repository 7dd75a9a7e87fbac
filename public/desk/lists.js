// The staff's lists: who waits, is held, was missed, is booked; what is searched in them and what can be done with a row. Pure.

import { serves, serviceOf } from '../lib/board.js';
import { standing } from '../lib/outlook.js';
import { whyNotCall, whyNotResume } from './actions.js';
import { openingOf } from './glance.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/board.js').ListName} ListName */
/** @typedef {import('../lib/types.js').Desk} Desk */
/** @typedef {import('../lib/types.js').Ticket} Ticket */
/** @typedef {import('./standing.js').Standing} Standing */
/** @typedef {'call'|'resume'|'release'|'reactivate'|'checkIn'|'transfer'|'note'|'cancel'} RowAction */

/** In the order of the tabs and of the keys 1 to 4. */
export const LISTS = Object.freeze(/** @type {ListName[]} */ (['tickets', 'retenidos', 'perdidos', 'reservados']));

/** What can be done with a ticket of each list; the first one has a button in the row. */
const ROW_ACTIONS = /** @type {Record<ListName, RowAction[]>} */ ({
  tickets: ['call', 'transfer', 'note', 'cancel'],
  aplazados: ['call', 'note', 'cancel'],
  retenidos: ['resume', 'release', 'note', 'cancel'],
  perdidos: ['reactivate', 'note'],
  reservados: ['checkIn', 'note', 'cancel'],
});

/** Oldest first where somebody waits for something; what ended last is looked for first. */
const ORDER = /** @type {Record<ListName, (ticket: Ticket) => number>} */ ({
  tickets: (ticket) => ticket.emitido,
  aplazados: (ticket) => ticket.aplazado ?? 0,
  retenidos: (ticket) => ticket.retenido ?? 0,
  perdidos: (ticket) => -(ticket.terminado ?? ticket.hasta ?? 0),
  reservados: (ticket) => ticket.cita ?? 0,
});

/**
 * The services of whose waits the waiting list tells: those that the agent looks at, where somebody waits and a length can be told, or that give no numbers now. None once
 * the office is closed, which is said above it all.
 * @param {Board} board @param {Desk} desk @param {string} service  of the wish
 */
export function waitsOf(board, desk, service) {
  if (openingOf(board).kind !== 'open') return [];
  return board.servicios
    .filter(({ id }) => service === 'all' || (service === 'mine' ? serves(desk, id) : id === service))
    .filter((one) => standing(one) !== 'open' || (one.esperando > 0 && Boolean(one.espera)));
}

/**
 * @typedef {object} Wish  what the agent wants to see
 * @property {string} text  of the search
 * @property {string} service  `mine`, `all` or a service's id
 */

/**
 * @param {Board} board @param {Desk} desk @param {ListName} list @param {Wish} wish @param {number} now
 * @returns {Ticket[]} in the order of the screen
 */
export function ticketsOf(board, desk, list, wish, now) {
  // Who needs more time stands behind those who wait, in the same list.
  if (list === 'tickets') return [...sorted(board, desk, list, wish, now), ...sorted(board, desk, 'aplazados', wish, now)];
  return sorted(board, desk, list, wish, now);
}

/** @param {Board} board @param {Desk} desk @param {ListName} list @param {Wish} wish @param {number} now */
function sorted(board, desk, list, wish, now) {
  const words = fold(wish.text).split(/\s+/).filter(Boolean);
  return (board[list] ?? [])
    // A ticket may be in the list a moment longer than it can be brought back.
    .filter((ticket) => list !== 'perdidos' || (ticket.hasta ?? 0) > now)
    .filter((ticket) => wish.service === 'all' || (wish.service === 'mine' ? serves(desk, ticket.servicio) : ticket.servicio === wish.service))
    .filter((ticket) => words.length === 0 || matches(board, ticket, words))
    .sort((a, b) => ORDER[list](a) - ORDER[list](b) || a.emitido - b.emitido);
}

/** @param {ListName} list @returns {RowAction[]} the first one is the row's own */
export function rowActions(list) {
  return ROW_ACTIONS[list];
}

/** In which list a ticket is now. @param {Board} board @param {string} id @returns {{list: ListName, ticket: Ticket}|undefined} */
export function locate(board, id) {
  for (const list of /** @type {ListName[]} */ ([...LISTS, 'aplazados'])) {
    const ticket = board[list]?.find((one) => one.id === id);
    if (ticket) return { list, ticket };
  }
  return undefined;
}

/**
 * Key of the text that says why it cannot be done now; null when it can.
 * @param {RowAction} action @param {Desk} desk @param {Ticket} ticket @param {Standing} standing
 */
export function whyNot(action, desk, ticket, standing) {
  if (action === 'call') return whyNotCall(desk, ticket, standing);
  if (action === 'resume') return whyNotResume(desk, standing);
  if (action === 'transfer' || action === 'release') return standing === 'taken' ? 'desk.why.taken' : standing === 'free' ? 'desk.why.closed' : null;
  return null;
}

/** Every word in the code, the name or the service. @param {Board} board @param {Ticket} ticket @param {string[]} words */
function matches(board, ticket, words) {
  const names = Object.values(serviceOf(board, ticket.servicio)?.nombre ?? {});
  const text = fold([ticket.codigo, ticket.codigo.replaceAll('-', ''), ticket.nombre ?? '', ...names].join('\n'));
  return words.every((word) => text.includes(word));
}

/** Accents and capitals do not matter to somebody who looks for a name. @param {string} text */
export function fold(text) {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();
}
