// Who is next: the policy with what it would have done with yesterday's arrivals, the priority classes, and the rules around a call.

import { el } from '../../lib/dom.js';
import { choice, field, whyText } from '../../lib/forms.js';
import { get, post } from '../../lib/rest.js';
import { mean } from '../../lib/time.js';
import { barChart } from '../chart-view.js';
import { addDays, dateOf, dayText } from '../days.js';
import { slugOf } from '../draft.js';
import { button, card, empty, heading, iconButton, nameSetting, numberSetting, slugFollows, table, tickSetting } from '../parts.js';

/** @typedef {import('../admin.js').Admin} Admin */
/** @typedef {{id: string|null, rango: number, nombre: Record<string, string>}} SimulatedClass */
/** @typedef {{politica: any, clases: Array<{clase: SimulatedClass, personas: number, media: number|null, p95: number|null}>}} Simulated */

/** So many days before one on which nobody came the last busy one is looked for. */
const LOOK_BACK = 60;

/** @type {ReadonlyArray<{kind: string, parameter?: string, otherwise?: number}>} */
const KINDS = [{ kind: 'fifo' }, { kind: 'strict' }, { kind: 'accumulating', parameter: 'factor', otherwise: 3 }, { kind: 'guarded_ratio', parameter: 'normals', otherwise: 2 }];

/** @param {Admin} admin @param {AbortSignal} signal */
export function build(admin, signal) {
  const { t } = admin;
  return [
    heading(t('section.policy'), t('policy.lead')),
    card(t('policy.title'), {}, kinds(admin)),
    simulation(admin, signal),
    classes(admin),
    rules(admin),
  ];
}

/** @param {Admin} admin */
function kinds(admin) {
  const { t, settings } = admin;
  return el('div', { class: 'kinds', role: 'radiogroup', 'aria-label': t('policy.title') }, ...KINDS.map(({ kind, parameter, otherwise }) => {
    const now = settings.at('policy');
    const radio = el('input', { type: 'radio', name: 'policy', value: kind, onchange: () => {
      settings.set('policy', { kind, ...(parameter ? { [parameter]: otherwise } : {}) });
      void admin.redraw().then(() => /** @type {HTMLElement|null} */ (document.querySelector(`[name="policy"][value="${kind}"]`))?.focus());
    } });
    radio.checked = now.kind === kind;
    return el('div', { class: 'kind' }, el('label', {}, radio, el('span', {}, el('strong', {}, t(`policy.${kind}`)), el('span', { class: 'ask-hint' }, t(`policy.${kind}.text`)))),
      ...(parameter && radio.checked ? [numberSetting(admin, `policy.${parameter}`, t(`policy.${parameter}`), { min: 1, max: 100 })] : []));
  }));
}

/** @param {Admin} admin @param {AbortSignal} signal */
function simulation(admin, signal) {
  const { t, i18n, settings } = admin;
  const yesterday = addDays(dateOf(Date.now(), settings.at('time_zone')), -1);
  const day = el('input', { type: 'date', max: yesterday, onchange: () => void run() });
  day.value = yesterday;
  const result = el('div', { class: 'result', 'aria-live': 'polite' }, el('p', { class: 'quiet' }, t('admin.loading')));
  let turn = 0;
  const run = async () => {
    if (!day.value) return;
    const own = ++turn;
    result.setAttribute('aria-busy', 'true');
    try {
      const answer = await post(admin.path('/policy/simulation'), { jornada: day.value });
      const last = answer.llegadas ? '' : await lastBusyDay(admin, answer.jornada, signal);
      if (own !== turn || signal.aborted) return;
      result.replaceChildren(...(answer.llegadas ? simulated(admin, answer) : [nobodyOn(answer.jornada, last)]));
    } catch (error) {
      if (own === turn && !signal.aborted) result.replaceChildren(el('p', { class: 'note bad' }, whyText(error, i18n)));
    } finally {
      if (own === turn) result.removeAttribute('aria-busy');
    }
  };
  const dateText = (/** @type {string} */ date) => dayText(date, i18n.lang, { weekday: 'long', day: 'numeric', month: 'long' });
  const nobodyOn = (/** @type {string} */ date, /** @type {string} */ last) => empty(t('simulation.none', { date: dateText(date) }), ...(last ? [button(t('simulation.last', { date: dateText(last) }), { 'data-do': 'last-day', onclick: () => {
    day.value = last;
    day.focus();
    void run();
  } })] : []));
  void run();
  return card(t('simulation.title'), { text: t('simulation.text'), id: 'simulation' }, el('form', { class: 'asks', onsubmit: (/** @type {Event} */ event) => event.preventDefault() }, field(t('simulation.day'), day)), result);
}

