// The branches, and another one: as this one is, with a name of its own, or from the beginning.

import { el } from '../../lib/dom.js';
import { choice, complete, field, submit } from '../../lib/forms.js';
import { get, Once, post } from '../../lib/rest.js';
import { branchesFor } from '../../lib/session.js';
import { openWindow } from '../../lib/window.js';
import { timeZones } from '../../setup/office.js';
import { button, card, heading } from '../parts.js';

/** @typedef {import('../admin.js').Admin} Admin */

/** @param {Admin} admin */
export async function build(admin) {
  const { t, session } = admin;
  const everywhere = session.quien === 'demostracion' || (session.usuario?.rol === 'admin' && branchesFor(session, 'admin').length === session.sucursales.length);
  const { sucursales } = /** @type {{sucursales: Array<{id: number, nombre: string}>}} */ (await get('/branches'));
  const own = branchesFor(session, 'supervisor').map(({ id }) => id);
  return [
    heading(t('section.branches'), t('branches.lead'), ...(everywhere ? [button(t('branches.add'), { icon: 'plus', class: 'main', 'data-do': 'add-branch', onclick: () => add(admin, sucursales) })] : [])),
    el('ul', { class: 'branches' }, ...sucursales.map(({ id, nombre }) => el('li', {}, card('', {}, el('div', { class: 'branch' }, el('span', { class: 'badge plain' }, String(id)), el('strong', {}, nombre), ...(id === admin.branch.id ? [el('span', { class: 'tag' }, t('branches.here'))] : [])),
      el('div', { class: 'row' }, ...(own.includes(id) && id !== admin.branch.id ? [el('a', { class: 'btn small main', href: `/admin?sucursal=${id}#office`, 'data-branch-link': id }, t('branches.open'))] : []),
        el('a', { class: 'btn small', href: `/kiosk?sucursal=${id}` }, t('home.kiosk')), el('a', { class: 'btn small', href: `/display?sucursal=${id}` }, t('home.display')), el('a', { class: 'btn small', href: `/desk?sucursal=${id}` }, t('home.desk'))))))),
  ];
}

/** @param {Admin} admin @param {Array<{id: number, nombre: string}>} branches */
function add(admin, branches) {
  const { t, i18n } = admin;
  const once = new Once();
  const name = el('input', { required: true, maxlength: 200, autocomplete: 'off' });
  const zone = choice(timeZones('UTC').map((one) => [one, one.replaceAll('_', ' ')]), Intl.DateTimeFormat().resolvedOptions().timeZone);
  const like = choice(branches.map(({ id, nombre }) => [String(id), nombre]), String(admin.branch.id));
  const form = el('form', { class: 'body', novalidate: true, onsubmit: async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!complete(form, i18n)) return;
    /** @type {{id: number, name?: string}|undefined} */ let made;
    const done = await submit(form, i18n, async () => {
      const { id: _, ...settings } = await get(`/branches/${like.value}`);
      const body = { ...settings, name: name.value.trim(), time_zone: zone.value };
      made = await post('/branches', body, { key: once.keyFor(body) });
    });
    if (done && made) location.assign(`/admin?sucursal=${made.id}#office`);
  } }, el('p', { class: 'note bad', role: 'alert', 'data-form-error': '', hidden: true }), field(t('office.name'), name, { place: 'name' }), field(t('setup.zone'), zone, { place: 'time_zone' }), field(t('branches.like'), like, { hint: t('branches.like.hint') }),
  el('div', { class: 'foot' }, el('button', { type: 'submit', class: 'btn main' }, t('branches.add'))));
  openWindow({ name: 'branch', title: t('branches.add'), text: t('branches.add.text'), close: t('window.close'), keep: () => (name.value ? t('admin.lose') : '') }, form);
}
