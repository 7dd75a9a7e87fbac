// What an agent may do, and why not. Pure: from the desk's ticket and the board to the buttons' states.

import { serves } from '../lib/board.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Desk} Desk */
/** @typedef {'next'|'start'|'finish'|'finishNext'|'recall'|'absent'|'back'} ActionName */

/**
 * @typedef {object} Action
 * @property {ActionName} name
 * @property {string} key  of the keyboard
 * @property {boolean} primary  what is done most in this state
 * @property {string|null} why  key of the text that says why it cannot be done now; null when it can
 */

/** The keyboard's side of each action, for the buttons and the help. */
export const KEYS = Object.freeze(/** @type {Record<ActionName, string>} */ ({
  next: 'N', finishNext: 'N', start: 'I', finish: 'F', recall: 'R', absent: 'A', back: 'D',
}));

/** The commands behind the actions; `finishNext` is two of them. */
export const EVENTS = Object.freeze(/** @type {Record<Exclude<ActionName, 'finishNext'>, string>} */ ({
  next: 'atender-ticket', start: 'iniciar', finish: 'finalizar', recall: 'rellamar', absent: 'ausente', back: 'devolver',
}));

/**
 * @param {Board} board @param {Desk} desk
 * @returns {Action[]} in the order of the screen
 */
export function actionsFor(board, desk) {
  const state = desk.ticket?.estado;
  const nobody = waitingFor(board, desk) === 0 ? 'desk.why.empty' : null;
  if (state === 'llamado') {
    return [action('start', true), action('recall'), action('absent'), action('back'), action('finish'), action('next', false, 'desk.why.called')];
  }
  if (state === 'atendiendo') {
    return [
      action('finish', true), action('finishNext', false, nobody), action('back'), action('recall', false, 'desk.why.serving'),
      action('absent', false, 'desk.why.serving'), action('start', false, 'desk.why.serving'),
    ];
  }
  return [
    action('next', true, nobody), action('start', false, 'desk.why.idle'), action('recall', false, 'desk.why.idle'),
    action('absent', false, 'desk.why.idle'), action('back', false, 'desk.why.idle'), action('finish', false, 'desk.why.idle'),
  ];
}

/** How many people this desk could call. @param {Board} board @param {Desk} desk */
export function waitingFor(board, desk) {
  return board.servicios.reduce((sum, service) => sum + (serves(desk, service.id) ? service.esperando : 0), 0);
}

/**
 * Why a waiting ticket cannot be called from this desk now; null when it can.
 * @param {Desk} desk @param {import('../lib/types.js').Ticket} ticket
 */
export function whyNotCall(desk, ticket) {
  if (desk.ticket) return 'desk.why.busy';
  return serves(desk, ticket.servicio) ? null : 'desk.why.service';
}

/** @param {ActionName} name @param {boolean} [primary] @param {string|null} [why] @returns {Action} */
function action(name, primary = false, why = null) {
  return { name, key: KEYS[name], primary, why };
}
