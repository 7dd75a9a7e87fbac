// From what the agent presses to the commands: checks whether it can be done now, says why not, asks what else must be known, orders it.

import { actionsFor, EVENTS, seatActionsFor } from './actions.js';
import { whyNot } from './lists.js';

/** @typedef {import('../lib/types.js').Done} Done */
/** @typedef {import('../lib/types.js').Ticket} Ticket */
/** @typedef {import('./actions.js').ActionName} ActionName */
/** @typedef {import('./actions.js').SeatAction} SeatAction */
/** @typedef {import('./lists.js').RowAction} RowAction */
/** @typedef {import('./orders.js').Place} Place */
/** A ticket that a dialog is about. @typedef {{id: string, codigo: string} & Partial<Ticket>} Subject */

/**
 * Dialogs that ask for more before a command goes out.
 * @typedef {object} Questions
 * @property {(subject: Subject, held: boolean) => void} back
 * @property {(subject: Subject) => void} transfer
 * @property {(subject: Subject, andNext: boolean) => void} finish
 * @property {(subject: Subject) => void} note
 * @property {() => void} pause
 * @property {(why: 'taken'|'busy') => void} take
 */

export class Commands {
  #work;
  /** @type {Questions} */ #questions;

  /** @param {import('./workplace.js').Workplace} work @param {Questions} questions */
  constructor(work, questions) {
    this.#work = work;
    this.#questions = questions;
  }

  /** A button or key that concerns the desk's own ticket, or who comes next. @param {ActionName|SeatAction} name */
  act(name) {
    const { board, desk, standing, orders, live, i18n } = this.#work;
    if (!board || !desk || !orders.ready) return;
    if (!live.state.ready) return this.#work.say(i18n.t('desk.why.offline'));
    const action = [...seatActionsFor(desk, standing), ...actionsFor(board, desk, standing)].find((candidate) => candidate.name === name);
    if (!action) return;
    orders.clear();
    if (action.why) return this.#work.say(i18n.t(action.why));
    this.#work.say('');
    const subject = this.#own();
    switch (name) {
      case 'open': case 'goOn': return void this.open(false);
      case 'take': return this.#questions.take('taken');
      case 'close': return void this.close();
      case 'pause': return board.sucursal.pausas?.length ? this.#questions.pause() : void this.pause(null);
      case 'back': return subject && this.#questions.back(subject, false);
      case 'transfer': return subject && this.#questions.transfer(subject);
      case 'note': return subject && this.#questions.note(subject);
      case 'finish': case 'finishNext':
        if (subject && board.sucursal.resultados?.length) return this.#questions.finish(subject, name === 'finishNext');
        return void this.finish({ andNext: name === 'finishNext' });
      default: return void this.#order(name, [[EVENTS[name], name === 'next' ? {} : this.#guard()]]);
    }
  }

  /** A button of a row, or of the sheet of a ticket. @param {RowAction} name @param {Subject & Ticket} ticket @param {Place} place @returns {Promise<Done|null>} */
  async row(name, ticket, place) {
    const { desk, standing, orders, live } = this.#work;
    if (!desk || !orders.ready) return null;
    const why = live.state.ready ? whyNot(name, desk, ticket, standing) : 'desk.why.offline';
    if (why) return orders.refuse(place, why, 'why'), null;
    switch (name) {
      case 'release': return this.#questions.back(ticket, true), null;
      case 'transfer': return this.#questions.transfer(ticket), null;
      case 'note': return this.#questions.note(ticket), null;
      case 'call': return this.#order('next', [[EVENTS.next, { ticket: ticket.id }]], place, `call ${ticket.codigo}`);
      case 'resume': case 'reactivate': case 'checkIn': case 'cancel':
        return this.#order(name, [[EVENTS[name], { ticket: ticket.id }]], place, `${name} ${ticket.codigo}`);
    }
  }

  /** @param {boolean} take  although another session has it, or the agent sits elsewhere @param {Place} [place] */
  async open(take, place = 'actions') {
    const { mine, sessions, users, orders, i18n } = this.#work;
    if (mine === null) return null;
    const done = this.#work.standing === 'paused' ? 'goOn' : take ? 'take' : 'open';
    const payload = { escritorio: mine, sesion: sessions.draw(mine), ...(users.me ? { usuario: users.me } : {}), ...(take ? { tomar: true } : {}) };
    const reply = await orders.run('open', [[EVENTS.open, payload]], place, ({ sesion, puesto }) => {
      if (sesion) sessions.keep(mine, sesion);
      this.#work.seat.told(puesto);
    });
    if (reply) this.#work.say(i18n.t(`desk.done.${done}`), 'done');
    else if (orders.failure?.code === 'unknown_user') users.become('');
    else if (!take && (orders.failure?.code === 'desk_taken' || orders.failure?.code === 'agent_busy')) this.#questions.take(orders.failure.code === 'desk_taken' ? 'taken' : 'busy');
    return reply;
  }

