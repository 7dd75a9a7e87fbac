// One's own account on any page: who is signed in, change of password, where else one is signed in, sign-out.
// For tests: `[data-account]` holds the button; the window is `[data-window="account"]`.

import { el, setText } from './dom.js';
import { complete, field, mark, submit, whyText } from './forms.js';
import { changePassword, endSignIn, goToLogin, signIns, signOut } from './session.js';
import { clock, date } from './time.js';
import { openWindow } from './window.js';

/** @typedef {import('./session.js').Session} Session */

/** @param {string} name @returns {string} two letters at most */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...(word ?? '')][0]?.toLocaleUpperCase() ?? '').join('');
}

/**
 * Puts the button for it in a place. In the demonstration nobody is signed in: there is nothing to show.
 * @param {HTMLElement} place @param {import('./i18n.js').I18n} i18n @param {Session} session
 */
export function accountButton(place, i18n, session) {
  const { usuario } = session;
  place.hidden = !usuario;
  if (!usuario) return;
  const what = el('span', { class: 'visually-hidden' });
  const button = el('button', { type: 'button', class: 'account-button', 'aria-haspopup': 'dialog', onclick: () => openAccount(i18n, session) },
    el('span', { class: 'initials', 'aria-hidden': 'true' }, initials(usuario.nombre)), what, el('span', { class: 'account-name' }, usuario.nombre));
  const label = () => setText(what, i18n.t('account.title'));
  label();
  i18n.onChange(label);
  place.replaceChildren(button);
}

/** @param {import('./i18n.js').I18n} i18n @param {Session} session */
function openAccount(i18n, session) {
  const { usuario } = session;
  if (!usuario) return;
  const t = i18n.t.bind(i18n);
  const failed = el('p', { class: 'note bad', role: 'alert', hidden: true });
  const list = el('div', { class: 'list' });
  const sessions = el('details', { class: 'account-part', ontoggle: () => sessions.open && void fill() }, el('summary', {}, t('account.sessions')), list);
  const leave = el('button', { type: 'button', class: 'btn danger', 'data-do': 'sign-out', onclick: async () => {
    try {
      await signOut();
      goToLogin();
    } catch (error) {
      fail(error);
    }
  } }, t('account.leave'));
  const where = session.sucursales.length > 0 && location.pathname !== '/admin' && session.sucursales.some(({ rol }) => rol !== 'agente')
    ? [el('a', { class: 'btn', href: '/admin' }, t('account.admin'))] : location.pathname === '/admin' ? [el('a', { class: 'btn', href: '/desk' }, t('account.desk'))] : [];
  openWindow({ name: 'account', title: t('account.title'), close: t('window.close') },
    el('div', { class: 'account-head' }, el('span', { class: 'initials', 'aria-hidden': 'true' }, initials(usuario.nombre)),
      el('div', {}, el('strong', {}, usuario.nombre), el('p', {}, [usuario.acceso, t(`role.${usuario.rol}`)].filter(Boolean).join(' · ')))),
    failed, password(i18n, usuario.acceso ?? ''), sessions, el('div', { class: 'foot' }, ...where, leave));

  /** @param {unknown} error */
  function fail(error) {
    setText(failed, whyText(error, i18n));
    failed.hidden = false;
  }

  async function fill() {
    try {
      const found = await signIns();
      list.replaceChildren(...found.map((one) => el('div', { class: 'sign-in' },
        el('strong', {}, browserOf(one.agente) || t('account.program'), ...(one.actual ? [el('span', { class: 'tag' }, t('account.here'))] : [])),
        el('p', {}, t('account.used', { date: date(one.usada, i18n.lang), time: clock(one.usada, i18n.lang), address: one.direccion ?? '?' })),
        ...(one.actual ? [] : [el('button', { type: 'button', class: 'btn small', 'data-end': one.id, onclick: async () => {
          try {
            await endSignIn(one.id);
            await fill();
          } catch (error) {
            fail(error);
          }
        } }, t('account.end'))]))));
    } catch (error) {
      fail(error);
    }
  }
}

/** @param {import('./i18n.js').I18n} i18n @param {string} login */
function password(i18n, login) {
  const t = i18n.t.bind(i18n);
  const ask = (/** @type {Record<string, any>} */ more) => el('input', { type: 'password', required: true, maxlength: 200, ...more });
  const [old, wanted, again] = [ask({ autocomplete: 'current-password' }), ask({ autocomplete: 'new-password', minlength: 10 }), ask({ autocomplete: 'new-password' })];
  const done = el('p', { class: 'note good', role: 'status', hidden: true }, t('account.changed'));
  // The name tells a password manager whose password it is.
  const name = el('input', { type: 'text', autocomplete: 'username', readonly: true, hidden: true });
  name.value = login;
  const form = el('form', { novalidate: true, onsubmit: async (/** @type {Event} */ event) => {
    event.preventDefault();
    done.hidden = true;
    if (!complete(form, i18n)) return;
    if (wanted.value !== again.value) {
      mark(again, t('account.differ'));
      return again.focus();
    }
    if (!(await submit(form, i18n, () => changePassword(old.value, wanted.value)))) return;
    form.reset();
    name.value = login;
    done.hidden = false;
  } }, el('p', { class: 'note bad', role: 'alert', 'data-form-error': '', hidden: true }), name, field(t('account.old'), old, { place: 'actual' }), field(t('account.new'), wanted, { place: 'nueva', hint: t('account.password.hint') }),
  field(t('account.again'), again), el('button', { type: 'submit', class: 'btn main' }, t('account.change')), done);
  return el('details', { class: 'account-part' }, el('summary', {}, t('account.password')), form);
}

/** What a browser calls itself, in short: name and system. @param {string|null} agent @returns {string} */
export function browserOf(agent) {
  if (!agent) return '';
  const browser = [['Edg/', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']].find(([sign = '']) => agent.includes(sign))?.[1];
  const system = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'], ['Mac OS', 'macOS'], ['CrOS', 'ChromeOS'], ['Linux', 'Linux']].find(([sign = '']) => agent.includes(sign))?.[1];
  return [browser ?? agent.slice(0, 40), system].filter(Boolean).join(' · ');
}
