// The line at the bottom of the display. It stands still when it fits; else it passes slowly, or, where motion is not wanted, shows one part after
// the other.
//
// For tests: `[data-ticker]` has `data-mode` (still | moving | turning), and `data-part` (from 1) while it turns.

import { find, setAttribute, setText } from '../lib/dom.js';

/** How far the text moves in a second, in heights of its letters: some six letters, slower than one reads. */
const SPEED = 3;
/** A part stays this long, and longer the longer it is. */
const STAYS = 4000;
const STAYS_A_LETTER = 60;

export class TickerLine {
  #bar = find('[data-ticker]');
  #window = find('[data-ticker-window]');
  #text = find('[data-ticker-text]');
  #copy = find('[data-ticker-copy]');
  #calm = matchMedia('(prefers-reduced-motion: reduce)');
  #message = '';
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #turning;

  constructor() {
    // Only the width decides what fits: the parts' own height may change.
    let width = 0;
    new ResizeObserver(() => {
      if (this.#window.clientWidth === width) return;
      width = this.#window.clientWidth;
      this.#lay();
    }).observe(this.#window);
    this.#calm.addEventListener('change', () => this.#lay());
    void document.fonts.ready.then(() => this.#lay());
  }

  /** @param {string|null} message */
  show(message) {
    const text = message ?? '';
    if (text === this.#message) return;
    this.#message = text;
    this.#bar.hidden = !text;
    this.#lay();
  }

  #lay() {
    clearTimeout(this.#turning);
    setAttribute(this.#bar, 'data-part', null);
    setText(this.#copy, '');
    this.#bar.dataset.mode = 'still';
    setText(this.#text, this.#message);
    if (!this.#message || this.#width() <= this.#window.clientWidth) return;
    if (this.#calm.matches) return this.#turn(parts(this.#message, (part) => this.#fits(part)), 0);
    setText(this.#copy, this.#message);
    this.#bar.dataset.mode = 'moving';
    const height = parseFloat(getComputedStyle(this.#text).fontSize);
    this.#window.style.setProperty('--seconds', `${Math.round(this.#width() / (height * SPEED))}s`);
  }

  /** @param {string[]} all @param {number} at */
  #turn(all, at) {
    const part = all[at] ?? '';
    this.#bar.dataset.mode = 'turning';
    this.#bar.dataset.part = String(at + 1);
    setText(this.#text, part);
    this.#turning = setTimeout(() => this.#turn(all, (at + 1) % all.length), STAYS + part.length * STAYS_A_LETTER);
  }

  /** @param {string} part */
  #fits(part) {
    setText(this.#text, part);
    return this.#width() <= this.#window.clientWidth;
  }

  #width() {
    return this.#text.getBoundingClientRect().width;
  }
}

/**
 * The text in as few parts as fit, none of them cut inside a word; a word that alone is too long is a part.
 * @param {string} text @param {(part: string) => boolean} fits
 * @returns {string[]}
 */
export function parts(text, fits) {
  /** @type {string[]} */ const all = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = all.at(-1);
    if (last !== undefined && fits(`${last} ${word}`)) all[all.length - 1] = `${last} ${word}`;
    else all.push(word);
  }
  return all;
}
