// What an agent may do, and why not. Pure: from the desk, who sits there and the board to the buttons' states.

import { serves } from '../lib/board.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Desk} Desk */
/** @typedef {import('../lib/types.js').Ticket} Ticket */
/** @typedef {import('./standing.js').Standing} Standing */
/** @typedef {'next'|'start'|'finish'|'finishNext'|'recall'|'absent'|'hold'|'back'|'transfer'|'note'|'open'|'take'|'goOn'} ActionName */
/** @typedef {'open'|'take'|'goOn'|'pause'|'close'} SeatAction */

/**
 * @typedef {object} Action
 * @property {ActionName} name
 * @property {string} key  of the keyboard
 * @property {'primary'|'common'|'rare'|'hidden'} rank  how prominent it is in this state; hidden ones only answer their key, with why not
 * @property {string|null} why  key of the text that says why it cannot be done now; null when it can
 */

/** The keyboard's side of each action, for the buttons and the help. */
export const KEYS = Object.freeze(/** @type {Record<ActionName|SeatAction|'undo', string>} */ ({
  next: 'N', finishNext: 'N', start: 'I', finish: 'F', recall: 'R', absent: 'A', hold: 'H', back: 'D', transfer: 'T', note: 'E', undo: 'Z',
  open: 'O', take: 'O', goOn: 'O', pause: 'P', close: 'X',
}));

/** The events behind the commands. */
export const EVENTS = Object.freeze({
  next: 'atender-ticket', start: 'iniciar', finish: 'finalizar', recall: 'rellamar', absent: 'ausente', hold: 'retener', back: 'devolver', transfer: 'derivar', undo: 'deshacer',
  note: 'anotar', resume: 'retomar', reactivate: 'reactivar', checkIn: 'registrar-llegada', cancel: 'cancelar-ticket',
  open: 'abrir-puesto', pause: 'pausar-puesto', close: 'cerrar-puesto', closeDay: 'cerrar-jornada', openDay: 'abrir-jornada',
});

/** What concerns the ticket that a desk has, in the order of the screen. */
const OWN = /** @type {const} */ (['start', 'finish', 'finishNext', 'recall', 'absent', 'hold', 'transfer', 'back', 'note']);

/**
 * @param {Board} board @param {Desk} desk @param {Standing} standing
 * @returns {Action[]} in the order of the screen
 */
export function actionsFor(board, desk, standing) {
  if (standing === 'free' || standing === 'taken') {
    const why = standing === 'taken' ? 'desk.why.taken' : 'desk.why.closed';
    return [action(standing === 'taken' ? 'take' : 'open', 'primary'), action('next', 'hidden', why), ...hidden(OWN, why)];
  }
  const state = desk.ticket?.estado;
  const paused = standing === 'paused';
  const why = paused ? 'desk.why.paused' : waitingFor(board, desk) === 0 ? 'desk.why.empty' : null;
  const always = /** @type {Action[]} */ ([action('hold', 'rare'), action('transfer', 'rare'), action('back', 'rare'), action('note', 'rare')]);
  if (state === 'llamado') {
    return [action('start', 'primary'), action('recall', 'common'), action('absent', 'common'), action('finish', 'common'), ...always, action('next', 'hidden', 'desk.why.called')];
  }
  if (state === 'atendiendo') {
    return [action('finish', 'primary'), action('finishNext', 'common', why), ...always, ...hidden(['start', 'recall', 'absent'], 'desk.why.serving')];
  }
  const idle = hidden(OWN.filter((name) => name !== 'finishNext'), 'desk.why.idle');
  return paused ? [action('goOn', 'primary'), action('next', 'hidden', 'desk.why.paused'), ...idle] : [action('next', 'primary', why), ...idle];
}

/**
 * What can be done with the desk itself: the buttons beside its name.
 * @param {Desk} desk @param {Standing} standing
 * @returns {Array<{name: SeatAction, key: string, why: string|null}>}
 */
export function seatActionsFor(desk, standing) {
  const one = (/** @type {SeatAction} */ name, /** @type {string|null} */ why = null) => ({ name, key: KEYS[name], why });
  const close = one('close', desk.ticket ? 'desk.why.leave' : null);
  if (standing === 'mine') return [one('pause'), close];
  if (standing === 'paused') return [one('goOn'), close];
  return [one(standing === 'taken' ? 'take' : 'open')];
}

/** How many people this desk could call. @param {Board} board @param {Desk} desk */
export function waitingFor(board, desk) {
  return board.servicios.reduce((sum, service) => sum + (serves(desk, service.id) ? service.esperando : 0), 0);
}

/**
 * Why a waiting ticket cannot be called from this desk now; null when it can.
 * @param {Desk} desk @param {Pick<Ticket, 'servicio'|'para'>} ticket @param {Standing} standing
 */
export function whyNotCall(desk, ticket, standing) {
  if (standing === 'paused') return 'desk.why.paused';
  return whyNotResume(desk, standing) ?? (ticket.para && ticket.para !== desk.id ? 'desk.why.reserved' : serves(desk, ticket.servicio) ? null : 'desk.why.service');
}

/** Why a held ticket cannot be gone on with at this desk now. @param {Desk} desk @param {Standing} standing */
export function whyNotResume(desk, standing) {
  if (standing === 'taken') return 'desk.why.taken';
  if (standing === 'free') return 'desk.why.closed';
  return desk.ticket ? 'desk.why.busy' : null;
}

/** @param {readonly ActionName[]} names @param {string} why */
function hidden(names, why) {
  return names.map((name) => action(name, 'hidden', why));
}

/** @param {ActionName} name @param {Action['rank']} rank @param {string|null} [why] @returns {Action} */
function action(name, rank, why = null) {
  return { name, key: KEYS[name], rank, why };
}