  /** @param {string|null} reason @param {Place} [place] */
  async pause(reason, place = 'actions') {
    const { mine, orders, seat, i18n } = this.#work;
    const reply = await orders.run('pause', [[EVENTS.pause, { escritorio: mine, ...(reason ? { motivo: reason } : {}) }]], place, ({ puesto }) => seat.told(puesto));
    if (reply) this.#work.say(i18n.t('desk.done.pause'), 'done');
    return reply;
  }

  async close() {
    const { mine, sessions, orders, seat, i18n } = this.#work;
    const reply = await orders.run('close', [[EVENTS.close, { escritorio: mine }]], 'actions', ({ puesto }) => {
      if (mine !== null) sessions.forget(mine);
      seat.told(puesto);
    });
    if (reply) this.#work.say(i18n.t('desk.done.close'), 'done');
    return reply;
  }

  /** To another desk: this one is closed first. */
  async leave() {
    const { standing, desk, orders, live } = this.#work;
    if (orders.busy) return;
    if ((standing === 'mine' || standing === 'paused') && live.state.ready) {
      if (desk?.ticket) return this.#work.say(this.#work.i18n.t('desk.why.leave'));
      if (!(await this.close())) return;
    }
    this.#work.choose(null);
  }

  /** @param {{andNext: boolean, outcome?: string|null, note?: string, place?: Place}} how */
  finish({ andNext, outcome, note, place }) {
    const finish = /** @type {[string, object]} */ ([EVENTS.finish, { ...this.#guard(), ...(outcome ? { resultado: outcome } : {}), ...(note ? { nota: note } : {}) }]);
    return this.#order(andNext ? 'finishNext' : 'finish', andNext ? [finish, [EVENTS.next, {}]] : [finish], place);
  }

  /** @param {Subject} subject @param {string|{despues: number}} place */
  putBack(subject, place) {
    return this.#order('back', [[EVENTS.back, { ticket: subject.id, posicion: place }]], 'dialog');
  }

  /** @param {Subject} subject @param {{servicio?: string, a?: number, posicion?: string}} where */
  transfer(subject, where) {
    return this.#order('transfer', [[EVENTS.transfer, { ticket: subject.id, ...where }]], 'dialog');
  }

  /** @param {Subject} subject @param {string} text  empty takes it away */
  note(subject, text) {
    return this.#order('note', [[EVENTS.note, { ticket: subject.id, nota: text || null }]], 'dialog');
  }

  /** @param {boolean} close  else it is opened again */
  day(close) {
    const name = close ? 'closeDay' : 'openDay';
    return this.#order(name, [[EVENTS[name], {}]], 'dialog');
  }

  async undo() {
    const { desk, orders, live, i18n } = this.#work;
    if (!orders.ready) return;
    orders.clear();
    if (!live.state.ready) return this.#work.say(i18n.t('desk.why.offline'));
    if (!desk?.deshacer || desk.deshacer <= live.now()) return this.#work.say(i18n.t('desk.why.undo'));
    const reply = await orders.run('undo', [[EVENTS.undo, { escritorio: this.#work.mine }]]);
    if (reply) this.#work.say(i18n.t('desk.done.undo', { code: reply.tickets?.map((ticket) => ticket.codigo).join(', ') ?? '' }), 'done');
  }

  /** The ticket that the desk has, which goes along as a guard: if the desk has another one by now, nothing happens. @returns {Subject|null} */
  #own() {
    const ticket = this.#work.desk?.ticket;
    return ticket ? { ...ticket, id: ticket.id ?? ticket.codigo } : null;
  }

  #guard() {
    const own = this.#own();
    return own ? { ticket: own.id } : {};
  }

  /**
   * @param {string} name @param {Array<[event: string, payload: object]>} steps @param {Place} [place] @param {string} [what]
   * @returns {Promise<Done|null>}
   */
  async #order(name, steps, place = 'actions', what = name) {
    const { orders, mine, i18n } = this.#work;
    this.#work.say('');
    const reply = await orders.run(what, steps.map(([event, payload]) => [event, { escritorio: mine, ...payload }]), place);
    if (reply) this.#work.say(i18n.t(`desk.done.${name === 'finishNext' ? 'next' : name}`, { code: reply.ticket?.codigo ?? '' }), 'done');
    return reply;
  }
}
