// Services, and the groups in which the kiosk shows them.

import { el, setText } from '../../lib/dom.js';
import { mark } from '../../lib/forms.js';
import { freePrefix } from '../../setup/office.js';
import { nextId, slugOf } from '../draft.js';
import { weekEditor } from '../hours-editor.js';
import { button, card, choiceSetting, empty, heading, iconButton, nameSetting, numberSetting, textSetting, tickSetting } from '../parts.js';

/** @typedef {import('../admin.js').Admin} Admin */

const TONES = 12;
/** Which one is open, while one works in the section. @type {string|null} */
let open = null;

/** @param {Admin} admin */
export function build(admin) {
  const { t, settings } = admin;
  const services = settings.at('services');
  const add = button(t('services.add'), { icon: 'plus', class: 'main', 'data-add': 'services', onclick: () => {
    const id = nextId(services);
    const prefix = freePrefix(services.map((/** @type {any} */ service) => service.prefix));
    settings.set('services', [...services, { id, slug: slugOf(`servicio-${id}`, services.map((/** @type {any} */ one) => one.slug)), prefix, name: { es: '', en: '' } }]);
    open = `services-${id}`;
    void admin.redraw().then(() => /** @type {HTMLElement|null} */ (document.querySelector(`[data-item="${open}"] .names input`))?.focus());
  } });
  return [
    heading(t('section.services'), t('services.lead'), add),
    services.length ? el('div', { class: 'items' }, ...services.map((/** @type {any} */ service, /** @type {number} */ at) => serviceItem(admin, service, at))) : empty(t('services.none')),
    groups(admin),
  ];
}

/** @param {Admin} admin @param {any} service @param {number} at */
function serviceItem(admin, service, at) {
  const { t, settings } = admin;
  const place = `services[${at}]`;
  const isNew = !settings.base.services.some((/** @type {any} */ one) => one.id === service.id);
  const badge = el('span', { class: 'badge', 'data-tone': String(at % TONES) }, service.prefix);
  const name = el('strong', {}, admin.name(service.name) || t('admin.unnamed'));
  const group = settings.at('groups')?.find((/** @type {any} */ one) => one.slug === service.group);
  const facts = el('span', { class: 'facts' }, [group && admin.name(group.name), service.quota && t('services.fact.quota', { n: service.quota }), service.hours && t('services.fact.hours')].filter(Boolean).join(' · '));
  const groupOptions = /** @type {Array<[string, string]>} */ ([['', t('services.group.top')], ...(settings.at('groups') ?? []).map((/** @type {any} */ one) => [one.slug, admin.name(one.name)])]);
  const hours = el('div', {});
  const drawHours = () => hours.replaceChildren(...(settings.at(`${place}.hours`) ? [weekEditor(admin, `${place}.hours`)] : []));
  const own = el('input', { type: 'checkbox', onchange: () => {
    settings.set(`${place}.hours`, own.checked ? structuredClone(settings.at('hours') ?? {}) : null);
    drawHours();
  } });
  own.id = `own-hours-${service.id}`;
  own.checked = Boolean(service.hours);
  drawHours();
  return item(admin, 'services', at, service.id, [badge, el('span', { class: 'title' }, name, facts)], [
    nameSetting(admin, `${place}.name`, t('admin.name'), (text) => {
      setText(name, text || t('admin.unnamed'));
      // Until it is saved for the first time its short name follows.
      if (isNew) settings.set(`${place}.slug`, slugOf(text || `servicio-${service.id}`, settings.at('services').filter((/** @type {any} */ one) => one.id !== service.id).map((/** @type {any} */ one) => one.slug)));
    }),
    el('div', { class: 'asks' },
      textSetting(admin, `${place}.prefix`, t('services.prefix'), { max: 3, required: true, hint: t('services.prefix.hint'), transform: (text) => text.toUpperCase().trim(), onset: (text) => setText(badge, text.toUpperCase()), class: 'short' }),
      choiceSetting(admin, `${place}.group`, t('services.group'), groupOptions, { read: (value) => value ?? '', write: (value) => value || null }),
      numberSetting(admin, `${place}.mean`, t('services.mean'), { unit: t('unit.minutes'), scale: 60_000, min: 0.1, max: 1440, step: 'any', otherwise: 300_000, hint: t('services.mean.hint') }),
      numberSetting(admin, `${place}.quota`, t('services.quota'), { min: 1, optional: true, hint: t('services.quota.hint') })),
    el('div', { class: 'ask tick' }, own, el('label', { for: own.id }, t('services.hours'))), hours,
    el('details', { class: 'more' }, el('summary', {}, t('admin.more')), el('div', { class: 'asks' },
      numberSetting(admin, `${place}.numbers.first`, t('services.first'), { min: 0, otherwise: 1 }),
      numberSetting(admin, `${place}.numbers.last`, t('services.last'), { min: 1, max: 999_999, otherwise: 999_999 }),
      numberSetting(admin, `${place}.numbers.step`, t('services.step'), { min: 1, otherwise: 1 }),
      numberSetting(admin, `${place}.padding`, t('office.padding'), { min: 1, max: 6, optional: true, hint: t('services.padding.hint') }),
      textSetting(admin, `${place}.slug`, t('admin.slug'), { max: 64, pattern: '[a-z0-9\\-]+', required: true, hint: t('admin.slug.hint') })),
      tickSetting(admin, `${place}.numbers.wrap`, t('services.wrap'))),
  ], (away) => takeService(admin, at, away));
}

