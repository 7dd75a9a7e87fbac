// The cards that a visitor chooses from: how many beside each other, and what stands on those of a group and of a service.

import { el, find, setAttribute, setText } from '../lib/dom.js';
import { nameIn } from '../lib/i18n.js';
import { standing } from '../lib/outlook.js';
import { longestWord, toneOf } from '../lib/page.js';
import { queueText, shutText } from './words.js';

/** @typedef {import('../lib/board.js').Board} Board */
/** @typedef {import('../lib/types.js').Service} Service */
/** @typedef {import('./tree.js').Entry} Entry */
/** @typedef {import('./words.js').Here} Here */

/** Letters of a name from which on it is written smaller, and where there are many. */
const LONG = 40;
const LONG_IN_CROWD = 26;

/** As large as they can be on one screen, lying or standing. @param {HTMLElement} list @param {number} count @returns {boolean} whether there are many */
export function arrange(list, count) {
  const wide = count <= 3 ? count : count === 4 ? 2 : count <= 12 ? 3 : count <= 20 ? 4 : 5;
  list.dataset.size = count === 1 ? 'one' : count <= 4 ? 'few' : count <= 12 ? 'some' : 'many';
  list.style.setProperty('--wide', String(Math.max(1, wide)));
  list.style.setProperty('--tall', String(count <= 8 ? 1 : 2));
  return count > 12;
}

/** @param {() => void} onclick */
export function card(onclick) {
  return el('li', {}, el('button', { type: 'button', class: 'card', onclick },
    el('span', { class: 'badge', 'aria-hidden': 'true' }), el('span', { class: 'words' }, el('span', { class: 'name' }), el('span', { class: 'note' }))));
}

/** @param {HTMLElement} node @param {string} text @param {boolean} many */
export function nameCard(node, text, many) {
  const name = find('.name', node);
  setText(name, text);
  setAttribute(name, 'data-long', text.length > (many ? LONG_IN_CROWD : LONG));
  name.style.setProperty('--longest', String(longestWord(text)));
}

/** @param {HTMLElement} node @param {Board} board @param {Extract<Entry, {kind: 'group'}>} entry @param {boolean} many @param {Here} here */
export function fillGroup(node, board, { id, group, services }, many, here) {
  const button = find('button', node);
  const stands = services.some((service) => standing(service) === 'open') ? 'open' : services.some((service) => standing(service) === 'full') ? 'full' : 'closed';
  setAttribute(button, 'data-group', id);
  button.dataset.standing = stands;
  button.dataset.tone = toneOf(board, services[0]?.id ?? '');
  setText(find('.badge', node), '›');
  nameCard(node, nameIn(group.nombre, here.lang), many);
  const opens = Math.min(...services.flatMap((service) => service.abre ?? []));
  setText(find('.note', node), stands === 'open' ? here.t('kiosk.group', { n: services.length }) : shutText(stands, Number.isFinite(opens) ? opens : null, here, many));
}

/** @param {HTMLElement} node @param {Board} board @param {Service} service @param {boolean} many @param {Here} here */
export function fillService(node, board, service, many, here) {
  const button = find('button', node);
  const stands = standing(service);
  setAttribute(button, 'data-service', service.id);
  button.dataset.standing = stands;
  button.dataset.tone = toneOf(board, service.id);
  setText(find('.badge', node), service.prefijo);
  nameCard(node, nameIn(service.nombre, here.lang), many);
  setText(find('.note', node), stands === 'open' ? queueText(service, here, many) : shutText(stands, service.abre ?? null, here, many));
}
