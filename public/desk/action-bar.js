// The buttons of what can be done now, what came of it, and how long it can still be undone.

import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { actionsFor } from './actions.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Desk} Desk */

const MESSAGE_STAYS = 6000;

export class ActionBar {
  #work;
  #commands;
  #undo = find('[data-do="undo"]');
  #message = find('[data-message]');
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #fading;

  /** @param {import('./workplace.js').Workplace} work @param {import('./commands.js').Commands} commands */
  constructor(work, commands) {
    this.#work = work;
    this.#commands = commands;
    this.#undo.addEventListener('click', () => void commands.undo());
  }

  /** @param {string} text @param {'why'|'done'} [kind] */
  say(text, kind = 'why') {
    clearTimeout(this.#fading);
    this.#message.dataset.kind = kind;
    setText(this.#message, text);
    if (text) this.#fading = setTimeout(() => setText(this.#message, ''), MESSAGE_STAYS);
  }

  /** @param {Board} board @param {Desk} desk @param {boolean} ready */
  render(board, desk, ready) {
    const { i18n, orders, standing } = this.#work;
    const shown = actionsFor(board, desk, standing).filter((action) => action.rank !== 'hidden');
    const common = shown.filter((action) => action.rank === 'common').length;
    keyed(find('[data-buttons]'), shown, (action) => action.name, ({ name }) => el('button', { type: 'button', class: 'act', 'data-do': name, onclick: () => this.#commands.act(name) },
      el('span', { class: 'what' }), el('kbd'), el('span', { class: 'why' })), (node, action) => {
      const why = orders.busy ? null : ready ? action.why : 'desk.why.offline';
      node.classList.toggle('primary', action.rank === 'primary');
      node.classList.toggle('alone', action.rank === 'common' && common === 1);
      node.classList.toggle('rare', action.rank === 'rare');
      setAttribute(node, 'aria-disabled', orders.busy || why ? 'true' : null);
      setAttribute(node, 'data-running', orders.busy === action.name);
      setAttribute(node, 'aria-keyshortcuts', action.key);
      setAttribute(node, 'title', why ? i18n.t(why) : null);
      setText(find('.what', node), i18n.t(`desk.do.${action.name}`));
      setText(find('kbd', node), action.key);
      // One reason is news, the same one on every button is noise.
      setText(find('.why', node), why && action.rank !== 'rare' && why !== 'desk.why.offline' ? i18n.t(why) : '');
    });
    showFailure(find('[data-error]'), this.#work, 'actions');
    this.renderTime(desk);
  }

  /** @param {Desk} desk */
  renderTime(desk) {
    const { live, standing, orders } = this.#work;
    const left = Math.ceil(((desk.deshacer ?? 0) - live.now()) / 1000);
    const can = left > 0 && (standing === 'mine' || standing === 'paused') && live.state.ready;
    this.#undo.hidden = !can;
    setAttribute(this.#undo, 'aria-disabled', orders.busy ? 'true' : null);
    if (can) setText(find('[data-undo-seconds]'), this.#work.i18n.t('desk.undo.left', { s: left }));
  }
}

/** Refusals of which the server says more than the page can know: which desk, until when, how many seconds. */
const TOLD_BETTER = new Set(['closed', 'quota_reached', 'no_numbers_left', 'desk_closed', 'agent_busy', 'too_soon', 'too_few_calls', 'too_late', 'wrong_state']);

/** The refusal, where it was ordered. @param {HTMLElement} node @param {import('./workplace.js').Workplace} work @param {import('./orders.js').Place} place */
export function showFailure(node, { orders, i18n }, place) {
  const failure = orders.failure?.place === place ? orders.failure : null;
  node.hidden = !failure;
  setAttribute(node, 'data-error-code', failure?.code);
  setText(node, failure ? ((TOLD_BETTER.has(failure.code) || !i18n.has(failure.key)) && failure.msg ? failure.msg : i18n.t(failure.key)) : '');
}
