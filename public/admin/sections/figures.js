// Statistics: what the figures of some days say, as charts to look at, each with its numbers as a table and as CSV.

import { el } from '../../lib/dom.js';
import { choice, field } from '../../lib/forms.js';
import { get } from '../../lib/rest.js';
import { mean } from '../../lib/time.js';
import { barChart, formatOf, heatChart } from '../chart-view.js';
import { grid, weekHour } from '../charts.js';
import { csvButton } from '../csv.js';
import { dateOf, daysBetween, dayText, rangeOf, weekdayText } from '../days.js';
import { card, empty, heading, table } from '../parts.js';

/** @typedef {import('../admin.js').Admin} Admin */
/** @typedef {import('../../lib/types.js').Spread} Spread */
/** @typedef {Record<string, any> & {grupo: any, emitidos: number, llamados: number, finalizados: number, ausentes: number, espera: Spread|null, atencion: number|null, nivel: number|null, nivelEn: number, abandono: number|null, porHora: number|null, ocupacion: number|null}} Row */

const SPANS = ['today', 'yesterday', 'week', 'month', 'quarter', 'own'];

/** @param {Admin} admin @param {AbortSignal} signal */
export async function build(admin, signal) {
  const { t, params } = admin;
  const board = await admin.queue(signal);
  const today = dateOf(Date.now(), board.sucursal.zona);
  const span = choice(SPANS.map((one) => [one, t(`figures.span.${one}`)]), SPANS.includes(params.dias ?? '') ? /** @type {string} */ (params.dias) : 'week', { name: 'dias' });
  const from = el('input', { type: 'date', required: true, name: 'desde', max: today });
  const to = el('input', { type: 'date', required: true, name: 'hasta', max: today });
  const asked = rangeOf(span.value, today);
  [from.value, to.value] = span.value === 'own' ? [params.desde ?? asked.from, params.hasta ?? asked.to] : [asked.from, asked.to];
  const frame = el('div', { class: 'stack', 'aria-live': 'off', 'data-figures': '' }, el('p', { class: 'quiet' }, t('admin.loading')));
  let turn = 0;
  const run = async () => {
    if (!from.value || !to.value || from.value > to.value) return;
    const own = ++turn;
    frame.setAttribute('aria-busy', 'true');
    await admin.attempt(async () => {
      const found = await ask(admin, from.value, to.value, signal);
      if (own === turn && !signal.aborted) frame.replaceChildren(...draw(admin, board, found, from.value, to.value));
    });
    if (own === turn) frame.removeAttribute('aria-busy');
  };
  const changed = () => {
    admin.keep({ dias: span.value, ...(span.value === 'own' ? { desde: from.value, hasta: to.value } : {}) });
    void run();
  };
  span.addEventListener('change', () => {
    if (span.value !== 'own') {
      const range = rangeOf(span.value, today);
      [from.value, to.value] = [range.from, range.to];
    }
    changed();
  });
  for (const control of [from, to]) {
    control.addEventListener('change', () => {
      span.value = 'own';
      changed();
    });
  }
  void run();
  return [
    heading(t('section.figures'), t('figures.lead'), csvButton(admin, 'figures', () => admin.path(`/figures?desde=${from.value}&hasta=${to.value}&por=jornada`))),
    el('div', { class: 'filters' }, field(t('figures.span'), span), field(t('figures.from'), from), field(t('figures.to'), to)), frame,
  ];
}

/** @param {Admin} admin @param {string} from @param {string} to @param {AbortSignal} signal */
async function ask(admin, from, to, signal) {
  const by = async (/** @type {string} */ group) => /** @type {Row[]} */ ((await get(admin.path(`/figures?desde=${from}&hasta=${to}&por=${group}`), { signal })).cifras);
  const [[all], hours, days, desks, services, weekHours] = await Promise.all([by('nada'), by('hora'), by('jornada'), by('escritorio'), by('servicio'), by('dia-hora')]);
  return { all, hours, days, desks, services, weekHours };
}

