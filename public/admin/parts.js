// What the sections are built from: headings, cards, tables, icons, fields that are tied to a setting.

import { el } from '../lib/dom.js';
import { choice, field, mark, tick } from '../lib/forms.js';
import { slugOf } from './draft.js';

/** @typedef {import('./admin.js').Admin} Admin */

const SVG = 'http://www.w3.org/2000/svg';

/** Strokes on a field of 24 × 24. */
const ICONS = /** @type {Record<string, string>} */ ({
  live: 'M3 12h4l3-8 4 16 3-8h4', messages: 'M4 5h16v11H10l-5 4v-4H4z', figures: 'M4 20V10M10 20V4M16 20v-7M21 20H3', audit: 'M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h3',
  office: 'M4 21V8l8-5 8 5v13M9 21v-6h6v6', services: 'M4 6h16M4 12h16M4 18h10', desks: 'M3 10h18M5 10v9M19 10v9M9 10V5h6v5', hours: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.500 2',
  policy: 'M5 7h10M5 12h14M5 17h7M18 5l3 2-3 2', users: 'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21a7 7 0 0 1 14 0M16 4a4 4 0 0 1 0 7M18 14a7 7 0 0 1 4 7',
  devices: 'M3 4h18v12H3zM9 20h6M12 16v4', hooks: 'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-6l-1.500 1.500M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 6 6L12.500 17', branches: 'M12 21s-7-6.500-7-11a7 7 0 0 1 14 0c0 4.500-7 11-7 11zM12 12a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
  plus: 'M12 5v14M5 12h14', up: 'M6 15l6-6 6 6', down: 'M6 9l6 6 6-6', remove: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13', download: 'M12 4v11M7 11l5 5 5-5M5 20h14', edit: 'M4 20h4L19 9l-4-4L4 16z',
  menu: 'M4 6h16M4 12h16M4 18h16', copy: 'M9 9h11v11H9zM5 15H4V4h11v1', refresh: 'M20 11a8 8 0 1 0-2 6M20 4v7h-7',
});

/** @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name] ?? '');
  svg.append(path);
  return svg;
}

/** @param {string} title @param {string} lead @param {...Node} actions */
export function heading(title, lead, ...actions) {
  return el('header', { class: 'section-head' }, el('div', {}, el('h1', { tabindex: -1 }, title), ...(lead ? [el('p', {}, lead)] : [])), ...(actions.length ? [el('div', { class: 'row' }, ...actions)] : []));
}

/** @param {string} title @param {{text?: string, actions?: Node[], id?: string}} about @param {...(Node|string)} children */
export function card(title, { text, actions = [], id }, ...children) {
  return el('section', { class: 'card', 'data-card': id }, ...(title ? [el('div', { class: 'card-head' }, el('div', {}, el('h2', {}, title), ...(text ? [el('p', {}, text)] : [])), ...(actions.length ? [el('div', { class: 'row' }, ...actions)] : []))] : []), ...children);
}

/** @param {string} text @param {Record<string, any>} [attributes]  `icon` is drawn before the text; `onclick` and the like */
export function button(text, { icon: name, class: kind = '', ...attributes } = {}) {
  return el('button', { type: 'button', class: `btn ${kind}`.trim(), ...attributes }, ...(name ? [icon(name)] : []), el('span', {}, text));
}

/** A button that is only its picture: its name is told. @param {string} name @param {string} label @param {Record<string, any>} attributes */
export function iconButton(name, label, { class: kind = '', ...attributes }) {
  return el('button', { type: 'button', class: `btn plain icon ${kind}`.trim(), 'aria-label': label, title: label, ...attributes }, icon(name));
}

/** @param {string} text @param {...Node} actions */
export function empty(text, ...actions) {
  return el('div', { class: 'empty' }, el('p', {}, text), ...actions);
}

/**
 * @template T
 * @param {string} caption  read out, not shown
 * @param {Array<{title: string, cell: (row: T) => Node|string|number, kind?: string}>} columns  kind: `number`, `main`, `actions`
 * @param {T[]} rows @param {(node: HTMLElement, row: T) => void} [dress]
 */
export function table(caption, columns, rows, dress = () => {}) {
  return el('div', { class: 'table-frame', role: 'region', 'aria-label': caption, tabindex: 0 }, el('table', {}, el('caption', { class: 'visually-hidden' }, caption),
    el('thead', {}, el('tr', {}, ...columns.map(({ title, kind }) => el('th', { scope: 'col', class: kind }, ...(kind === 'actions' ? [el('span', { class: 'visually-hidden' }, title)] : [title]))))),
    el('tbody', {}, ...rows.map((row) => {
      const node = el('tr', {}, ...columns.map(({ title, cell, kind }) => {
        const content = cell(row);
        return el(kind === 'main' ? 'th' : 'td', { class: kind, ...(kind === 'main' ? { scope: 'row' } : {}), 'data-title': kind === 'actions' || kind === 'main' ? undefined : title }, typeof content === 'number' ? String(content) : content);
      }));
      dress(node, row);
      return node;
    }))));
}

/**
 * A text field that is a setting.
 * @param {Admin} admin @param {string} place @param {string} label
 * @param {{hint?: string, required?: boolean, max?: number, wide?: boolean, hideLabel?: boolean, list?: string, transform?: (text: string) => string, onset?: (text: string) => void, [attribute: string]: any}} [opts]
 */
export function textSetting(admin, place, label, { hint, max = 200, wide, hideLabel, transform = (text) => text, onset = () => {}, ...attributes } = {}) {
  const control = el('input', { maxlength: max, autocomplete: 'off', ...attributes, oninput: () => {
    admin.settings.set(place, transform(control.value));
    mark(control, '');
    onset(control.value);
  } });
  control.value = admin.settings.at(place) ?? '';
  return field(label, control, { hint, place, wide, hideLabel });
}