/** The day before on which somebody came: yesterday may have been a Sunday. @param {Admin} admin @param {string} before @param {AbortSignal} signal @returns {Promise<string>} empty where there is none */
async function lastBusyDay(admin, before, signal) {
  const { cifras } = await get(admin.path(`/figures?desde=${addDays(before, -LOOK_BACK)}&hasta=${before}&por=jornada`), { signal });
  return cifras.filter((/** @type {any} */ row) => row.emitidos > 0).map((/** @type {any} */ row) => row.grupo).sort().at(-1) ?? '';
}

/** @param {Admin} admin @param {{politicas: Simulated[], jornada: string, llegadas: number}} answer */
function simulated(admin, { politicas, jornada, llegadas }) {
  const { t, i18n, settings } = admin;
  const date = dayText(jornada, i18n.lang, { weekday: 'long', day: 'numeric', month: 'long' });
  const nameOf = (/** @type {SimulatedClass} */ one) => (one.id === null ? t('policy.normal') : admin.name(one.nombre) || one.id);
  const title = (/** @type {any} */ policy) => t(`policy.${policy.kind}.short`, { n: policy.factor ?? policy.normals ?? 0 });
  const isNow = (/** @type {any} */ policy) => policy.kind === settings.at('policy.kind');
  const series = politicas[0]?.clases.map(({ clase }) => clase) ?? [];
  const rows = politicas.flatMap(({ politica, clases }) => clases.map((one) => ({ ...one, politica })));
  return [
    el('p', {}, t('simulation.of', { date, n: llegadas })),
    barChart({
      title: t('simulation.chart'), unit: 'time', lang: i18n.lang, named: true,
      groups: politicas.map(({ politica }) => `${title(politica)}${isNow(politica) ? ' ●' : ''}`), series: series.map(nameOf),
      values: politicas.map(({ clases }) => series.map((one) => clases.find(({ clase }) => clase.id === one.id)?.media ?? null)),
      marks: politicas.map(({ clases }) => series.map((one) => clases.find(({ clase }) => clase.id === one.id)?.p95 ?? null)), marksName: t('figures.p95'),
    }),
    table(t('simulation.chart'), [
      { title: t('policy.title'), kind: 'main', cell: ({ politica }) => `${title(politica)}${isNow(politica) ? ` · ${t('simulation.now')}` : ''}` },
      { title: t('policy.class'), cell: ({ clase }) => nameOf(clase) },
      { title: t('figures.people'), kind: 'number', cell: ({ personas }) => personas },
      { title: t('figures.mean'), kind: 'number', cell: ({ media }) => (media === null ? '–' : mean(media, i18n.lang)) },
      { title: t('figures.p95'), kind: 'number', cell: ({ p95 }) => (p95 === null ? '–' : mean(p95, i18n.lang)) },
    ], rows),
  ];
}

