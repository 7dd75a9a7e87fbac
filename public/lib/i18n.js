// Texts of the pages in the reader's language. Elements name their text: `data-i18n` (text), `data-i18n-label` (aria-label),
// `data-i18n-placeholder`. Texts are set as text, never as markup.

import { recall, remember } from './kept.js';

export const LANGUAGES = Object.freeze(['es', 'en']);
const SAVED = 'siguiente.idioma';

/** How each language is called by those who speak it. */
export const ENDONYMS = Object.freeze(/** @type {Record<string, string>} */ ({ es: 'Español', en: 'English' }));

/** @typedef {Record<string, string>} Messages */

/**
 * The address, then the saved choice, then the branch's first language, then the browser's; Spanish when none of them is spoken here.
 * @param {{address?: string|null, saved?: string|null, branch?: string|undefined, browser?: readonly string[]}} wishes
 */
export function pickLanguage({ address, saved, branch, browser = [] }) {
  const wishes = [address, saved, branch, ...browser].map((wish) => wish?.slice(0, 2).toLowerCase());
  return wishes.find((wish) => wish && LANGUAGES.includes(wish)) ?? 'es';
}

/** @param {Record<string, string>|string|undefined} name  a name in several languages @param {string} lang */
export function nameIn(name, lang) {
  if (typeof name === 'string') return name;
  return name?.[lang] || Object.values(name ?? {})[0] || '';
}

/**
 * @param {Messages} messages @param {string} lang @param {string} key
 * @param {Record<string, string|number>} [params]  fill `{name}`; with `n` the key's plural form is taken
 */
export function translate(messages, lang, key, params = {}) {
  const form = typeof params.n === 'number' ? `${key}.${new Intl.PluralRules(lang).select(params.n)}` : key;
  const text = messages[form] ?? messages[`${key}.other`] ?? messages[key];
  return text === undefined ? key : text.replace(/\{(\w+)\}/g, (_, name) => format(params[name], lang));
}

/** @param {string|number|undefined} value @param {string} lang */
function format(value, lang) {
  return typeof value === 'number' ? new Intl.NumberFormat(lang).format(value) : (value ?? '');
}

export class I18n {
  lang;
  #wishes;
  /** @type {Record<string, Messages>} */ #messages = {};
  /** @type {Set<() => void>} */ #listeners = new Set();
  /** The languages that can be chosen here. @type {readonly string[]} */ offered = LANGUAGES;

  /** @param {{remember?: boolean}} [opts]  remember: a choice is kept for the next visit; a kiosk has no next visit of the same person */
  constructor({ remember = true } = {}) {
    const query = new URLSearchParams(location.search);
    this.remember = remember;
    this.#wishes = {
      address: query.get('lang') ?? query.get('idioma'), saved: remember ? recall(SAVED) : null,
      /** @type {string|undefined} */ branch: undefined, browser: navigator.languages,
    };
    this.lang = pickLanguage(this.#wishes);
  }

  /** @param {...string} parts  texts beyond those that every page needs: `admin` is in `admin.es.json` */
  async load(...parts) {
    await Promise.all(['', ...parts].map((part) => this.#fetch(part)));
    this.#show();
    return this;
  }

  /** Later, what only some screens need. @param {string} part */
  async add(part) {
    await this.#fetch(part);
    this.#show();
  }

  /** @param {string} part */
  async #fetch(part) {
    await Promise.all(LANGUAGES.map(async (lang) => {
      const texts = await (await fetch(`/i18n/${part && `${part}.`}${lang}.json`)).json();
      this.#messages[lang] = { ...this.#messages[lang], ...texts };
    }));
  }

  /** @param {string} key @param {Record<string, string|number>} [params] */
  t(key, params) {
    return translate(this.#messages[this.lang] ?? {}, this.lang, key, params);
  }

  /** @param {string} lang @param {string} key @param {Record<string, string|number>} [params] */
  tIn(lang, key, params) {
    return translate(this.#messages[lang] ?? {}, lang, key, params);
  }

  /** @param {string} key */
  has(key) {
    return this.#messages[this.lang]?.[key] !== undefined;
  }

  /** @param {() => void} fn  called after each change of language */
  onChange(fn) {
    this.#listeners.add(fn);
  }

  /** @param {string} lang  somebody's choice */
  choose(lang) {
    if (this.remember) {
      remember(SAVED, lang);
      this.#wishes.address = this.#wishes.saved = lang;
    }
    this.#turn(lang);
  }

  /** Back to what the place speaks. */
  reset() {
    this.#turn(pickLanguage(this.#wishes));
  }

  /** @param {readonly string[]} languages  of the branch, its own first */
  branch(languages) {
    const offered = languages.filter((lang) => LANGUAGES.includes(lang));
    if (offered.join() === this.offered.join() && this.#wishes.branch === languages[0]) return;
    this.offered = offered.length ? offered : LANGUAGES;
    this.#wishes.branch = languages[0];
    this.lang = pickLanguage(this.#wishes);
    this.#show();
  }

  /** @param {string} lang */
  #turn(lang) {
    if (lang === this.lang) return;
    this.lang = lang;
    this.#show();
  }

  #show() {
    document.documentElement.lang = this.lang;
    this.apply(document);
    document.documentElement.dataset.ready = '';
    for (const fn of this.#listeners) fn();
  }

  /** @param {ParentNode} root */
  apply(root) {
    for (const [attribute, set] of /** @type {Array<[string, (node: HTMLElement, text: string) => void]>} */ ([
      ['i18n', (node, text) => void (node.textContent = text)],
      ['i18nLabel', (node, text) => node.setAttribute('aria-label', text)],
      ['i18nPlaceholder', (node, text) => node.setAttribute('placeholder', text)],
    ])) {
      const selector = `[data-${attribute.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}]`;
      for (const node of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(selector))) {
        set(node, this.t(/** @type {string} */ (node.dataset[attribute])));
      }
    }
  }
}
