// Business days as dates, `2026-11-21`, without times and zones. Pure.

const DAY = 86_400_000;

/** @param {number} now ms @param {string} [zone] @returns {string} the date on a wall there */
export function dateOf(now, zone) {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now);
}

/** @param {string} date @param {number} days @returns {string} */
export function addDays(date, days) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** Both included. @param {string} from @param {string} to @returns {string[]} */
export function daysBetween(from, to) {
  const found = [];
  for (let day = from; day <= to && found.length < 400; day = addDays(day, 1)) found.push(day);
  return found;
}

/** @param {string} date @returns {number} 1 (Monday) … 7 */
export function weekdayOf(date) {
  return new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
}

/** @typedef {'today'|'yesterday'|'week'|'month'|'quarter'} Span */

/** @param {Span|string} span @param {string} today @returns {{from: string, to: string}} */
export function rangeOf(span, today) {
  if (span === 'yesterday') return { from: addDays(today, -1), to: addDays(today, -1) };
  const back = { week: 6, month: 29, quarter: 90 }[span] ?? 0;
  return { from: addDays(today, -back), to: today };
}

/** @param {string} date @param {string} lang @param {Intl.DateTimeFormatOptions} [options] */
export function dayText(date, lang, options = { weekday: 'short', day: 'numeric', month: 'short' }) {
  return new Intl.DateTimeFormat(lang, { ...options, timeZone: 'UTC' }).format(Date.parse(`${date}T00:00:00Z`));
}

/** A moment in short, by the clock on the branch's wall: `22 nov 2026, 07:34`. @param {number} at ms @param {string} lang @param {string} [zone] */
export function momentText(at, lang, zone) {
  return new Intl.DateTimeFormat(lang, { timeZone: zone, day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
}

/** @param {number} day  1 (Monday) … 7 @param {string} lang @param {'long'|'short'|'narrow'} [style] */
export function weekdayText(day, lang, style = 'long') {
  return new Intl.DateTimeFormat(lang, { weekday: style, timeZone: 'UTC' }).format(Date.UTC(2024, 0, day));
}
