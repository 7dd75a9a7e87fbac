// Fields and what is wrong with them: labels, hints and refusals are tied together, so that a screen reader tells them too.

import { el, setAttribute, setText } from './dom.js';
import { reasonText } from './reasons.js';
import { nearestPlace, Problem } from './rest.js';

let made = 0;

/** @typedef {HTMLInputElement|HTMLSelectElement|HTMLTextAreaElement} Control */

/**
 * A control with its label, a hint and a place for what is wrong with it.
 * @param {string} label @param {Control} control
 * @param {{hint?: string, place?: string, unit?: string, wide?: boolean, hideLabel?: boolean, after?: Node}} [opts]  place: how the server names it in a refusal
 */
export function field(label, control, { hint, place, unit, wide, hideLabel, after } = {}) {
  control.id ||= `ask-${++made}`;
  const hintId = hint ? `${control.id}-hint` : '';
  if (place) control.dataset.place = place;
  if (hintId) control.setAttribute('aria-describedby', hintId);
  const line = unit || after ? el('span', { class: 'ask-line' }, control, ...(unit ? [el('span', { class: 'unit' }, unit)] : []), ...(after ? [after] : [])) : control;
  return el('div', { class: `ask${wide ? ' wide' : ''}` },
    el('label', { for: control.id, class: hideLabel ? 'visually-hidden' : undefined }, label), line,
    ...(hint ? [el('p', { class: 'ask-hint', id: hintId }, hint)] : []));
}

/** A box to tick with its words beside it. @param {string} label @param {HTMLInputElement} control @param {{hint?: string, place?: string}} [opts] */
export function tick(label, control, { hint, place } = {}) {
  control.id ||= `ask-${++made}`;
  control.type = 'checkbox';
  if (place) control.dataset.place = place;
  if (hint) control.setAttribute('aria-describedby', `${control.id}-hint`);
  return el('div', { class: 'ask tick' }, control, el('label', { for: control.id }, label), ...(hint ? [el('p', { class: 'ask-hint', id: `${control.id}-hint` }, hint)] : []));
}

/** @param {Array<[value: string, text: string]>} options @param {string} value @param {Record<string, any>} [attributes] */
export function choice(options, value, attributes = {}) {
  const select = el('select', attributes, ...options.map(([one, text]) => el('option', { value: one }, text)));
  select.value = value;
  return select;
}

/** Says what is wrong with one control; an empty text takes it back. @param {Element} control @param {string} text */
export function mark(control, text) {
  const id = `${control.id || (control.id = `ask-${++made}`)}-error`;
  const box = control.closest('.ask') ?? control.parentElement;
  let note = document.getElementById(id);
  if (text && !note) {
    note = el('p', { class: 'ask-error', id });
    box?.append(note);
  }
  if (note) {
    setText(note, text);
    note.hidden = !text;
  }
  setAttribute(control, 'aria-invalid', text ? 'true' : null);
  const described = (control.getAttribute('aria-describedby') ?? '').split(' ').filter((one) => one && one !== id);
  setAttribute(control, 'aria-describedby', [...described, ...(text ? [id] : [])].join(' ') || null);
}

/** @param {ParentNode} root */
export function unmark(root) {
  for (const control of root.querySelectorAll('[aria-invalid="true"]')) mark(control, '');
}

/**
 * Shows a refusal at the field that it is about. Where the screen has no such field, it says so.
 * @param {ParentNode} root @param {unknown} error @param {import('./i18n.js').I18n} i18n
 * @returns {boolean} whether there was a field
 */
export function showAtField(root, error, i18n) {
  if (!(error instanceof Problem)) return false;
  const controls = /** @type {HTMLElement[]} */ ([...root.querySelectorAll('[data-place]')]);
  const places = controls.map((one) => one.dataset.place ?? '');
  // Some refusals name their field in the middle of a sentence.
  const place = nearestPlace(error.place, places) ?? meant(error.code, places) ?? (error.status === 422 ? mentioned(error.detail, places) : null);
  const control = controls.find((one) => place && one.dataset.place === place);
  if (!control) return false;
  for (let box = control.closest('details'); box; box = box.parentElement?.closest('details') ?? null) box.open = true;
  mark(control, whyText(error, i18n, place ?? ''));
  control.focus();
  control.scrollIntoView({ block: 'center' });
  return true;
}

/** What the code alone is about. @type {Record<string, RegExp>} */
const MEANT = { login_taken: /(^|\.)acceso$/, weak_password: /(^|\.)(clave|nueva)$/ };