/** A service goes out of the desks that serve it, too. One that serves nothing else would serve everything then: that is for somebody to decide. @param {Admin} admin @param {number} at @param {HTMLElement} away */
function takeService(admin, at, away) {
  const { t, settings } = admin;
  const { id } = settings.at(`services[${at}]`);
  const idOf = (/** @type {any} */ served) => (typeof served === 'object' ? served.service : served);
  /** @type {any[]} */ const desks = settings.at('desks');
  const serving = desks.filter(({ services }) => services?.some((/** @type {any} */ one) => idOf(one) === id));
  const only = serving.find(({ services }) => services.length === 1);
  if (only) return mark(away, t('services.only', { desk: admin.name(only.name) }));
  const before = new Map(serving.map((desk) => [desk.id, desk.services]));
  settings.set('desks', desks.map((desk) => (before.has(desk.id) ? { ...desk, services: desk.services.filter((/** @type {any} */ one) => idOf(one) !== id) } : desk)));
  admin.takeAway('services', at, () => settings.set('desks', settings.at('desks').map((/** @type {any} */ desk) => (before.has(desk.id) ? { ...desk, services: before.get(desk.id) } : desk))));
  void admin.redraw();
}

/**
 * Something of a list, to open and edit, to move and to take away.
 * @param {Admin} admin @param {string} list @param {number} at @param {string|number} id @param {Node[]} summary @param {Node[]} body
 * @param {(button: HTMLElement) => void} [take]
 */
export function item(admin, list, at, id, summary, body, take = () => {
  admin.takeAway(list, at);
  void admin.redraw();
}) {
  const { t, settings } = admin;
  const key = `${list}-${id}`;
  const all = settings.at(list);
  const name = admin.name(all[at].name) || t('admin.unnamed');
  const move = (/** @type {number} */ by) => {
    const next = [...all];
    next.splice(at + by, 0, ...next.splice(at, 1));
    settings.set(list, next);
    void admin.redraw().then(() => /** @type {HTMLElement|null} */ (document.querySelector(`[data-item="${key}"] [data-move="${by}"]:not(:disabled)`))?.focus());
  };
  const step = (/** @type {1|-1} */ by) => {
    const node = iconButton(by < 0 ? 'up' : 'down', t(by < 0 ? 'admin.up' : 'admin.down', { name }), { 'data-move': by, onclick: () => move(by) });
    node.disabled = at + by < 0 || at + by >= all.length;
    return node;
  };
  const away = button(t('admin.take'), { icon: 'remove', class: 'plain danger', 'data-remove': key, onclick: () => take(away) });
  const node = el('details', { class: 'item', 'data-item': key, ontoggle: () => {
    if (node.open) open = key;
    else if (open === key) open = null;
  } }, el('summary', {}, ...summary), el('div', { class: 'item-body' }, ...body, el('div', { class: 'row end' }, step(-1), step(1),
    away)));
  node.open = open === key;
  return node;
}

/** @param {Admin} admin */
function groups(admin) {
  const { t, settings } = admin;
  /** @type {any[]} */ const all = settings.at('groups') ?? [];
  const add = button(t('groups.add'), { icon: 'plus', 'data-add': 'groups', onclick: () => {
    settings.set('groups', [...all, { slug: slugOf(`grupo-${all.length + 1}`, all.map(({ slug }) => slug)), name: { es: '', en: '' } }]);
    void admin.redraw().then(() => /** @type {HTMLElement|undefined} */ ([...document.querySelectorAll('[data-card="groups"] .names input')].at(-2))?.focus());
  } });
  return card(t('groups.title'), { text: t('groups.text'), actions: [add], id: 'groups' }, all.length ? el('div', { class: 'words' }, ...all.map((group, at) => {
    const others = /** @type {Array<[string, string]>} */ ([['', t('services.group.top')], ...all.filter(({ slug }) => slug !== group.slug).map(({ slug, name }) => [slug, admin.name(name) || slug])]);
    const away = iconButton('remove', t('admin.remove', { name: admin.name(group.name) }), { class: 'danger', onclick: () => {
      const inside = settings.at('services').some((/** @type {any} */ service) => service.group === group.slug) || all.some(({ parent }) => parent === group.slug);
      if (inside) return mark(away, t('groups.inside'));
      admin.takeAway('groups', at);
      void admin.redraw();
    } });
    return el('div', { class: 'word ask' }, nameSetting(admin, `groups[${at}].name`, t('admin.name')), choiceSetting(admin, `groups[${at}].parent`, t('groups.parent'), others, { read: (value) => value ?? '', write: (value) => value || null }), away);
  })) : empty(t('groups.none')));
}
