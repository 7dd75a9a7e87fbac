// Charts as SVG: drawn at the size that they have, in the page's colours, described to who cannot see them. The numbers themselves are in the table
// beside each chart; the geometry is charts.js.

import { el } from '../lib/dom.js';
import { mean } from '../lib/time.js';
import { bars, everyNth, heat, lines, niceScale, timeScale } from './charts.js';

const SVG = 'http://www.w3.org/2000/svg';
const MARGIN = { left: 58, right: 8, top: 10, bottom: 30 };
const HEIGHT = 240;
/** What a letter of a label needs. */
const LETTER = 7;
/** A name that is cut to fewer letters says nothing. */
const SHORTEST = 5;

/** @typedef {'time'|'share'|'number'} Unit */
/**
 * @typedef {object} BarChart
 * @property {string} title
 * @property {Unit} unit
 * @property {string} lang
 * @property {string[]} groups
 * @property {string[]} series
 * @property {Array<Array<number|null>>} values  of each group, one a series
 * @property {Array<Array<number|null>>} [marks]  a line above each bar: the ninth decile and the like
 * @property {string} [marksName]
 * @property {number[]} [tones]  of the series
 * @property {boolean} [line]  points in a line, for what goes on
 * @property {string[]} [brief]  what groups are called where there is no room for a word
 * @property {boolean} [named]  every group is named, in short where there is little room; else some are left out, as of hours and days
 */

