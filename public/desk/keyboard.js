// The keyboard: every action has a key, and no key acts while somebody writes. The help says them all.

import { el, find, keyed, setText } from '../lib/dom.js';
import { KEYS } from './actions.js';
import { LISTS } from './lists.js';

/** @typedef {import('./actions.js').ActionName} ActionName */
/** @typedef {import('./actions.js').SeatAction} SeatAction */

const TALK_KEY = 'M';

/** The help's groups: of each entry the key and the name of its text. @type {ReadonlyArray<[group: string, entries: ReadonlyArray<[key: string, text: string]>]>} */
const HELP = [
  ['desk.help.queue', [[`${KEYS.next} · ␣`, 'desk.do.next'], [KEYS.start, 'desk.do.start'], [KEYS.recall, 'desk.do.recall'], [KEYS.absent, 'desk.do.absent'], [KEYS.finish, 'desk.do.finish'], [KEYS.finishNext, 'desk.do.finishNext']]],
  ['desk.help.ticket', [[KEYS.hold, 'desk.do.hold'], [KEYS.transfer, 'desk.do.transfer'], [KEYS.back, 'desk.do.back'], [KEYS.note, 'desk.do.note'], [KEYS.undo, 'desk.do.undo']]],
  ['desk.help.desk', [[KEYS.open, 'desk.help.open'], [KEYS.pause, 'desk.help.pause'], [KEYS.close, 'desk.help.close']]],
  ['desk.help.lists', [...LISTS.map((list, index) => /** @type {[string, string]} */ ([String(index + 1), `desk.list.${list}`])), ['/', 'desk.search'], ['↓ ↑', 'desk.help.rows'], ['↵', 'desk.row.open']]],
  ['desk.help.other', [[TALK_KEY, 'talk.open'], ['?', 'desk.help.title'], ['Esc', 'desk.escape']]],
];

/** @param {import('../lib/i18n.js').I18n} i18n */
export function renderHelp(i18n) {
  keyed(find('[data-keys]'), [...HELP], ([group]) => group, () => el('section', {}, el('h3'), el('dl')), (node, [group, entries]) => {
    setText(find('h3', node), i18n.t(group));
    keyed(find('dl', node), [...entries], ([key, text]) => `${key} ${text}`, () => el('div', {}, el('dt', {}, el('kbd')), el('dd')), (row, [key, text]) => {
      setText(find('kbd', row), key);
      setText(find('dd', row), i18n.t(text));
    });
  });
}

/**
 * @typedef {object} Hands  what keys do
 * @property {(name: ActionName|SeatAction) => void} act
 * @property {() => void} undo
 * @property {() => void} help
 * @property {() => void} talk
 * @property {() => void} search
 * @property {() => void} rows
 * @property {(index: number) => void} list
 * @property {() => void} escape
 * @property {() => {working: boolean, standing: import('./standing.js').Standing, serving: boolean}} now
 */

/** @param {Hands} hands @returns {(event: KeyboardEvent) => void} */
export function keyboard(hands) {
  return (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || document.querySelector('dialog[open]')) return;
    if (event.key === 'Escape') return hands.escape();
    if (target.matches('input, textarea, select, [contenteditable]')) return;
    const does = meaning(event, target, hands);
    if (!does) return;
    event.preventDefault();
    does();
  };
}

/** @param {KeyboardEvent} event @param {HTMLElement} target @param {Hands} hands @returns {(() => void)|undefined} */
function meaning({ key }, target, hands) {
  if (key === '?') return hands.help;
  const { working, standing, serving } = hands.now();
  if (!working) return undefined;
  if (key === '/') return hands.search;
  if (key === 'ArrowDown' && !target.closest('[data-rows], [role="tablist"], [data-talk-log]')) return hands.rows;
  if (/^[1-4]$/.test(key)) return () => hands.list(Number(key) - 1);
  // On a button the space bar presses that button.
  const letter = key === ' ' ? (target.matches('button, a, [tabindex="0"]') ? '' : KEYS.next) : key.toUpperCase();
  if (letter === TALK_KEY) return hands.talk;
  if (letter === KEYS.undo) return hands.undo;
  if (letter === KEYS.next) return () => hands.act(serving ? 'finishNext' : 'next');
  if (letter === KEYS.open) return () => hands.act(standing === 'taken' ? 'take' : standing === 'paused' ? 'goOn' : 'open');
  if (letter === KEYS.pause) return () => hands.act(standing === 'paused' ? 'goOn' : 'pause');
  const name = /** @type {Array<ActionName|SeatAction>} */ (['start', 'finish', 'recall', 'absent', 'hold', 'back', 'transfer', 'note', 'close']).find((one) => KEYS[one] === letter);
  return name && (() => hands.act(name));
}
