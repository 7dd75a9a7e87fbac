// Kiosks and displays: pairs them by the code that they show, names and revokes them.

import { el } from '../../lib/dom.js';
import { complete, field, submit } from '../../lib/forms.js';
import { get, Once, post, put, remove } from '../../lib/rest.js';
import { openWindow, sure } from '../../lib/window.js';
import { momentText } from '../days.js';
import { button, card, empty, heading, table } from '../parts.js';

/** @typedef {import('../admin.js').Admin} Admin */
/** @typedef {{id: string, nombre: string, tipo: 'kiosco'|'pantalla', sucursal: number, creado: number, visto: number|null, conectado: boolean}} Device */

const EVERY = 15_000;

/** @param {Admin} admin @param {AbortSignal} signal */
export async function build(admin, signal) {
  const { t } = admin;
  const frame = el('div', {});
  const load = async () => {
    /** @type {Device[]} */ const devices = (await get(`/devices?sucursal=${admin.branch.id}`, { signal })).dispositivos;
    if (!signal.aborted) frame.replaceChildren(devices.length ? list(admin, devices, () => admin.attempt(load)) : empty(t('devices.none')));
  };
  await load();
  // Who is connected changes by itself. Somebody who stands in the list is not moved.
  const timer = setInterval(() => document.hidden || frame.contains(document.activeElement) || document.querySelector('dialog[open]') || void load().catch(() => {}), EVERY);
  signal.addEventListener('abort', () => clearInterval(timer));
  return [heading(t('section.devices'), t('devices.lead')), pair(admin, load), frame];
}

/** @param {Admin} admin @param {() => Promise<void>} load */
function pair(admin, load) {
  const { t, i18n } = admin;
  const once = new Once();
  const code = el('input', { required: true, inputmode: 'numeric', autocomplete: 'one-time-code', pattern: '\\d{3} ?\\d{3}', maxlength: 7, placeholder: '482 913', class: 'code-input', 'data-code-input': '', oninput: () => {
    const digits = code.value.replace(/\D/g, '').slice(0, 6);
    code.value = digits.length > 3 ? `${digits.slice(0, 3)} ${digits.slice(3)}` : digits;
    if (digits.length === 6 && !name.value) name.focus();
  } });
  const name = el('input', { required: true, maxlength: 100, autocomplete: 'off', placeholder: t('devices.name.example') });
  const form = el('form', { class: 'asks pair', novalidate: true, 'data-pair': '', onsubmit: async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!complete(form, i18n)) return;
    const body = { codigo: code.value.replace(/\D/g, ''), nombre: name.value.trim(), sucursal: admin.branch.id };
    const done = await submit(form, i18n, async () => {
      const device = await post('/devices', body, { key: once.keyFor(body) });
      once.done();
      admin.say(t('devices.paired', { name: device.nombre ?? body.nombre }));
    });
    if (!done) return;
    form.reset();
    code.focus();
    await admin.attempt(load);
  } }, el('p', { class: 'note bad wide', role: 'alert', 'data-form-error': '', hidden: true }), field(t('devices.code'), code, { place: 'codigo' }), field(t('admin.name'), name, { place: 'nombre' }), el('div', { class: 'ask' }, el('span', { class: 'label', 'aria-hidden': 'true' }, '\u00a0'), el('button', { type: 'submit', class: 'btn main' }, t('devices.pair'))));
  return card(t('devices.pair.title'), { text: t('devices.pair.text', { address: location.host }) }, form);
}

/** @param {Admin} admin @param {Device[]} devices @param {() => Promise<unknown>} load */
function list(admin, devices, load) {
  const { t, i18n } = admin;
  return table(t('section.devices'), [
    { title: t('admin.name'), kind: 'main', cell: (device) => device.nombre },
    { title: t('devices.kind'), cell: (device) => t(`devices.kind.${device.tipo}`) },
    { title: t('devices.state'), cell: (device) => (device.conectado ? el('span', { class: 'tag good' }, t('devices.connected')) : device.visto ? t('devices.seen', { time: momentText(device.visto, i18n.lang, admin.zone) }) : t('devices.never')) },
    { title: t('admin.actions'), kind: 'actions', cell: (device) => el('div', { class: 'row' },
      button(t('devices.rename'), { class: 'small', 'data-rename': device.id, onclick: () => rename(admin, device, load) }),
      button(t('devices.revoke'), { class: 'small danger', 'data-revoke': device.id, onclick: async () => {
        if (!(await sure({ title: t('devices.revoke.title', { name: device.nombre }), text: t('devices.revoke.text'), yes: t('devices.revoke'), no: t('admin.cancel') }))) return;
        if (!(await admin.attempt(() => remove(`/devices/${device.id}`)))) return;
        admin.say(t('devices.revoked', { name: device.nombre }));
        await load();
      } })) },
  ], devices, (row, device) => (row.dataset.device = device.id));
}

/** @param {Admin} admin @param {Device} device @param {() => Promise<unknown>} load */
function rename(admin, device, load) {
  const { t, i18n } = admin;
  const name = el('input', { required: true, maxlength: 100, autocomplete: 'off' });
  name.value = device.nombre;
  const form = el('form', { class: 'body', novalidate: true, onsubmit: async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!complete(form, i18n) || !(await submit(form, i18n, () => put(`/devices/${device.id}`, { nombre: name.value.trim() })))) return;
    window.shut();
    await load();
  } }, el('p', { class: 'note bad', role: 'alert', 'data-form-error': '', hidden: true }), field(t('admin.name'), name, { place: 'nombre' }), el('div', { class: 'foot' }, el('button', { type: 'submit', class: 'btn main' }, t('admin.save'))));
  const window = openWindow({ name: 'rename', title: t('devices.rename'), close: t('window.close') }, form);
  name.select();
}