/** @param {string} name @param {Record<string, string|number>} attributes @param {...(Node|string)} children */
function svg(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/** @param {Unit} unit @param {string} lang */
export function formatOf(unit, lang) {
  if (unit === 'time') return (/** @type {number} */ value) => mean(value, lang);
  const format = new Intl.NumberFormat(lang, unit === 'share' ? { style: 'percent', maximumFractionDigits: 0 } : { maximumFractionDigits: 1 });
  return (/** @type {number} */ value) => format.format(value);
}

/** The same beside the scale, where there is little room. @param {Unit} unit @param {string} lang */
function tickOf(unit, lang) {
  if (unit !== 'time') return formatOf(unit, lang);
  const hours = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
  return (/** @type {number} */ value) => (value > 120 * 60_000 ? `${hours.format(value / 3_600_000)} h` : `${Math.round(value / 60_000)} min`);
}

/** Draws again when its frame is of another width. @param {string} title @param {(width: number) => Node} draw @param {Node[]} [more] */
function figure(title, draw, more = []) {
  const paper = el('div', { class: 'paper' });
  let width = 0;
  new ResizeObserver(([entry]) => {
    const next = Math.round(entry?.contentRect.width ?? 0);
    if (next < 40 || next === width) return;
    width = next;
    paper.replaceChildren(draw(width));
  }).observe(paper);
  return el('figure', { class: 'chart', 'aria-label': title }, ...more, paper);
}

/** @param {string[]} names @param {number[]} tones @param {string} [marksName] */
function legend(names, tones, marksName) {
  const rows = names.length > 1 ? names.map((name, at) => el('li', { class: 'key', 'data-series': String(tones[at] ?? at) }, name)) : [];
  if (marksName) rows.push(el('li', { class: 'key marks' }, marksName));
  return rows.length ? [el('ul', { class: 'legend', 'aria-hidden': 'true' }, ...rows)] : [];
}

/** @param {BarChart} chart */
export function barChart({ title, unit, lang, groups, brief, series, values, marks, marksName, tones = series.map((_, at) => at), line, named }) {
  const [text, mild] = [formatOf(unit, lang), tickOf(unit, lang)];
  const most = Math.max(0, ...values.flat().map((value) => value ?? 0), ...(marks ?? []).flat().map((value) => value ?? 0));
  const { top, ticks } = unit === 'time' ? timeScale(most) : unit === 'share' ? { top: 1, ticks: [0, 0.25, 0.5, 0.75, 1] } : niceScale(most);
  const said = groups.map((group, at) => `${group}: ${series.map((name, n) => `${series.length > 1 ? `${name} ` : ''}${values[at]?.[n] == null ? '–' : text(values[at]?.[n] ?? 0)}`).join(', ')}`).join('; ');
  return figure(title, (width) => {
    const box = { width: Math.max(60, width - MARGIN.left - MARGIN.right), height: HEIGHT - MARGIN.top - MARGIN.bottom, top };
    const y = (/** @type {number} */ value) => box.height - Math.min(1, value / top) * box.height;
    const slot = box.width / Math.max(1, groups.length);
    const names = brief && slot < SHORTEST * LETTER ? brief : groups;
    const longest = Math.max(...names.map((name) => name.length), 1) * LETTER + 6;
    const nth = named ? everyNth(groups.length, box.width, Math.min(longest, SHORTEST * LETTER)) : everyNth(groups.length, box.width, longest);
    const found = bars(values, { ...box, gap: groups.length > 40 ? 0.15 : 0.3 });
    return svg('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: 'img', 'aria-label': `${title}. ${said}` },
      svg('g', { transform: `translate(${MARGIN.left} ${MARGIN.top})` },
        ...ticks.flatMap((tick) => [svg('line', { class: tick === 0 ? 'base' : 'grid', x1: 0, x2: box.width, y1: y(tick), y2: y(tick) }), svg('text', { class: 'tick', x: -8, y: y(tick) + 4, 'text-anchor': 'end' }, mild(tick))]),
        ...(line ? series.flatMap((_, n) => [
          ...lines(values.map((row) => row[n] ?? null), box).map((d) => svg('path', { class: 'line', 'data-series': tones[n] ?? n, d })),
          ...values.flatMap((row, at) => (row[n] == null ? [] : [svg('circle', { class: 'bar', 'data-series': tones[n] ?? n, cx: slot * (at + 0.5), cy: y(row[n] ?? 0), r: groups.length > 45 ? 2.5 : 4 }, svg('title', {}, `${groups[at]}: ${text(row[n] ?? 0)}`))])),
        ]) : found.map((bar) => svg('rect', { class: 'bar', 'data-series': tones[bar.series] ?? bar.series, x: bar.x.toFixed(1), y: bar.y.toFixed(1), width: Math.max(1, bar.width - 2).toFixed(1), height: Math.max(bar.height, values[bar.group]?.[bar.series] ? 2 : 0).toFixed(1), rx: Math.max(0, Math.min(3, bar.width / 3)) },
          svg('title', {}, `${groups[bar.group]}${series.length > 1 ? ` · ${series[bar.series]}` : ''}: ${text(values[bar.group]?.[bar.series] ?? 0)}`)))),
        ...(marks ? found.flatMap((bar) => {
          const mark = marks[bar.group]?.[bar.series];
          return mark == null ? [] : [svg('line', { class: 'mark', x1: bar.x, x2: bar.x + bar.width - 2, y1: y(mark), y2: y(mark) }, svg('title', {}, `${groups[bar.group]} · ${marksName}: ${text(mark)}`))];
        }) : []),
        ...names.flatMap((name, at) => (at % nth ? [] : [svg('text', { class: 'tick', x: slot * (at + 0.5), y: box.height + 20, 'text-anchor': 'middle' }, short(name, nth * slot))])),
      ));
  }, legend(series, tones, marks ? marksName : undefined));
}

/** @param {string} text @param {number} width */
function short(text, width) {
  const letters = Math.max(2, Math.floor(width / LETTER));
  return text.length > letters ? `${text.slice(0, letters - 1)}…` : text;
}

/** How much, by row and column. @param {{title: string, unit: Unit, lang: string, rows: string[], columns: string[], values: Array<Array<number|null>>}} chart */
export function heatChart({ title, unit, lang, rows, columns, values }) {
  const text = formatOf(unit, lang);
  const short = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
  const inCell = (/** @type {number} */ value) => (unit === 'time' ? short.format(value < 600_000 ? Math.round(value / 6000) / 10 : Math.round(value / 60_000)) : text(value));
  const full = heat(values);
  const said = rows.map((row, at) => `${row}: ${columns.map((column, n) => `${column} ${values[at]?.[n] == null ? '–' : text(values[at]?.[n] ?? 0)}`).join(', ')}`).join('; ');
  return figure(title, (width) => {
    const left = Math.max(...rows.map((row) => row.length)) * LETTER + 16;
    const cell = { width: Math.max(60, width - left) / columns.length, height: 34 };
    const height = rows.length * cell.height + 28;
    const nth = everyNth(columns.length, width - left, 44);
    return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': `${title}. ${said}` },
      ...rows.map((row, at) => svg('text', { class: 'tick', x: left - 10, y: at * cell.height + cell.height / 2 + 4, 'text-anchor': 'end' }, row)),
      ...rows.flatMap((row, at) => columns.map((column, n) => {
        const share = full[at]?.[n];
        const value = values[at]?.[n];
        const known = share !== null && share !== undefined && value != null;
        return svg('g', { class: 'cell', 'data-heat': known ? Math.round(share * 8) : 'none' },
          svg('rect', { x: left + n * cell.width + 1, y: at * cell.height + 1, width: Math.max(1, cell.width - 2), height: cell.height - 2, rx: 4 }, svg('title', {}, `${row} ${column}: ${known ? text(value) : '–'}`)),
          ...(known && cell.width > 34 ? [svg('text', { x: left + (n + 0.5) * cell.width, y: at * cell.height + cell.height / 2 + 4, 'text-anchor': 'middle' }, inCell(value))] : []));
      })),
      ...columns.flatMap((column, n) => (n % nth ? [] : [svg('text', { class: 'tick', x: left + (n + 0.5) * cell.width, y: height - 8, 'text-anchor': 'middle' }, column)])));
  });
}
