// Set-up: makes the office and the first admin, once, for whoever can read the code on the server's console.
//
// For tests: `#setup` has `data-state` (connecting | form | done | over | offline). Services are `[data-service-row]`; `[data-form-error]` has `data-code`.

import { el, find, setText } from '../lib/dom.js';
import { choice, complete, field, mark, submit } from '../lib/forms.js';
import { I18n } from '../lib/i18n.js';
import { languageSwitch } from '../lib/page.js';
import { get, Once, post } from '../lib/rest.js';
import { freePrefix, setupBody, timeZones } from './office.js';

const AGAIN_AFTER = 3000;

const root = find('#setup');
const form = /** @type {HTMLFormElement} */ (find('[data-setup]'));
const instead = find('[data-instead]');
const i18n = await new I18n().load('access');
const { t } = { t: i18n.t.bind(i18n) };
const once = new Once();

/** What was filled in, so that another language does not ask for it again. */
const filled = {
  codigo: new URLSearchParams(location.hash.slice(1)).get('codigo') ?? '', oficina: '', zona: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC', pantallas: 'vinculadas',
  servicios: [{ prefijo: 'A', nombre: '' }], escritorios: '3', nombre: '', acceso: '', clave: '', repetida: '',
};

languageSwitch(i18n);
i18n.onChange(render);
void begin();

async function begin() {
  try {
    root.dataset.state = (await get('/setup')).pendiente ? 'form' : 'over';
  } catch {
    root.dataset.state = 'offline';
    setTimeout(begin, AGAIN_AFTER);
  }
  render();
  if (root.dataset.state === 'form') /** @type {HTMLElement|null} */ (form.querySelector('input'))?.focus();
}

function render() {
  const { state } = root.dataset;
  form.hidden = state !== 'form';
  instead.hidden = state === 'form' || state === 'connecting';
  if (state === 'over') instead.replaceChildren(t('setup.over'), ' ', el('a', { href: '/login' }, t('login.heading')));
  else if (state === 'offline') setText(instead, t('error.offline'));
  if (state === 'form') build();
}

/** @param {Exclude<keyof typeof filled, 'servicios'>} name @param {Record<string, any>} attributes */
function input(name, attributes) {
  const node = el('input', { name, required: true, ...attributes, oninput: () => (filled[name] = node.value) });
  node.value = filled[name];
  return node;
}

function build() {
  const zone = choice(timeZones(filled.zona).map((one) => [one, one.replaceAll('_', ' ')]), filled.zona, { name: 'zona', onchange: () => (filled.zona = zone.value) });
  const screens = choice([['vinculadas', t('setup.screens.paired')], ['abiertas', t('setup.screens.open')]], filled.pantallas, { name: 'pantallas', onchange: () => (filled.pantallas = screens.value) });
  form.replaceChildren(
    el('p', { class: 'note bad', role: 'alert', 'data-form-error': '', hidden: true }),
    part('setup.part.code', field(t('setup.code'), input('codigo', { class: 'code-input', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'characters', maxlength: 64 }), { place: 'codigo', hint: t('setup.code.hint') })),
    part('setup.part.office',
      field(t('setup.office'), input('oficina', { maxlength: 200, autocomplete: 'organization', placeholder: t('setup.office.example') }), { place: 'sucursal.nombre' }),
      el('div', { class: 'asks' },
        field(t('setup.zone'), zone, { place: 'sucursal.zona' }),
        field(t('setup.desks'), input('escritorios', { type: 'number', min: 1, max: 200, inputmode: 'numeric' }), { place: 'sucursal.escritorios' })),
      field(t('setup.screens'), screens, { place: 'sucursal.pantallas', hint: t('setup.screens.hint') })),
    services(),
    part('setup.part.admin',
      el('div', { class: 'asks' },
        field(t('setup.admin.name'), input('nombre', { maxlength: 100, autocomplete: 'name' }), { place: 'admin.nombre' }),
        field(t('login.name'), input('acceso', { maxlength: 64, pattern: '[A-Za-z0-9._@\\-]+', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false' }), { place: 'admin.acceso', hint: t('account.name.hint') }),
        field(t('login.password'), input('clave', { type: 'password', minlength: 10, maxlength: 200, autocomplete: 'new-password' }), { place: 'admin.clave', hint: t('account.password.hint') }),
        field(t('account.again'), input('repetida', { type: 'password', maxlength: 200, autocomplete: 'new-password' })))),
    el('button', { type: 'submit', class: 'btn main big' }, t('setup.submit')),
  );
}

/** @param {string} key @param {...Node} children */
function part(key, ...children) {
  return el('fieldset', {}, el('legend', {}, t(key)), ...children);
}

function services() {
  const rows = el('div', {});
  const draw = () => {
    rows.replaceChildren(...filled.servicios.map((service, at) => {
      const prefix = el('input', { class: 'prefix', required: true, maxlength: 3, pattern: '[A-Za-z]{1,3}', autocomplete: 'off', oninput: () => (service.prefijo = prefix.value.toUpperCase()) });
      const name = el('input', { required: true, maxlength: 200, autocomplete: 'off', placeholder: at === 0 ? t('setup.service.example') : undefined, oninput: () => (service.nombre = name.value) });
      prefix.value = service.prefijo;
      name.value = service.nombre;
      const away = el('button', { type: 'button', class: 'btn plain icon', 'aria-label': t('setup.service.remove', { name: service.nombre || service.prefijo }), onclick: () => {
        filled.servicios.splice(at, 1);
        draw();
        /** @type {HTMLElement} */ (rows.querySelectorAll('.service-row input:not(.prefix)')[Math.max(0, at - 1)])?.focus();
      } }, '✕');
      if (filled.servicios.length === 1) away.disabled = true;
      return el('div', { class: 'service-row', 'data-service-row': '' },
        field(t('setup.service.prefix'), prefix, { place: `sucursal.servicios[${at}].prefijo`, hideLabel: at > 0 }),
        field(t('setup.service.name'), name, { place: `sucursal.servicios[${at}].nombre`, hideLabel: at > 0 }),
        el('div', { class: 'ask' }, ...(at === 0 ? [el('span', { class: 'label', 'aria-hidden': 'true' }, '\u00a0')] : []), away));
    }));
  };
  draw();
  return part('setup.part.services', el('p', { class: 'ask-hint' }, t('setup.services.hint')), rows, el('div', {}, el('button', { type: 'button', class: 'btn', 'data-action': 'more', onclick: () => {
    filled.servicios.push({ prefijo: freePrefix(filled.servicios.map(({ prefijo }) => prefijo)), nombre: '' });
    draw();
    /** @type {HTMLElement} */ ([...rows.querySelectorAll('.service-row input:not(.prefix)')].at(-1)).focus();
  } }, t('setup.service.add'))));
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (!complete(form, i18n)) return;
  if (filled.clave !== filled.repetida) {
    const again = /** @type {HTMLElement} */ (form.elements.namedItem('repetida'));
    mark(again, t('account.differ'));
    return again.focus();
  }
  const body = setupBody(filled, [i18n.lang, ...i18n.offered.filter((lang) => lang !== i18n.lang)]);
  if (!(await submit(form, i18n, () => post('/setup', body, { key: once.keyFor(body) })))) return;
  root.dataset.state = 'done';
  location.replace('/admin#begin');
});
