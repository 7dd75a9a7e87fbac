// Web hooks: where the branch tells other programs what happens, and how that went.

import { el } from '../../lib/dom.js';
import { complete, field, mark, submit, tick } from '../../lib/forms.js';
import { get, Once, post, put, remove } from '../../lib/rest.js';
import { stopwatch } from '../../lib/time.js';
import { openWindow, sure } from '../../lib/window.js';
import { momentText } from '../days.js';
import { button, empty, heading, table } from '../parts.js';

/** @typedef {import('../admin.js').Admin} Admin */
/** @typedef {{id: string, url: string, eventos: string[], activo: boolean, descripcion?: string|null, creado?: number, datos?: string, estado?: string, fallando?: number|null, ultima?: number|null, motivo?: string|null, secreto?: string}} Hook */
/** @typedef {{id: string, evento: string, codigo?: string|null, fecha: number, intentos: number, estado: string, respuesta?: number|null, error?: string|null, duracion?: number|null, proximo?: number|null}} Delivery */

/** The changes that a ticket goes through, as docs/events.md calls them. */
const EVENTS = ['emitido', 'registrado', 'llamado', 'rellamado', 'iniciado', 'finalizado', 'ausente', 'devuelto', 'retenido', 'retomado', 'liberado', 'derivado', 'cancelado', 'aplazado', 'vuelto', 'reactivado', 'anotado', 'deshecho', 'vencido'];
/** And the one that is of no ticket. */
const TRIAL = 'prueba';

/** @param {Admin} admin @param {AbortSignal} signal */
export async function build(admin, signal) {
  const { t } = admin;
  /** @type {Hook[]} */ const hooks = (await get(admin.path('/webhooks'), { signal })).ganchos;
  return [
    heading(t('section.hooks'), t('hooks.lead'), button(t('hooks.add'), { icon: 'plus', class: 'main', 'data-do': 'add-hook', onclick: () => edit(admin, null) })),
    hooks.length ? list(admin, hooks) : empty(t('hooks.none')),
  ];
}

/** @param {Admin} admin @param {Hook[]} hooks */
function list(admin, hooks) {
  const { t } = admin;
  return table(t('section.hooks'), [
    { title: t('hooks.url'), kind: 'main', cell: (hook) => el('span', { class: 'stacked' }, ...(hook.descripcion ? [el('span', {}, hook.descripcion)] : []), el('span', { class: 'address' }, hook.url)) },
    { title: t('hooks.events'), cell: (hook) => el('span', { class: 'stacked' }, el('span', {}, hook.eventos.length ? hook.eventos.map((event) => eventText(admin, event)).join(', ') : t('hooks.all')), ...(hook.datos === 'todos' ? [el('span', { class: 'quiet' }, t('hooks.personal'))] : [])) },
    { title: t('devices.state'), cell: (hook) => state(admin, hook) },
    { title: t('admin.actions'), kind: 'actions', cell: (hook) => el('div', { class: 'row' },
      button(t('hooks.deliveries'), { class: 'small', 'data-deliveries': hook.id, onclick: () => void deliveries(admin, hook) }),
      button(t('hooks.test'), { class: 'small', 'data-test': hook.id, onclick: async () => {
        if (await admin.attempt(() => post(admin.path(`/webhooks/${hook.id}/test`)))) admin.say(t('hooks.tested'));
      } }),
      button(t('admin.edit'), { icon: 'edit', class: 'small', 'data-hook': hook.id, 'aria-label': t('admin.edit.of', { name: hook.url }), onclick: () => edit(admin, hook) })) },
  ], hooks, (row, hook) => row.classList.toggle('off', !hook.activo));
}

/** @param {Admin} admin @param {string} event */
function eventText({ t }, event) {
  return EVENTS.includes(event) || event === TRIAL ? t(`hook.event.${event}`) : event;
}

