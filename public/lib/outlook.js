// What a newcomer can expect, in words: how long it takes, whether numbers are given, when it opens again. Pure: the caller brings the
// clock, the branch's zone and the translation.

/** @typedef {import('./types.js').Wait} Wait */
/** @typedef {import('./types.js').Service} Service */
/** @typedef {import('./board.js').Board} Board */
/** @typedef {(key: string, params?: Record<string, string|number>) => string} Translate */

/** Numbers left from which on a kiosk says how many there are. */
export const FEW = 10;
/** Before numbers end, a kiosk says until when they are given. */
export const SOON = 60 * 60_000;
const DAY = 86_400_000;

/**
 * - `open`: gives numbers
 * - `full`: no numbers left today
 * - `closed`: by its hours, behind the last ticket, or because the day was closed by hand
 * @param {Service} service @returns {'open'|'full'|'closed'}
 */
export function standing({ abierto, quedan }) {
  if (abierto === false) return 'closed';
  return quedan === 0 ? 'full' : 'open';
}

/**
 * When none of the services gives numbers any more for its hours; null while one of them does. Numbers used up do not close a branch.
 * @param {Board} board @param {Service[]} [services]
 * @returns {{byHand: boolean, serving: boolean, opens: number|null}|null}  `serving`: people are still called
 */
export function closing(board, services = board.servicios) {
  const byHand = board.cerrada === true;
  if (!byHand && (services.length === 0 || services.some((service) => standing(service) !== 'closed'))) return null;
  const ids = new Set(services.map((service) => service.id));
  const opens = services.flatMap((service) => service.abre ?? []);
  const serving = services.some((service) => service.esperando > 0) || board.escritorios.some((desk) => desk.ticket && ids.has(desk.ticket.servicio));
  return { byHand, serving, opens: opens.length ? Math.min(...opens) : null };
}

/** `10–20 min`; empty when nothing can be said. @param {Wait|undefined} wait @param {Translate} t @param {{short?: boolean}} [opts] */
export function waitText(wait, t, { short = false } = {}) {
  if (!wait) return '';
  if ('mas' in wait) return t(short ? 'wait.over' : 'wait.more', { over: wait.mas });
  const { desde: from, hasta: to } = wait;
  if (from <= 0) return t('wait.upTo', { to });
  return from === to ? t('wait.about', { to }) : t('wait.range', { from, to });
}

/**
 * `Abre el lunes a las 8:00`; empty when it is not known.
 * @param {number|null|undefined} at @param {{now: number, zone?: string, lang: string}} here @param {Translate} t
 */
export function opensText(at, { now, zone, lang }, t) {
  if (typeof at !== 'number') return '';
  const when = moment(at, lang, zone);
  const clock = t('time.at', { n: when.hour, time: when.time });
  const days = Math.round((when.date - moment(now, lang, zone).date) / DAY);
  if (days <= 0) return t('opens.today', { clock });
  if (days === 1) return t('opens.tomorrow', { clock });
  return days < 7 ? t('opens.weekday', { day: when.weekday, clock }) : t('opens.date', { day: when.weekday, date: when.day, clock });
}

/** `hasta las 13:30` @param {number} at @param {{zone?: string, lang: string}} here @param {Translate} t */
export function untilText(at, { zone, lang }, t) {
  const { hour, time } = moment(at, lang, zone);
  return t('time.until', { n: hour, time });
}

/**
 * As a wall calendar of the branch shows it.
 * @param {number} at @param {string} lang @param {string} [zone]
 */
function moment(at, lang, zone) {
  const parts = (/** @type {string} */ locale, /** @type {Intl.DateTimeFormatOptions} */ options) =>
    Object.fromEntries(format(locale, options, zone).formatToParts(at).map(({ type, value }) => [type, value]));
  const numbers = parts('en', { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: '2-digit', hourCycle: 'h23' });
  const hour = Number(numbers.hour) % 24;
  return {
    hour,
    time: `${hour}:${String(numbers.minute).padStart(2, '0')}`,
    date: Date.UTC(Number(numbers.year), Number(numbers.month) - 1, Number(numbers.day)),
    weekday: parts(lang, { weekday: 'long' }).weekday ?? '',
    day: format(lang, { day: 'numeric', month: 'long' }, zone).format(at),
  };
}

/** A browser may lack a zone that the server has. @param {string} locale @param {Intl.DateTimeFormatOptions} options @param {string} [zone] */
function format(locale, options, zone) {
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat(locale, options);
  }
}
