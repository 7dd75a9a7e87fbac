// When numbers are given: the week, holidays, and how long before closing the last one.

import { el } from '../../lib/dom.js';
import { field } from '../../lib/forms.js';
import { addDays, dateOf, dayText } from '../days.js';
import { spansEditor, weekEditor } from '../hours-editor.js';
import { button, card, empty, heading, iconButton, nameSetting, numberSetting } from '../parts.js';
import { DAYS, isAlways } from '../spans.js';

/** @typedef {import('../admin.js').Admin} Admin */

/** @param {Admin} admin */
export function build(admin) {
  const { t, settings } = admin;
  const always = isAlways(settings.at('hours'));
  const week = always
    ? empty(t('hours.always'), button(t('hours.set'), { class: 'main', 'data-do': 'set-hours', onclick: () => {
      settings.set('hours', Object.fromEntries(DAYS.map((day, at) => [day, at < 5 ? [['09:00', '14:00']] : []])));
      void admin.redraw();
    } }))
    : el('div', {}, weekEditor(admin, 'hours'), el('p', { class: 'ask-hint' }, t('hours.hint')));
  return [
    heading(t('section.hours'), t('hours.lead', { zone: settings.at('time_zone').replaceAll('_', ' ') })),
    card(t('hours.week'), {}, week),
    card(t('hours.last'), {}, el('div', { class: 'asks' }, numberSetting(admin, 'last_tickets', t('hours.last.label'), { unit: t('hours.last.unit'), min: 0, max: 1440, otherwise: 0, hint: t('hours.last.hint') }))),
    holidays(admin),
  ];
}

/** Those to come, then those that are over; each with its place in the list. @param {any[]} all @param {string} today @returns {Array<[one: any, at: number]>} */
function inOrder(all, today) {
  const past = (/** @type {any} */ { date }) => Number(date < today);
  return all.map((one, at) => /** @type {[any, number]} */ ([one, at])).sort(([a], [b]) => past(a) - past(b) || a.date.localeCompare(b.date));
}

/** @param {Admin} admin */
function holidays(admin) {
  const { t, settings, i18n } = admin;
  /** @type {any[]} */ const all = settings.at('holidays') ?? [];
  const today = dateOf(Date.now(), settings.at('time_zone'));
  const sort = () => settings.set('holidays', [...settings.at('holidays')].sort((a, b) => a.date.localeCompare(b.date)));
  const add = button(t('holidays.add'), { icon: 'plus', 'data-add': 'holidays', onclick: () => {
    let date = addDays(today, 1);
    while (all.some((one) => one.date === date)) date = addDays(date, 1);
    settings.set('holidays', [...all, { date, name: { es: '', en: '' } }]);
    sort();
    void admin.redraw().then(() => /** @type {HTMLElement|null} */ (document.querySelector(`[data-holiday="${date}"] input`))?.focus());
  } });
  return card(t('holidays.title'), { text: t('holidays.text'), actions: [add] }, all.length ? el('div', { class: 'words' }, ...inOrder(all, today).map(([one, at]) => {
    const place = `holidays[${at}]`;
    const date = el('input', { type: 'date', required: true, onchange: () => {
      if (!date.value) return;
      settings.set(`${place}.date`, date.value);
      sort();
      void admin.redraw();
    } });
    date.value = one.date;
    const special = el('div', { class: 'ask' });
    const draw = () => {
      const hours = settings.at(`${place}.hours`);
      special.replaceChildren(...(hours?.length ? [spansEditor(admin, `${place}.hours`, dayText(one.date, i18n.lang))] : [el('span', { class: 'closed' }, t('holidays.closed'))]),
        button(t(hours?.length ? 'holidays.close' : 'holidays.open'), { class: 'plain small', onclick: () => {
          settings.set(`${place}.hours`, hours?.length ? undefined : [['09:00', '12:00']]);
          draw();
        } }));
    };
    draw();
    return el('div', { class: `word holiday${one.date < today ? ' past' : ''}`, 'data-holiday': one.date }, field(t('holidays.date'), date, { place: `${place}.date`, hint: dayText(one.date, i18n.lang, { weekday: 'long' }) }),
      nameSetting(admin, `${place}.name`, t('admin.name')), el('div', { class: 'ask' }, el('span', { class: 'label' }, t('holidays.hours')), special), iconButton('remove', t('admin.remove', { name: admin.name(one.name) || one.date }), { class: 'danger', onclick: () => {
        admin.takeAway('holidays', at);
        void admin.redraw();
      } }));
  })) : empty(t('holidays.none')));
}