/** On, off or in trouble, since when and why. @param {Admin} admin @param {Hook} hook */
function state({ t, i18n, zone }, { activo, estado, fallando, ultima, motivo }) {
  const [kind, word] = !activo ? ['care', 'hooks.off'] : estado === 'fallando' ? ['bad', 'hooks.failing'] : ['good', 'hooks.on'];
  const why = !activo ? (motivo === 'retirado' ? t('hooks.retired') : '') : fallando ? t('hooks.since', { time: momentText(fallando, i18n.lang, zone) }) : ultima ? t('hooks.last', { time: momentText(ultima, i18n.lang, zone) }) : '';
  return el('span', { class: 'stacked' }, el('span', { class: `tag ${kind}` }, t(word)), ...(why ? [el('span', { class: 'quiet' }, why)] : []));
}

/** @param {Admin} admin @param {Hook|null} hook */
function edit(admin, hook) {
  const { t, i18n } = admin;
  const once = new Once();
  const url = el('input', { type: 'url', required: true, maxlength: 2000, pattern: 'https?://.+', placeholder: 'https://', autocomplete: 'off' });
  const active = el('input', {});
  const description = el('input', { maxlength: 200, autocomplete: 'off' });
  const personal = el('input', {});
  [description.value, personal.checked] = [hook?.descripcion ?? '', hook?.datos === 'todos'];
  url.value = hook?.url ?? '';
  active.checked = hook?.activo ?? true;
  const every = el('input', { onchange: () => (some.hidden = every.checked) });
  every.checked = !hook?.eventos.length;
  const boxes = EVENTS.map((event) => {
    const box = el('input', {});
    box.checked = hook?.eventos.includes(event) ?? false;
    return { event, box };
  });
  // What it is told that this page does not know stays.
  const unknown = hook?.eventos.filter((event) => !EVENTS.includes(event)) ?? [];
  const some = el('div', { class: 'boxes' }, ...boxes.map(({ event, box }) => tick(t(`hook.event.${event}`), box)));
  some.hidden = every.checked;
  const filled = () => JSON.stringify([url.value, description.value, personal.checked, active.checked, every.checked, boxes.map(({ box }) => box.checked)]);
  const form = el('form', { class: 'body', novalidate: true, onsubmit: async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!complete(form, i18n)) return;
    if (!every.checked && !unknown.length && !boxes.some(({ box }) => box.checked)) {
      mark(every, t('hooks.some'));
      return every.focus();
    }
    const eventos = every.checked ? [] : [...boxes.filter(({ box }) => box.checked).map((one) => one.event), ...unknown];
    const body = { url: url.value.trim(), eventos, activo: active.checked, datos: personal.checked ? 'todos' : 'publicos', ...(description.value.trim() ? { descripcion: description.value.trim() } : {}) };
    /** @type {Hook|undefined} */ let made;
    if (!(await submit(form, i18n, async () => (made = hook ? await put(admin.path(`/webhooks/${hook.id}`), body) : await post(admin.path('/webhooks'), body, { key: once.keyFor(body) }))))) return;
    first = filled();
    window.shut();
    await admin.redraw();
    if (made?.secreto && !hook) showSecret(admin, made.secreto);
    else admin.say(t('admin.saved'));
  } },
  el('p', { class: 'note bad', role: 'alert', 'data-form-error': '', hidden: true }),
  field(t('hooks.url'), url, { place: 'url', hint: t('hooks.url.hint') }),
  field(t('hooks.description'), description, { place: 'descripcion', hint: t('hooks.description.hint') }),
  el('fieldset', { class: 'plain-set', 'data-place': 'eventos' }, el('legend', {}, t('hooks.events')), tick(t('hooks.all'), every), some),
  tick(t('hooks.personal'), personal, { place: 'datos', hint: t('hooks.personal.hint') }),
  ...(hook ? [tick(t('hooks.active'), active, { place: 'activo' })] : []),
  el('div', { class: 'foot' }, ...(hook ? [
    button(t('hooks.delete'), { class: 'plain danger', 'data-do': 'delete-hook', onclick: async () => {
      if (!(await sure({ title: t('hooks.delete.title'), text: hook.url, yes: t('hooks.delete'), no: t('admin.cancel') }))) return;
      if (!(await submit(form, i18n, () => remove(admin.path(`/webhooks/${hook.id}`))))) return;
      first = filled();
      window.shut();
      await admin.redraw();
      admin.say(t('admin.taken', { name: hook.url }));
    } }),
    button(t('hooks.rotate'), { 'data-do': 'rotate', onclick: async () => {
      if (!(await sure({ title: t('hooks.rotate'), text: t('hooks.rotate.text'), yes: t('hooks.rotate'), no: t('admin.cancel') }))) return;
      /** @type {Hook|undefined} */ let turned;
      if (!(await submit(form, i18n, async () => (turned = await post(admin.path(`/webhooks/${hook.id}/rotate`)))))) return;
      first = filled();
      window.shut();
      if (turned?.secreto) showSecret(admin, turned.secreto);
    } })] : []), el('button', { type: 'submit', class: 'btn main' }, t('admin.save'))));
  let first = filled();
  const window = openWindow({ name: 'hook', title: t(hook ? 'hooks.edit' : 'hooks.add'), close: t('window.close'), keep: () => (filled() === first ? '' : t('admin.lose')) }, form);
}