/** @param {Admin} admin @param {import('../../lib/types.js').Snapshot} board @param {Awaited<ReturnType<typeof ask>>} found @param {string} from @param {string} to */
function draw(admin, board, { all, hours, days, desks, services, weekHours }, from, to) {
  const { t, i18n } = admin;
  const { lang } = i18n;
  if (!all || all.emitidos === 0) return [empty(t('figures.none'))];
  const time = (/** @type {number|null|undefined} */ ms) => (ms == null ? '–' : mean(ms, lang));
  const share = formatOf('share', lang);
  const part = (/** @type {number|null|undefined} */ value) => (value == null ? '–' : share(value));
  const number = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
  const count = (/** @type {number|null|undefined} */ value) => (value == null ? '–' : number.format(value));
  const tile = (/** @type {string} */ name, /** @type {string} */ value, more = '') => el('div', { class: 'tile', 'data-tile': name }, el('p', { class: 'tile-name' }, t(`figures.${name}`)), el('p', { class: 'tile-value' }, value), el('p', { class: 'tile-more' }, more));
  const dates = daysBetween(from, to);
  const dayOf = new Map(days.map((row) => [row.grupo, row]));
  const present = dates.map((date) => dayOf.get(date));
  const dayNames = dates.map((date) => dayText(date, lang, dates.length > 9 ? { day: 'numeric', month: 'numeric' } : { weekday: 'short', day: 'numeric' }));
  const hourRows = hours.filter(({ emitidos, llamados }) => emitidos || llamados);
  const week = grid(weekHours.map((row) => ({ ...weekHour(String(row.grupo)), value: row })));
  const hourName = (/** @type {number} */ hour) => `${String(hour).padStart(2, '0')} h`;
  const deskRows = desks.filter(({ grupo }) => grupo !== null);
  const deskName = (/** @type {number} */ id) => admin.name(board.escritorios.find((desk) => desk.id === id)?.nombre) || t('common.desk', { desk: String(id) });
  const serviceName = (/** @type {string} */ id) => admin.name(board.servicios.find((service) => service.id === id)?.nombre) || id;
  const csv = (/** @type {string} */ group) => csvButton(admin, group, () => admin.path(`/figures?desde=${from}&hasta=${to}&por=${group}`));
  return [
    el('div', { class: 'tiles' },
      tile('issued', count(all.emitidos), t('figures.served', { n: all.finalizados })), tile('wait', time(all.espera?.media), t('figures.p90', { time: time(all.espera?.p90) })),
      tile('level', part(all.nivel), t('figures.within', { time: time(all.nivelEn) })), tile('service', time(all.atencion), ''),
      tile('left', part(all.abandono), t('figures.absent', { n: all.ausentes })), tile('used', part(all.ocupacion), t('figures.pace', { n: count(all.porHora) }))),
    chartCard(admin, 'hours', csv('hora'), barChart({
      title: t('figures.chart.hours'), unit: 'time', lang, groups: hourRows.map(({ grupo }) => hourName(Number(grupo))), series: [t('figures.mean')], values: hourRows.map(({ espera }) => [espera?.media ?? null]),
      marks: hourRows.map(({ espera }) => [espera?.p90 ?? null]), marksName: t('figures.p90.name'),
    }), () => table(t('figures.chart.hours'), [
      { title: t('figures.hour'), kind: 'main', cell: ({ grupo }) => hourName(Number(grupo)) }, { title: t('figures.issued'), kind: 'number', cell: ({ emitidos }) => count(emitidos) },
      { title: t('figures.mean'), kind: 'number', cell: ({ espera }) => time(espera?.media) }, { title: t('figures.p90.name'), kind: 'number', cell: ({ espera }) => time(espera?.p90) }, { title: t('figures.level'), kind: 'number', cell: ({ nivel }) => part(nivel) },
    ], hourRows)),
    heatCard(admin, week, csv),
    chartCard(admin, 'level', csv('jornada'), barChart({ title: t('figures.chart.level'), unit: 'share', lang, groups: dayNames, series: [t('figures.level')], values: present.map((row) => [row?.nivel ?? null]), line: true, tones: [2] }), () => table(t('figures.chart.level'), [
      { title: t('figures.day'), kind: 'main', cell: ({ grupo }) => dayText(grupo, lang) }, { title: t('figures.issued'), kind: 'number', cell: ({ emitidos }) => count(emitidos) }, { title: t('figures.level'), kind: 'number', cell: ({ nivel }) => part(nivel) },
      { title: t('figures.mean'), kind: 'number', cell: ({ espera }) => time(espera?.media) }, { title: t('figures.left'), kind: 'number', cell: ({ abandono }) => part(abandono) }, { title: t('figures.used'), kind: 'number', cell: ({ ocupacion }) => part(ocupacion) },
    ], days.filter(({ emitidos }) => emitidos > 0))),
    chartCard(admin, 'desks', csv('escritorio'), barChart({ title: t('figures.chart.desks'), unit: 'number', lang, named: true, groups: deskRows.map(({ grupo }) => deskName(grupo)), brief: deskRows.map(({ grupo }) => String(grupo)), series: [t('figures.finished')], values: deskRows.map(({ finalizados }) => [finalizados]), tones: [1] }), () => table(t('figures.chart.desks'), [
      { title: t('home.desk'), kind: 'main', cell: ({ grupo }) => deskName(grupo) }, { title: t('figures.finished'), kind: 'number', cell: ({ finalizados }) => count(finalizados) }, { title: t('figures.service'), kind: 'number', cell: ({ atencion }) => time(atencion) },
      { title: t('figures.perHour'), kind: 'number', cell: ({ porHora }) => count(porHora) }, { title: t('figures.used'), kind: 'number', cell: ({ ocupacion }) => part(ocupacion) }, { title: t('figures.absent.name'), kind: 'number', cell: ({ ausentes }) => count(ausentes) },
    ], deskRows)),
    chartCard(admin, 'services', csv('servicio'), barChart({ title: t('figures.chart.services'), unit: 'time', lang, named: true, groups: services.map(({ grupo }) => serviceName(grupo)), series: [t('figures.wait'), t('figures.service')], values: services.map(({ espera, atencion }) => [espera?.media ?? null, atencion]), tones: [0, 1] }), () => table(t('figures.chart.services'), [
      { title: t('setup.service.name'), kind: 'main', cell: ({ grupo }) => serviceName(grupo) }, { title: t('figures.issued'), kind: 'number', cell: ({ emitidos }) => count(emitidos) }, { title: t('figures.wait'), kind: 'number', cell: ({ espera }) => time(espera?.media) },
      { title: t('figures.service'), kind: 'number', cell: ({ atencion }) => time(atencion) }, { title: t('figures.level'), kind: 'number', cell: ({ nivel }) => part(nivel) },
    ], services)),
  ];
}

