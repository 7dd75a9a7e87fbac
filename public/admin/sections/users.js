// Who may sign in, and what for: everywhere or branch by branch.

import { el, setText } from '../../lib/dom.js';
import { choice, complete, field, mark, newPassword, submit, tick } from '../../lib/forms.js';
import { Once, post, put, remove, request } from '../../lib/rest.js';
import { mayIn } from '../../lib/session.js';
import { openWindow, sure } from '../../lib/window.js';
import { button, empty, heading, table } from '../parts.js';

/** @typedef {import('../admin.js').Admin} Admin */
/** @typedef {import('../../lib/session.js').Role} Role */
/** @typedef {{id: string, nombre: string, rol: Role, acceso?: string|null, sucursales?: Record<string, Role>|null, activo?: boolean, creado?: number}} User */

/** @type {Role[]} */
const ROLES = ['agente', 'supervisor', 'admin'];

/** @param {Admin} admin */
export async function build(admin) {
  const { t } = admin;
  admin.forgetUsers();
  const users = /** @type {User[]} */ (await admin.users());
  const frame = el('div', {});
  const search = el('input', { type: 'search', autocomplete: 'off', placeholder: t('users.search'), oninput: () => draw() });
  search.value = admin.params.busca ?? '';
  const draw = () => {
    const wish = plain(search.value);
    const found = users.filter((user) => !wish || plain(`${user.nombre} ${user.acceso ?? ''}`).includes(wish)).sort((a, b) => Number(b.activo ?? true) - Number(a.activo ?? true) || a.nombre.localeCompare(b.nombre, admin.i18n.lang));
    frame.replaceChildren(found.length ? list(admin, found) : empty(t(users.length ? 'users.notFound' : 'users.none')));
  };
  draw();
  return [
    heading(t('section.users'), t('users.lead'), button(t('users.add'), { icon: 'plus', class: 'main', 'data-do': 'add-user', onclick: () => edit(admin, null) })),
    el('div', { class: 'filters' }, field(t('users.search'), search, { hideLabel: true })), frame,
  ];
}

/** @param {string} text */
function plain(text) {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();
}

/** @param {Admin} admin @param {User[]} users */
function list(admin, users) {
  const { t } = admin;
  const self = admin.session.usuario?.id;
  return table(t('section.users'), [
    { title: t('admin.name'), kind: 'main', cell: (user) => el('span', {}, user.nombre, ...(user.id === self ? [el('span', { class: 'tag' }, t('users.you'))] : []), ...(user.activo === false ? [el('span', { class: 'tag care' }, t('users.disabled'))] : [])) },
    { title: t('login.name'), cell: (user) => user.acceso || el('span', { class: 'quiet' }, t('users.noLogin')) },
    { title: t('users.role'), cell: (user) => grants(admin, user) },
    { title: t('admin.actions'), kind: 'actions', cell: (user) => button(t('admin.edit'), { icon: 'edit', class: 'small', 'data-user': user.id, 'aria-label': t('admin.edit.of', { name: user.nombre }), onclick: () => edit(admin, user) }) },
  ], users, (row, user) => row.classList.toggle('off', user.activo === false));
}

/** @param {Admin} admin @param {User} user */
function grants(admin, user) {
  const { t, session } = admin;
  if (!user.sucursales) return `${t(`role.${user.rol}`)} · ${t('users.everywhere')}`;
  return Object.entries(user.sucursales).map(([branch, role]) => `${session.sucursales.find(({ id }) => String(id) === branch)?.nombre ?? branch}: ${t(`role.${role}`)}`).join(' · ') || t('users.nowhere');
}