/** Nobody can read it again. @param {Admin} admin @param {string} secret */
function showSecret(admin, secret) {
  const { t } = admin;
  const copy = button(t('admin.copy'), { icon: 'copy', class: 'main', onclick: async () => {
    // On plain HTTP a browser lends no clipboard: the text can be selected.
    const done = await navigator.clipboard?.writeText(secret).then(() => true, () => false);
    if (done) return admin.say(t('admin.copied'));
    getSelection()?.selectAllChildren(text);
  } });
  const text = el('code', { class: 'secret', 'data-secret': '', tabindex: 0 }, secret);
  let copied = false;
  copy.addEventListener('click', () => (copied = true));
  const window = openWindow({ name: 'secret', title: t('hooks.secret'), text: t('hooks.secret.text'), close: t('window.close'), keep: () => (copied ? '' : t('hooks.secret.lose')) }, text,
    el('div', { class: 'foot' }, copy, button(t('hooks.secret.kept'), { 'data-do': 'kept', onclick: () => window.shut() })));
}

/** @param {Admin} admin @param {Hook} hook */
async function deliveries(admin, hook) {
  const { t, i18n } = admin;
  const frame = el('div', {}, el('p', { class: 'quiet' }, t('admin.loading')));
  const more = button(t('admin.more.rows'), { class: 'plain', hidden: true, onclick: () => void load() });
  /** @type {Delivery[]} */ let found = [];
  let after = '';
  openWindow({ name: 'deliveries', title: t('hooks.deliveries'), text: hook.url, wide: true, close: t('window.close') }, frame, el('div', {}, more));
  const load = async () => admin.attempt(async () => {
    const answer = await get(admin.path(`/webhooks/${hook.id}/deliveries?limite=50${after && `&despues=${encodeURIComponent(after)}`}`));
    found = [...found, ...answer.entregas];
    after = answer.siguiente ? String(answer.siguiente) : '';
    more.hidden = !after;
    frame.replaceChildren(found.length ? table(t('hooks.deliveries'), [
      { title: t('audit.when'), cell: (one) => momentText(one.fecha, i18n.lang, admin.zone) },
      { title: t('hooks.event'), kind: 'main', cell: (one) => [eventText(admin, one.evento), one.codigo?.replace('-', '\u2011')].filter(Boolean).join(' · ') },
      { title: t('devices.state'), cell: (one) => el('span', {}, el('span', { class: `tag ${one.estado === 'entregada' ? 'good' : one.estado === 'fallida' ? 'bad' : 'care'}` }, ['entregada', 'pendiente', 'fallida'].includes(one.estado) ? t(`hook.state.${one.estado}`) : one.estado), ' ', [one.respuesta, one.error].filter(Boolean).join(' · ')) },
      { title: t('hooks.attempts'), kind: 'number', cell: (one) => one.intentos },
      { title: t('hooks.next'), cell: (one) => (one.proximo ? t('hooks.in', { time: stopwatch(one.proximo - Date.now()) }) : '–') },
    ], found) : empty(t('hooks.deliveries.none')));
  });
  await load();
}