/** @param {string} code @param {readonly string[]} places */
function meant(code, places) {
  const pattern = MEANT[code];
  return (pattern && places.find((place) => pattern.test(place))) ?? null;
}

/** @param {string} detail @param {readonly string[]} places */
function mentioned(detail, places) {
  const words = detail.split(/[\s:`'"«»“”]+/);
  return places.filter((place) => place && words.includes(place)).sort((a, b) => b.length - a.length)[0] ?? null;
}

/** Refusals that the page says with the words that stand beside its fields. */
const OWN_WORDS = new Set(['bad_login', 'login_taken', 'bad_setup_code', 'unknown_pairing']);

/** A refusal in words: the server's own, without the name of the field that it stands at. @param {unknown} error @param {import('./i18n.js').I18n} i18n @param {string} [place] */
export function whyText(error, i18n, place = '') {
  if (!(error instanceof Problem)) return i18n.t('error.unexpected');
  if (error.code === 'too_many_attempts' || error.code === 'rate_limited') {
    if (error.retryAfter) return i18n.t('rest.retry', { n: Math.max(1, Math.ceil(error.retryAfter / 60)) });
  }
  if (OWN_WORDS.has(error.code) && i18n.has(`error.${error.code}`)) return i18n.t(`error.${error.code}`);
  const name = [error.place, place].find((one) => one && error.detail.includes(one));
  const said = name ? error.detail.slice(error.detail.indexOf(name) + name.length).replace(/^[`'"”»:\s]+/, '') : '';
  if (said) return reasonText(said, i18n);
  if (error.detail) return error.detail;
  return i18n.has(`error.${error.code}`) ? i18n.t(`error.${error.code}`) : i18n.t('error.unexpected');
}

/**
 * Sends a form once: while it is on its way the button waits, and a refusal is shown where it belongs.
 * @param {HTMLFormElement} form @param {import('./i18n.js').I18n} i18n @param {() => Promise<unknown>} send
 * @returns {Promise<boolean>} whether it was done
 */
export async function submit(form, i18n, send) {
  if (form.dataset.busy !== undefined) return false;
  form.dataset.busy = '';
  form.setAttribute('aria-busy', 'true');
  unmark(form);
  const general = /** @type {HTMLElement|null} */ (form.querySelector('[data-form-error]'));
  if (general) general.hidden = true;
  try {
    await send();
    return true;
  } catch (error) {
    if (!(error instanceof Problem)) console.error(error);
    if (!showAtField(form, error, i18n) && general) {
      setText(general, whyText(error, i18n));
      general.dataset.code = error instanceof Problem ? error.code : 'unexpected';
      general.hidden = false;
    }
    return false;
  } finally {
    delete form.dataset.busy;
    form.removeAttribute('aria-busy');
  }
}

/** Asks first what the browser itself can see. @param {HTMLFormElement} form @param {import('./i18n.js').I18n} i18n @returns {boolean} whether it may be sent */
export function complete(form, i18n) {
  unmark(form);
  return !markWrong(/** @type {Control[]} */ ([...form.elements].filter((one) => 'validity' in one)), i18n);
}

/** Says at each control what the browser itself finds wrong with it, and leads to the first. @param {Control[]} controls @param {import('./i18n.js').I18n} i18n @returns {boolean} whether there was one */
export function markWrong(controls, i18n) {
  const wrong = controls.filter(({ validity }) => !validity.valid);
  for (const control of wrong) mark(control, wrongText(control, i18n));
  const [first] = wrong;
  for (let box = first?.closest('details'); box; box = box.parentElement?.closest('details') ?? null) box.open = true;
  first?.focus();
  first?.scrollIntoView({ block: 'nearest' });
  return wrong.length > 0;
}

/** @param {Control} control @param {import('./i18n.js').I18n} i18n */
function wrongText({ validity, validationMessage }, i18n) {
  if (validity.customError) return validationMessage;
  if (validity.valueMissing) return i18n.t('form.missing');
  if (validity.tooShort) return i18n.t('form.short');
  if (validity.rangeUnderflow || validity.rangeOverflow || validity.stepMismatch || validity.badInput) return i18n.t('form.range');
  return i18n.t('form.wrong');
}

/** A password that is hard to guess and can be read out: no letters that look alike. */
export function newPassword() {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const bytes = crypto.getRandomValues(new Uint8Array(60)).filter((byte) => byte < 256 - (256 % letters.length)).slice(0, 16);
  return Array.from(bytes, (byte) => letters[byte % letters.length]).join('').replace(/(.{4})(?=.)/g, '$1-');
}