/** @param {Admin} admin @param {User|null} user  null: a new one */
function edit(admin, user) {
  const { t, i18n, session } = admin;
  const once = new Once();
  const name = el('input', { required: true, maxlength: 100, autocomplete: 'off' });
  const login = el('input', { maxlength: 64, pattern: '[A-Za-z0-9._@\\-]+', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' });
  const active = el('input', {});
  const password = el('input', { type: 'text', minlength: 10, maxlength: 200, autocomplete: 'off', spellcheck: 'false' });
  [name.value, login.value, active.checked] = [user?.nombre ?? '', user?.acceso ?? '', user?.activo ?? true];
  const where = roles(admin, user);
  const before = () => JSON.stringify([name.value, login.value, password.value, active.checked, where.value()]);
  const self = user !== null && user.id === session.usuario?.id;
  const form = el('form', { class: 'body', novalidate: true, onsubmit: async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!complete(form, i18n)) return;
    if (password.value && !login.value.trim()) {
      mark(login, t('users.needsLogin'));
      return login.focus();
    }
    const value = where.value();
    if (value.sucursales && !Object.keys(value.sucursales).length) {
      const first = /** @type {HTMLElement} */ (where.node.querySelector('.asks select'));
      mark(first, t('users.oneBranch'));
      return first.focus();
    }
    const body = { nombre: name.value.trim(), acceso: login.value.trim() || null, activo: active.checked, ...value };
    const done = await submit(form, i18n, async () => {
      if (user) {
        await put(`/users/${user.id}`, body);
        if (password.value) await request('PUT', `/users/${user.id}/password`, { body: { nueva: password.value } });
      } else {
        const sent = { ...body, ...(password.value ? { clave: password.value } : {}) };
        await post('/users', sent, { key: once.keyFor(sent) });
      }
    });
    if (!done) return;
    first = before();
    window.shut();
    admin.forgetUsers();
    await admin.redraw();
    const enters = Boolean(body.acceso && password.value);
    admin.say(user ? t('admin.saved') : enters ? t('users.added', { name: body.nombre }) : t('users.addedOnly', { name: body.nombre }));
  } },
  el('p', { class: 'note bad', role: 'alert', 'data-form-error': '', hidden: true }),
  field(t('admin.name'), name, { place: 'nombre' }),
  field(t('login.name'), login, { place: 'acceso', hint: t('users.login.hint') }),
  field(t(user ? 'users.newPassword' : 'login.password'), password, { place: user ? 'nueva' : 'clave', hint: t(user ? 'users.newPassword.hint' : 'account.password.hint'), after: button(t('users.generate'), { class: 'small', 'data-do': 'generate', onclick: () => {
      password.value = newPassword();
      mark(password, '');
    } }) }),
  where.node,
  ...(user ? [tick(t('users.active'), active, { place: 'activo', hint: t('users.active.hint') })] : []),
  el('div', { class: 'foot' }, ...(user && !self ? [button(t('users.delete'), { class: 'plain danger', 'data-do': 'delete-user', onclick: async () => {
    if (!(await sure({ title: t('users.delete.title', { name: user.nombre }), text: t('users.delete.text'), yes: t('users.delete'), no: t('admin.cancel') }))) return;
    if (!(await submit(form, i18n, () => remove(`/users/${user.id}`)))) return;
    first = before();
    window.shut();
    admin.forgetUsers();
    await admin.redraw();
    admin.say(t('users.deleted', { name: user.nombre }));
  } })] : []), el('button', { type: 'submit', class: 'btn main' }, t('admin.save'))));
  let first = before();
  const window = openWindow({ name: 'user', title: user ? user.nombre : t('users.add'), close: t('window.close'), keep: () => (before() === first ? '' : t('admin.lose')) }, form);
}

/** Everywhere with one role, or a role in each branch. @param {Admin} admin @param {User|null} user */
function roles(admin, user) {
  const { t, session } = admin;
  const options = /** @type {Array<[string, string]>} */ (ROLES.map((role) => [role, t(`role.${role}`)]));
  const everywhere = el('input', { type: 'radio', name: 'where', value: 'all', onchange: () => draw() });
  const some = el('input', { type: 'radio', name: 'where', value: 'some', onchange: () => draw() });
  // Who administers one branch gives roles in it alone.
  const global = session.quien === 'demostracion' || session.usuario?.rol === 'admin' || mayIn(session, admin.branch.id, 'admin');
  everywhere.checked = !user?.sucursales;
  some.checked = !everywhere.checked;
  everywhere.disabled = !global;
  const role = choice(options, user?.rol ?? 'agente', { name: 'rol' });
  const each = session.sucursales.map(({ id, nombre }) => ({ id, nombre, control: choice([['', t('users.nothing')], ...options], user?.sucursales?.[id] ?? '') }));
  const whole = field(t('users.role'), role, { place: 'rol' });
  const hint = el('p', { class: 'ask-hint' });
  const say = () => setText(hint, t(`role.${role.value}.text`));
  role.addEventListener('change', say);
  say();
  const parts = el('div', { class: 'asks', 'data-place': 'sucursales' }, ...each.map(({ nombre, control }) => field(nombre, control)));
  const draw = () => {
    whole.hidden = hint.hidden = !everywhere.checked;
    parts.hidden = everywhere.checked;
  };
  draw();
  const node = el('fieldset', { class: 'plain-set' }, el('legend', {}, t('users.where')), el('div', { class: 'row' }, el('label', { class: 'radio' }, everywhere, t('users.everywhere')), el('label', { class: 'radio' }, some, t('users.some'))), whole, hint, parts);
  return { node, value: () => {
    if (everywhere.checked) return { rol: role.value, sucursales: null };
    const given = Object.fromEntries(each.flatMap(({ id, control }) => (control.value ? [[String(id), control.value]] : [])));
    const highest = ROLES.filter((one) => Object.values(given).includes(one)).at(-1) ?? 'agente';
    return { rol: highest, sucursales: given };
  } };
}