/**
 * A number that is a setting; `scale` is how many of its units one of the shown is (60000: minutes of milliseconds).
 * @param {Admin} admin @param {string} place @param {string} label
 * @param {{unit?: string, hint?: string, scale?: number, min?: number, max?: number, otherwise?: number|null, optional?: boolean, step?: number|string}} [opts]
 */
export function numberSetting(admin, place, label, { unit, hint, scale = 1, min = 0, max, otherwise = null, optional, step = 1 } = {}) {
  const control = el('input', { type: 'number', inputmode: 'decimal', min, max, step, required: !optional, oninput: () => {
    if (control.value === '' && optional) admin.settings.set(place, null);
    else if (control.validity.valid) admin.settings.set(place, Math.round(Number(control.value) * scale));
    mark(control, control.validity.valid ? '' : admin.t('form.range'));
  } });
  const value = admin.settings.at(place) ?? otherwise;
  control.value = value === null || value === undefined ? '' : String(Number((value / scale).toFixed(3)));
  return field(label, control, { unit, hint, place });
}

/** @param {Admin} admin @param {string} place @param {string} label @param {{hint?: string, otherwise?: boolean, onset?: () => void}} [opts] */
export function tickSetting(admin, place, label, { hint, otherwise = false, onset = () => {} } = {}) {
  const control = el('input', { onchange: () => {
    admin.settings.set(place, control.checked);
    onset();
  } });
  control.checked = admin.settings.at(place) ?? otherwise;
  return tick(label, control, { hint, place });
}

/** @param {Admin} admin @param {string} place @param {string} label @param {Array<[string, string]>} options @param {{hint?: string, otherwise?: string, read?: (value: any) => string, write?: (value: string) => any, onset?: () => void}} [opts] */
export function choiceSetting(admin, place, label, options, { hint, otherwise = '', read = (value) => value ?? otherwise, write = (value) => value, onset = () => {} } = {}) {
  const control = choice(options, read(admin.settings.at(place)), { onchange: () => {
    admin.settings.set(place, write(control.value));
    onset();
  } });
  return field(label, control, { hint, place });
}

/**
 * A name in both languages. What is not said in the second one is as in the first.
 * @param {Admin} admin @param {string} place @param {string} label @param {(name: string) => void} [onset]
 */
export function nameSetting(admin, place, label, onset = () => {}) {
  const { settings, i18n, t } = admin;
  const first = settings.mine.languages?.[0] ?? 'es';
  const langs = [first, ...i18n.offered.filter((lang) => lang !== first)];
  const inputs = langs.map((lang, at) => {
    const control = el('input', { maxlength: 200, required: at === 0, lang, autocomplete: 'off', oninput: () => {
      const name = { ...settings.at(place) };
      for (const other of langs) if (at === 0 && (!name[other] || name[other] === name[first])) name[other] = control.value;
      name[lang] = control.value || (at ? name[first] : '');
      settings.set(place, name);
      if (at === 0) inputs.slice(1).forEach((input, more) => input.value === '' && (input.placeholder = control.value || t(`lang.${langs[more + 1]}`)));
      mark(control, '');
      onset(control.value);
    } });
    const value = settings.at(`${place}.${lang}`) ?? '';
    control.value = at > 0 && value === settings.at(`${place}.${first}`) ? '' : value;
    if (at > 0) control.placeholder = settings.at(`${place}.${first}`) ?? '';
    return control;
  });
  return el('div', { class: 'names' }, ...inputs.map((control, at) => field(`${label} · ${t(`lang.${langs[at]}`)}`, control, { place: `${place}.${langs[at]}` })));
}

/**
 * Until it is saved for the first time the short name of something in a list is that of its name.
 * @param {Admin} admin @param {string} place  of the list @param {number} at @returns {(name: string) => void}
 */
export function slugFollows({ settings }, place, at) {
  const own = settings.at(place)[at];
  const isNew = !(settings.base[place] ?? []).some((/** @type {any} */ one) => one.slug === own.slug);
  const given = own.slug;
  return (name) => {
    if (!isNew) return;
    const others = settings.at(place).filter((/** @type {any} */ _, /** @type {number} */ other) => other !== at).map((/** @type {any} */ one) => one.slug);
    settings.set(`${place}[${at}].slug`, name.trim() ? slugOf(name, others) : given);
  };
}

/**
 * A list of words that people choose from: outcomes, reasons.
 * @param {Admin} admin @param {string} place @param {string} add @param {() => void} redraw
 */
export function wordsSetting(admin, place, add, redraw) {
  const { settings, t } = admin;
  const words = settings.at(place) ?? [];
  return el('div', { class: 'words', 'data-words': place }, ...words.map((/** @type {any} */ word, /** @type {number} */ at) => el('div', { class: 'word' },
    nameSetting(admin, `${place}[${at}].name`, t('admin.name'), slugFollows(admin, place, at)), iconButton('remove', t('admin.remove', { name: admin.name(word.name) }), { class: 'danger', onclick: () => {
      admin.takeAway(place, at);
      redraw();
    } }))), el('div', {}, button(add, { icon: 'plus', 'data-add': place, onclick: () => {
      const taken = words.map((/** @type {any} */ word) => word.slug);
      settings.set(place, [...words, { slug: slugOf(`${place}-${words.length + 1}`, taken), name: { es: '', en: '' } }]);
      redraw();
      /** @type {HTMLElement|undefined} */ ([...document.querySelectorAll(`[data-words="${place}"] .word`)].at(-1)?.querySelector('input') ?? undefined)?.focus();
    } })));
}
