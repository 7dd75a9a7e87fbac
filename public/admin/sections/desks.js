// Desks, what each serves, and the words that their agents choose from.

import { el, setText } from '../../lib/dom.js';
import { mark, tick } from '../../lib/forms.js';
import { nextId } from '../draft.js';
import { button, card, empty, heading, nameSetting, numberSetting, wordsSetting } from '../parts.js';
import { item } from './services.js';

/** @typedef {import('../admin.js').Admin} Admin */
/** @typedef {{service: number, tier: number, weight: number}} Served */

/** @param {Admin} admin */
export function build(admin) {
  const { t, settings } = admin;
  const desks = settings.at('desks');
  const redraw = () => void admin.redraw();
  const add = button(t('desks.add'), { icon: 'plus', class: 'main', 'data-add': 'desks', onclick: () => {
    const id = nextId(desks);
    settings.set('desks', [...desks, { id, name: Object.fromEntries(admin.i18n.offered.map((lang) => [lang, admin.i18n.tIn(lang, 'desks.new', { n: id })])) }]);
    void admin.redraw().then(() => {
      const node = /** @type {HTMLDetailsElement|null} */ (document.querySelector(`[data-item="desks-${id}"]`));
      if (node) node.open = true;
      node?.querySelector('input')?.focus();
    });
  } });
  return [
    heading(t('section.desks'), t('desks.lead'), add),
    desks.length ? el('div', { class: 'items' }, ...desks.map((/** @type {any} */ desk, /** @type {number} */ at) => deskItem(admin, desk, at))) : empty(t('desks.none')),
    card(t('outcomes.title'), { text: t('outcomes.text') }, wordsSetting(admin, 'outcomes', t('outcomes.add'), redraw)),
    card(t('pauses.title'), { text: t('pauses.text') }, wordsSetting(admin, 'pauses', t('pauses.add'), redraw)),
    card(t('desks.rules'), {}, el('div', { class: 'asks' },
      numberSetting(admin, 'undo_within', t('desks.undo'), { unit: t('unit.seconds'), scale: 1000, min: 0, max: 600, otherwise: 10_000, hint: t('desks.undo.hint') }),
      numberSetting(admin, 'lease_grace', t('desks.lease'), { unit: t('unit.seconds'), scale: 1000, min: 1, max: 86_400, otherwise: 60_000, hint: t('desks.lease.hint') }))),
  ];
}

/** @param {Admin} admin @param {any} desk @param {number} at */
function deskItem(admin, desk, at) {
  const { t } = admin;
  const name = el('strong', {}, admin.name(desk.name) || t('admin.unnamed'));
  return item(admin, 'desks', at, desk.id, [el('span', { class: 'badge plain' }, String(desk.id)), el('span', { class: 'title' }, name, el('span', { class: 'facts' }, servesText(admin, desk)))], [
    nameSetting(admin, `desks[${at}].name`, t('admin.name'), (text) => setText(name, text || t('admin.unnamed'))),
    serves(admin, at),
  ]);
}

/** @param {Admin} admin @param {any} desk */
function servesText(admin, desk) {
  const ids = servedBy(desk).map(({ service }) => service);
  if (!ids.length) return admin.t('desks.all');
  return admin.settings.at('services').filter((/** @type {any} */ one) => ids.includes(one.id)).map((/** @type {any} */ one) => `${one.prefix} ${admin.name(one.name)}`).join(' · ');
}

/** @param {any} desk @returns {Served[]} */
function servedBy(desk) {
  return (desk.services ?? []).map((/** @type {any} */ one) => (typeof one === 'number' ? { service: one, tier: 0, weight: 1 } : { tier: 0, weight: 1, ...one }));
}

/** All alike, or chosen ones with an order. @param {Admin} admin @param {number} at */
function serves(admin, at) {
  const { t, settings } = admin;
  const place = `desks[${at}].services`;
  const rows = el('div', { class: 'serves' });
  const all = el('input', { onchange: () => {
    settings.set(place, all.checked ? [] : settings.at('services').map((/** @type {any} */ one) => one.id));
    draw();
  } });
  const write = (/** @type {Served[]} */ list) => settings.set(place, list.map(({ service, tier, weight }) => (tier === 0 && weight === 1 ? service : { service, tier, weight })));
  const draw = () => {
    const served = servedBy(settings.at(`desks[${at}]`));
    all.checked = served.length === 0;
    rows.replaceChildren(...(served.length === 0 ? [] : settings.at('services').map((/** @type {any} */ service) => {
      const own = served.find((one) => one.service === service.id);
      const box = el('input', { onchange: () => {
        const rest = served.filter((one) => one.service !== service.id);
        if (!box.checked && rest.length === 0) {
          box.checked = true;
          return mark(box, t('desks.one'));
        }
        write(box.checked ? [...rest, { service: service.id, tier: 0, weight: 1 }] : rest);
        draw();
      } });
      box.checked = Boolean(own);
      const number = (/** @type {'tier'|'weight'} */ key, /** @type {number} */ min, /** @type {number} */ max) => {
        const input = el('input', { type: 'number', min, max, class: 'tiny', 'aria-label': t(`desks.${key}`, { name: admin.name(service.name) }), onchange: () => {
          if (own && input.validity.valid && input.value !== '') write(served.map((one) => (one === own ? { ...one, [key]: Number(input.value) } : one)));
          mark(input, input.validity.valid ? '' : t('form.range'));
        } });
        input.value = String(own?.[key] ?? '');
        return input;
      };
      return el('div', { class: 'serve' }, tick(`${service.prefix} · ${admin.name(service.name)}`, box), ...(own ? [el('span', { class: 'ask order' }, el('span', { class: 'unit' }, t('desks.tier.short')), number('tier', 0, 255), el('span', { class: 'unit' }, t('desks.weight.short')), number('weight', 1, 100)) ] : []));
    })));
  };
  draw();
  return el('div', { class: 'ask' }, el('span', { class: 'label' }, t('desks.serves')), tick(t('desks.all'), all), rows, el('p', { class: 'ask-hint' }, t('desks.order.hint')));
}
