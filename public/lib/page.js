// What all pages share: the language switch, the link's state in words, tones of services.

import { el, keyed, setAttribute, setText } from './dom.js';
import { ENDONYMS } from './i18n.js';

/** Colours that services are told apart by, as many as `--tone-…` in tokens.css. */
const TONES = 12;

/** @param {import('./board.js').Board} board @param {string} servicio @returns {string} a tone's name, lasting while the services are the same */
export function toneOf(board, servicio) {
  return String(Math.max(0, board.servicios.findIndex((service) => service.id === servicio)) % TONES);
}

/** Fills each `[data-lang-switch]`. @param {import('./i18n.js').I18n} i18n */
export function languageSwitch(i18n) {
  const render = () => {
    for (const place of document.querySelectorAll('[data-lang-switch]')) {
      setAttribute(place, 'hidden', i18n.offered.length < 2);
      keyed(
        place,
        [...i18n.offered],
        (lang) => lang,
        (lang) => el('button', { type: 'button', lang, class: 'lang-button', onclick: () => i18n.choose(lang) }),
        (node, lang) => {
          setText(node, ENDONYMS[lang] ?? lang);
          setAttribute(node, 'aria-pressed', String(lang === i18n.lang));
        },
      );
    }
  };
  i18n.onChange(render);
  render();
}

/** The branch that the address names, by number or name; null means the first one. */
export function branchInAddress() {
  return new URLSearchParams(location.search).get('sucursal');
}

/** Carries the choices in the address over to the other pages. @param {ParentNode} root */
export function keepChoices(root) {
  const here = new URLSearchParams(location.search);
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (root.querySelectorAll('a[data-keep]'))) {
    const url = new URL(link.href);
    for (const name of ['lang', 'idioma', 'tema', 'sucursal']) {
      const value = here.get(name);
      if (value) url.searchParams.set(name, value);
    }
    link.href = url.href;
  }
}

/** A name is written so large that none of its words needs to be broken: how many letters the longest has. @param {string} name */
export function longestWord(name) {
  return Math.max(1, ...name.split(/[\s-]+/).map((word) => word.length));
}
