// A kiosk or display that the server does not know shows a code, which somebody types on the admin page; then it goes on by itself. It comes back
// when the screen is revoked. While the branch's own network is open, or once it is paired, nobody sees it.
//
// For tests: the sign is `[data-pairing]` with `data-state` (asking | showing | refused | offline | paired) and `[data-pairing-code]`.

import { el, setText } from './dom.js';
import { Problem, request } from './rest.js';

/** @typedef {'kiosco'|'pantalla'} Kind */
/** @typedef {'asking'|'showing'|'refused'|'offline'|'paired'} State */

const REFUSED = new Set(['not_signed_in', 'forbidden']);
/** How often it is asked whether somebody has typed the code: soon at first, then in peace. */
const FIRST_PAUSE = 1500;
const LONGEST_PAUSE = 8000;

/**
 * @param {import('./live.js').Live} live @param {import('./i18n.js').I18n} i18n @param {Kind} kind @param {string|null} branch  that the address names
 */
export function pairing(live, i18n, kind, branch) {
  /** @type {Pairing|null} */ let sign = null;
  live.subscribe(({ refusal, link }) => {
    // A connection that is lost for a moment says nothing about who one is.
    const barred = refusal !== null && REFUSED.has(refusal.code);
    if (barred && !sign) sign = new Pairing(i18n, kind, branch);
    else if (!barred && sign && link === 'live') {
      sign.end();
      sign = null;
    }
  });
}

class Pairing {
  #i18n;
  #kind;
  #branch;
  #code = '';
  #secret = '';
  #until = 0;
  #pause = FIRST_PAUSE;
  /** @type {State} */ #state = 'asking';
  #why = '';
  #ended = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  #node;
  #rows;

  /** @param {import('./i18n.js').I18n} i18n @param {Kind} kind @param {string|null} branch */
  constructor(i18n, kind, branch) {
    this.#i18n = i18n;
    this.#kind = kind;
    this.#branch = branch;
    this.#rows = {
      title: el('h1', { id: 'pairing-title' }), text: el('p', { class: 'pairing-text' }), code: el('p', { class: 'pairing-code', 'data-pairing-code': '' }), where: el('p', { class: 'pairing-where' }),
      state: el('p', { class: 'pairing-state', role: 'status' }),
    };
    this.#node = el('section', { class: 'pairing', 'data-pairing': '', 'aria-labelledby': 'pairing-title' }, el('img', { src: '/img/siguiente.svg', alt: '', width: 64, height: 64 }), ...Object.values(this.#rows));
    document.head.append(el('link', { rel: 'stylesheet', href: '/css/pairing.css' }));
    document.body.append(this.#node);
    i18n.onChange(this.#render);
    this.#render();
    void i18n.add('access').catch(() => {});
    void this.#ask();
  }

  end() {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#node.remove();
  }

  async #ask() {
    try {
      const { data } = await request('POST', '/pairing', { body: { tipo: this.#kind, ...(this.#branch && /^\d+$/.test(this.#branch) ? { sucursal: Number(this.#branch) } : {}) } });
      this.#code = String(data.codigo);
      this.#secret = data.secreto;
      this.#until = Number(data.vence);
      this.#pause = FIRST_PAUSE;
      this.#turn('showing');
      this.#later(() => this.#claim(), this.#pause);
    } catch (error) {
      this.#failed(error, () => this.#ask());
    }
  }

  async #claim() {
    try {
      const { status } = await request('POST', '/pairing/claim', { body: { secreto: this.#secret } });
      if (this.#ended) return;
      if (status === 201) {
        this.#turn('paired');
        // The cookie is there: a new connection shows it.
        this.#later(() => location.reload(), 600);
        return;
      }
      this.#turn('showing');
      this.#pause = Math.min(this.#pause * 1.2, LONGEST_PAUSE);
      this.#later(() => this.#claim(), this.#pause);
    } catch (error) {
      // The code is over, or the server forgot it: there is another one.
      if (error instanceof Problem && error.status === 404) return void this.#ask();
      this.#failed(error, () => this.#claim());
    }
  }

  /** @param {unknown} error @param {() => void} again */
  #failed(error, again) {
    if (this.#ended) return;
    const problem = error instanceof Problem ? error : new Problem(0, 'offline', '');
    this.#why = problem.detail;
    this.#turn(problem.status === 0 || problem.status >= 500 ? 'offline' : 'refused');
    this.#pause = Math.min(Math.max(this.#pause * 1.6, problem.retryAfter * 1000), 60_000);
    this.#later(again, this.#pause);
  }

  /** Spread, so that the screens of a branch do not all ask at once. @param {() => void} fn @param {number} ms */
  #later(fn, ms) {
    clearTimeout(this.#timer);
    if (!this.#ended) this.#timer = setTimeout(fn, ms * (0.85 + Math.random() * 0.3));
  }

  /** @param {State} state */
  #turn(state) {
    this.#state = state;
    this.#render();
  }

  #render = () => {
    const { t } = { t: this.#i18n.t.bind(this.#i18n) };
    // Before its texts have come it says nothing rather than their names.
    if (!this.#i18n.has('pairing.title.kiosco')) return;
    const { title, text, code, where, state } = this.#rows;
    this.#node.dataset.state = this.#state;
    setText(title, t(`pairing.title.${this.#kind}`));
    setText(text, t('pairing.text'));
    setText(code, this.#code.replace(/^(\d{3})(\d{3})$/, '$1\u2009$2'));
    code.setAttribute('aria-label', [...this.#code].join(' '));
    setText(where, `${location.host}/admin`);
    setText(state, this.#state === 'refused' && this.#why ? this.#why : t(`pairing.state.${this.#state}`));
  };
}