/** @param {Admin} admin */
function classes(admin) {
  const { t, settings } = admin;
  /** @type {any[]} */ const all = settings.at('classes') ?? [];
  const add = button(t('classes.add'), { icon: 'plus', 'data-add': 'classes', onclick: () => {
    settings.set('classes', [...all, { rank: Math.min(255, Math.max(0, ...all.map(({ rank }) => rank)) + 1), slug: slugOf(`clase-${all.length + 1}`, all.map(({ slug }) => slug)), name: { es: '', en: '' } }]);
    void admin.redraw().then(() => /** @type {HTMLElement|undefined} */ ([...document.querySelectorAll('[data-card="classes"] .word')].at(-1)?.querySelector('input') ?? undefined)?.focus());
  } });
  return card(t('classes.title'), { text: t('classes.text'), actions: [add], id: 'classes' }, all.length ? el('div', { class: 'words' }, ...all.map((one, at) => el('div', { class: 'word' },
    nameSetting(admin, `classes[${at}].name`, t('admin.name'), slugFollows(admin, 'classes', at)), numberSetting(admin, `classes[${at}].rank`, t('classes.rank'), { min: 1, max: 255, hint: t('classes.rank.hint') }),
    iconButton('remove', t('admin.remove', { name: admin.name(one.name) }), { class: 'danger', onclick: () => {
      admin.takeAway('classes', at);
      void admin.redraw();
    } })))) : empty(t('classes.none')));
}

/** @param {Admin} admin */
function rules(admin) {
  const { t } = admin;
  const minutesOf = { unit: t('unit.minutes'), scale: 60_000 };
  return card(t('rules.title'), { id: 'rules' },
    tickSetting(admin, 'auto_finish', t('rules.finish'), { hint: t('rules.finish.hint') }),
    tickSetting(admin, 'confirm_arrival', t('rules.confirm'), { hint: t('rules.confirm.hint') }),
    el('div', { class: 'asks' },
      numberSetting(admin, 'min_calls', t('rules.calls'), { min: 1, max: 20, unit: t('unit.calls') }),
      numberSetting(admin, 'recall_after', t('rules.recall'), { unit: t('unit.seconds'), scale: 1000, max: 3600, step: 'any' }),
      placeSetting(admin, 'requeue', t('rules.requeue')),
      placeSetting(admin, 'reactivate', t('rules.reactivate')),
      numberSetting(admin, 'reactivate_within', t('rules.reactivate.within'), { ...minutesOf, max: 1440, otherwise: 1_800_000, step: 'any' }),
      numberSetting(admin, 'answer_within', t('rules.answer'), { unit: t('unit.minutes'), scale: 60, min: 0.1, max: 1440, step: 'any', otherwise: 900, hint: t('rules.answer.hint') }),
      numberSetting(admin, 'deferrals.minutes', t('rules.defer'), { unit: t('unit.minutes'), min: 1, max: 120, otherwise: 10, hint: t('rules.defer.hint') }),
      numberSetting(admin, 'deferrals.times', t('rules.defer.times'), { min: 0, max: 10, otherwise: 2, unit: t('unit.times'), hint: t('rules.defer.times.hint') })));
}

/** Where a ticket goes: a word, or behind so many. @param {Admin} admin @param {string} place @param {string} label */
function placeSetting(admin, place, label) {
  const { t, settings } = admin;
  const now = settings.at(place) ?? 'last';
  const behind = el('input', { type: 'number', min: 1, max: 999, class: 'tiny', 'aria-label': t('rules.place.behind'), oninput: () => behind.validity.valid && behind.value && settings.set(place, { after: Number(behind.value) }) });
  behind.value = String(typeof now === 'object' ? now.after : 3);
  behind.hidden = typeof now !== 'object';
  const select = choice([['first', t('rules.place.first')], ['last', t('rules.place.last')], ['by_arrival', t('rules.place.arrival')], ['after', t('rules.place.after')]], typeof now === 'object' ? 'after' : now, { onchange: () => {
    behind.hidden = select.value !== 'after';
    settings.set(place, select.value === 'after' ? { after: Number(behind.value) } : select.value);
  } });
  return field(label, select, { place, after: behind });
}