/**
 * A chart, and behind it the numbers.
 * @param {Admin} admin @param {string} name @param {HTMLElement} csv @param {HTMLElement} chart @param {() => HTMLElement} numbers
 */
function chartCard(admin, name, csv, chart, numbers) {
  const { t } = admin;
  const details = el('details', { class: 'numbers', ontoggle: () => details.open && details.children.length === 1 && details.append(numbers()) }, el('summary', {}, t('figures.numbers')));
  return card(t(`figures.chart.${name}`), { text: t(`figures.chart.${name}.text`), actions: [csv], id: name }, chart, details);
}

/** Waits or people, by weekday and hour. @param {Admin} admin @param {{days: number[], hours: number[], cells: Array<Array<Row|null>>}} week @param {(group: string) => HTMLElement} csv */
function heatCard(admin, week, csv) {
  const { t, i18n } = admin;
  const { lang } = i18n;
  const kind = choice([['wait', t('figures.mean')], ['people', t('figures.issued')]], 'wait', { onchange: () => draw() });
  const place = el('div', {});
  const values = () => week.cells.map((row) => row.map((cell) => (kind.value === 'wait' ? (cell?.espera?.media ?? null) : (cell?.emitidos || null))));
  const unit = () => /** @type {import('../chart-view.js').Unit} */ (kind.value === 'wait' ? 'time' : 'number');
  const hourName = (/** @type {number} */ hour) => `${String(hour).padStart(2, '0')} h`;
  const numbers = () => {
    const text = formatOf(unit(), lang);
    return table(t('figures.chart.heat'), [{ title: t('figures.weekday'), kind: 'main', cell: (/** @type {number} */ at) => weekdayText(week.days[at] ?? 1, lang) }, ...week.hours.map((hour, n) => ({ title: hourName(hour), kind: 'number', cell: (/** @type {number} */ at) => {
      const value = values()[at]?.[n];
      return value == null ? '–' : text(value);
    } }))], week.days.map((_, at) => at));
  };
  const draw = () => {
    const details = el('details', { class: 'numbers', ontoggle: () => details.open && details.children.length === 1 && details.append(numbers()) }, el('summary', {}, t('figures.numbers')));
    place.replaceChildren(heatChart({ title: t('figures.chart.heat'), unit: unit(), lang, rows: week.days.map((day) => weekdayText(day, lang, 'short')), columns: week.hours.map(hourName), values: values() }), details);
  };
  draw();
  return card(t('figures.chart.heat'), { text: t('figures.chart.heat.text'), actions: [field(t('figures.show'), kind, { hideLabel: true }), csv('dia-hora')], id: 'heat' }, place);
}
