// A window over the page, made when it is needed and gone when it is closed. What is typed in it is not lost by a press beside it.

import { el } from './dom.js';

/**
 * @param {{name: string, title: string, close: string, text?: string, wide?: boolean, keep?: () => string}} about
 *   close: what its cross is called; keep: asked before it closes by Escape or a press beside it: a question when something would be lost, else empty
 * @param {...(Node|string)} children
 * @returns {HTMLDialogElement & {shut: () => void}}
 */
export function openWindow({ name, title, close, text, wide, keep = () => '' }, ...children) {
  const heading = el('h2', { id: `window-${name}`, tabindex: -1 }, title);
  const cross = el('button', { type: 'button', class: 'btn plain icon window-close', 'aria-label': close, onclick: () => leave() }, '✕');
  const node = /** @type {HTMLDialogElement & {shut: () => void}} */ (el('dialog', { class: `window${wide ? ' wide' : ''}`, 'data-window': name, 'aria-labelledby': `window-${name}` },
    el('div', { class: 'window-head' }, heading, cross), ...(text ? [el('p', { class: 'window-text' }, text)] : []), el('div', { class: 'body' }, ...children)));
  const before = /** @type {HTMLElement|null} */ (document.activeElement);
  node.shut = () => node.close();
  const leave = () => {
    const question = keep();
    if (!question || confirm(question)) node.close();
  };
  node.addEventListener('cancel', (event) => {
    event.preventDefault();
    leave();
  });
  // Where a press began counts: a selection that is dragged out of a field closes nothing.
  let pressed = false;
  node.addEventListener('pointerdown', (event) => (pressed = event.target === node));
  node.addEventListener('click', (event) => pressed && event.target === node && leave());
  node.addEventListener('close', () => {
    node.remove();
    if (before?.isConnected) before.focus();
  });
  document.body.append(node);
  node.showModal();
  const first = /** @type {HTMLElement|null} */ (node.querySelector('.body :is(input, select, textarea):not([hidden], [type="hidden"])'));
  (first?.checkVisibility() ? first : heading).focus();
  return node;
}

/**
 * Asks before something that hurts.
 * @param {{title: string, text: string, yes: string, no: string, danger?: boolean, name?: string}} words
 * @returns {Promise<boolean>}
 */
export function sure({ title, text, yes, no, danger = true, name = 'sure' }) {
  return new Promise((resolve) => {
    let answer = false;
    const node = openWindow({ name, title, close: no, text }, el('div', { class: 'foot' },
      el('button', { type: 'button', class: 'btn', 'data-no': '', onclick: () => node.shut() }, no),
      el('button', { type: 'button', class: `btn main${danger ? ' danger' : ''}`, 'data-yes': '', onclick: () => {
        answer = true;
        node.shut();
      } }, yes)));
    node.addEventListener('close', () => resolve(answer));
    /** @type {HTMLElement} */ (node.querySelector('[data-no]')).focus();
  });
}
