// The line on the display: shows what is there to everybody, and lets who may put up another one or take it down.

import { find, setAttribute, setText } from '../lib/dom.js';
import { lengthOf, TICKER_LIMIT } from './talk.js';

/** @typedef {import('../lib/live.js').Live} Live */
/** @typedef {import('../lib/types.js').Reply} Reply */

export class TickerForm {
  #i18n;
  #oversees;
  #input = /** @type {HTMLInputElement} */ (find('[data-ticker-input]'));
  /** @type {Live|null} */ #live = null;
  #announcing = false;
  /** @type {string|null} key of the text that says why it was not done */ #failure = null;

  /** @param {import('../lib/i18n.js').I18n} i18n @param {() => boolean} oversees */
  constructor(i18n, oversees) {
    this.#i18n = i18n;
    this.#oversees = oversees;
    this.#input.addEventListener('input', () => this.render());
    find('[data-ticker-form]').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#announce(this.#input.value.trim());
    });
    find('[data-ticker-clear]').addEventListener('click', () => void this.#announce(null));
  }

  /** @param {Live} live */
  attach(live) {
    this.#live = live;
  }

  detach() {
    this.#live = null;
    this.#failure = null;
    this.#input.value = '';
  }

  render() {
    const { ready = false, board } = this.#live?.state ?? {};
    const shown = board?.aviso?.mensaje ?? null;
    const writes = this.#oversees();
    find('[data-ticker-form]').hidden = !writes && shown === null;
    find('[data-ticker-write]').hidden = !writes;
    const count = lengthOf(this.#input.value);
    const long = count > TICKER_LIMIT;
    setText(find('[data-ticker-shown]'), shown ?? this.#i18n.t('ticker.none'));
    find('[data-ticker-shown]').dataset.none = String(shown === null);
    const clear = find('[data-ticker-clear]');
    clear.hidden = !writes || shown === null;
    setAttribute(clear, 'aria-disabled', ready && !this.#announcing ? null : 'true');
    setAttribute(find('[data-ticker-set]'), 'aria-disabled', ready && !this.#announcing && count > 0 && !long ? null : 'true');
    setAttribute(this.#input, 'aria-invalid', long ? 'true' : null);
    const key = this.#failure ?? (long ? 'talk.why.long' : count > 0 && !ready ? 'talk.why.offline' : null);
    setText(find('[data-ticker-why]'), key ? this.#i18n.t(key, { count, max: TICKER_LIMIT }) : '');
  }

  /** @param {string|null} text  null takes down what is there */
  async #announce(text) {
    const live = this.#live;
    if (!live?.state.ready || this.#announcing || text === '' || (text && lengthOf(text) > TICKER_LIMIT)) return this.render();
    this.#announcing = true;
    this.#failure = null;
    this.render();
    const reply = await attempt(live, 'poner-aviso', { mensaje: text });
    this.#announcing = false;
    if (live !== this.#live) return;
    if (!reply) this.#failure = 'ticker.unknown';
    else if (!reply.ok) this.#failure = `error.${reply.code}`;
    else if (text !== null && this.#input.value.trim() === text) this.#input.value = '';
    this.render();
  }
}

/** No answer is null. @param {Live} live @param {string} event @param {object} payload @returns {Promise<Reply|null>} */
export function attempt(live, event, payload) {
  return live.ask(event, payload).catch(() => null);
}
