// Times as people read them, in the branch's zone and the reader's language.

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} lang @param {string|undefined} zone @param {Intl.DateTimeFormatOptions} options */
function formatter(lang, zone, options) {
  const key = `${lang} ${zone} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat(lang, { ...options, timeZone: known(zone) })));
  return format;
}

/** A browser may lack a zone that the server has. @param {string|undefined} zone @returns {string|undefined} */
export function known(zone) {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    return undefined;
  }
}

/** `09:05` @param {number} at @param {string} lang @param {string} [zone] */
export function clock(at, lang, zone) {
  return formatter(lang, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
}

/** `sábado, 21 de noviembre` @param {number} at @param {string} lang @param {string} [zone] */
export function date(at, lang, zone) {
  return formatter(lang, zone, { weekday: 'long', day: 'numeric', month: 'long' }).format(at);
}

/** `04:09`, `1:04:09` @param {number} ms */
export function stopwatch(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const hours = Math.floor(s / 3600);
  return `${hours ? `${hours}:` : ''}${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** `7 min`, `1 h 05 min` @param {number} ms */
export function minutes(ms) {
  const m = Math.max(0, Math.floor(ms / 60_000));
  return m < 60 ? `${m} min` : `${Math.floor(m / 60)} h ${String(m % 60).padStart(2, '0')} min`;
}

/** A length that was counted out of many: `0,4 min`, `12 min`, `1 h 05 min`. @param {number} ms @param {string} lang */
export function mean(ms, lang) {
  if (ms >= 600_000) return minutes(ms + 30_000);
  return `${new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(Math.round(ms / 6000) / 10)} min`;
}
