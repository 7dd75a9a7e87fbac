// Opening hours as people type them: `8`, `8:30`, `830`, `26:00`. Pure.

export const DAYS = Object.freeze(/** @type {const} */ (['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']));

/** @typedef {[from: string, before: string]} Span */
/** @typedef {Record<string, Span[]>} Week */

/** @param {string} text @returns {string|null} `HH:MM`, up to 47:59: the night after midnight goes on with 24:00 */
export function readTime(text) {
  const found = /^\s*(\d{1,2})(?:[:.h ]?([0-5]\d))?\s*h?\s*$/i.exec(text);
  if (!found) return null;
  const hour = Number(found[1]);
  return hour > 47 ? null : `${String(hour).padStart(2, '0')}:${found[2] ?? '00'}`;
}

/** @param {string} time */
export function minutesOf(time) {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** @param {Span[]} spans @returns {number|null} the first one that ends before it begins, or begins before the one before it ended */
export function wrongSpan(spans) {
  let end = -1;
  for (const [at, [from, before]] of spans.entries()) {
    if (minutesOf(before) <= minutesOf(from) || minutesOf(from) < end) return at;
    end = minutesOf(before);
  }
  return null;
}

/** What is likely meant by one span more. @param {Span[]} spans @returns {Span} */
export function nextSpan(spans) {
  const last = spans.at(-1);
  if (!last) return ['09:00', '14:00'];
  const from = Math.min(minutesOf(last[1]) + 120, 46 * 60);
  return [timeOf(from), timeOf(Math.min(from + 180, 47 * 60))];
}

/** @param {number} minutes */
function timeOf(minutes) {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** Nothing in any day: the office is always open. @param {Week|null|undefined} week */
export function isAlways(week) {
  return !week || DAYS.every((day) => !week[day]?.length);
}
