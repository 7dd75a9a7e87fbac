// The geometry of charts: scales, bars, heat. Pure: numbers in, numbers out. Drawing is chart-view.js.

/** A top of the scale that reads well, and the lines up to it. @param {number} most @param {number} [lines] @returns {{top: number, ticks: number[]}} */
export function niceScale(most, lines = 4) {
  if (!(most > 0)) return { top: 1, ticks: [0, 1] };
  const rough = most / lines;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough * (1 - 1e-9)) ?? 10) * power;
  const count = Math.ceil(most / step - 1e-9);
  return { top: round(step * count), ticks: Array.from({ length: count + 1 }, (_, at) => round(at * step)) };
}

/** The same for lengths of time: steps of whole minutes that clocks have. @param {number} ms @param {number} [lines] */
export function timeScale(ms, lines = 4) {
  const minutes = Math.max(ms / 60_000, 1);
  const step = [1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 1440].find((one) => one * lines >= minutes) ?? Math.ceil(minutes / lines / 1440) * 1440;
  const count = Math.max(1, Math.ceil(minutes / step - 1e-9));
  return { top: step * count * 60_000, ticks: Array.from({ length: count + 1 }, (_, at) => at * step * 60_000) };
}

/** @param {number} value */
function round(value) {
  return Number(value.toPrecision(12));
}

/**
 * Bars side by side, a group for each row.
 * @param {ReadonlyArray<ReadonlyArray<number|null>>} rows  the values of each group
 * @param {{width: number, height: number, top: number, gap?: number}} box  top: the value at the upper edge; gap: share of a group that is left free
 * @returns {Array<{group: number, series: number, x: number, y: number, width: number, height: number}>} what has no value has no bar
 */
export function bars(rows, { width, height, top, gap = 0.3 }) {
  const slot = width / Math.max(1, rows.length);
  return rows.flatMap((values, group) => {
    const each = (slot * (1 - gap)) / Math.max(1, values.length);
    return values.flatMap((value, series) => {
      if (value === null || !Number.isFinite(value)) return [];
      const tall = Math.max(0, Math.min(1, value / top)) * height;
      return [{ group, series, x: slot * group + (slot * gap) / 2 + each * series, y: height - tall, width: each, height: tall }];
    });
  });
}

/** How full each cell is, from 0 to 1: of the greatest one. Without a value there is none. @param {ReadonlyArray<ReadonlyArray<number|null>>} cells @returns {Array<Array<number|null>>} */
export function heat(cells) {
  const most = Math.max(0, ...cells.flat().filter((value) => value !== null));
  return cells.map((row) => row.map((value) => (value === null ? null : most > 0 ? value / most : 0)));
}

/** A line through what is known; gaps stay gaps. @param {ReadonlyArray<number|null>} values @param {{width: number, height: number, top: number}} box @returns {string[]} one path for each part */
export function lines(values, { width, height, top }) {
  const slot = width / Math.max(1, values.length);
  /** @type {string[]} */ const parts = [];
  let open = '';
  for (const [at, value] of [...values, null].entries()) {
    if (value === null || value === undefined) {
      if (open) parts.push(open);
      open = '';
    } else {
      const [x, y] = [slot * (at + 0.5), height - Math.min(1, value / top) * height];
      open += `${open ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    }
  }
  return parts;
}

/** Which labels fit: each `n`th one, so that none touches the next. @param {number} count @param {number} width @param {number} each  what one needs */
export function everyNth(count, width, each) {
  return Math.max(1, Math.ceil((count * each) / Math.max(1, width)));
}

/** An hour of the week as figures name it: `1-09` is Mondays from nine to ten. @param {string} group @returns {{day: number, hour: number}} */
export function weekHour(group) {
  const [day = 1, hour = 0] = group.split('-').map(Number);
  return { day, hour };
}

/**
 * Weekday × hour, Monday first, from the first hour with something in it to the last.
 * @template T
 * @param {ReadonlyArray<{day: number, hour: number, value: T}>} found  day 1 … 7
 * @returns {{days: number[], hours: number[], cells: Array<Array<T|null>>}}
 */
export function grid(found) {
  const at = found.map(({ hour }) => hour);
  const [first, last] = at.length ? [Math.min(...at), Math.max(...at)] : [9, 13];
  const hours = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  const days = [1, 2, 3, 4, 5, 6, 7].filter((day) => day < 6 || found.some((one) => one.day === day));
  return { days, hours, cells: days.map((day) => hours.map((hour) => found.find((one) => one.day === day && one.hour === hour)?.value ?? null)) };
}
