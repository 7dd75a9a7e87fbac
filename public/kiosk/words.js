// What the kiosk says of a queue and of a number, in words. Pure.

import { FEW, opensText, SOON, untilText, waitText } from '../lib/outlook.js';

/** @typedef {import('../lib/outlook.js').Translate} Translate */
/** @typedef {import('../lib/types.js').Service} Service */
/** @typedef {import('../lib/types.js').Ticket} Ticket */
/** Where and when it is read. @typedef {{now: number, zone?: string, lang: string, t: Translate}} Here */

/** How it looks before one takes a number. @param {Service} service @param {Here} here @param {boolean} [short] */
export function queueText({ esperando: n, espera, quedan, cierra }, here, short = false) {
  const { t, now } = here;
  const people = short ? (n ? t('kiosk.short', { n }) : t('kiosk.short.nobody')) : n ? t('kiosk.waiting', { n }) : t('kiosk.nobody');
  // Who is the only one hears that nobody waits; a length is told where it tells more.
  const wait = n || !espera || 'mas' in espera || espera.hasta > 0 ? waitText(espera, t, { short }) : '';
  const ends = typeof cierra === 'number' && cierra - now < SOON ? untilText(cierra, here, t) : '';
  const few = typeof quedan === 'number' && quedan <= FEW ? t('kiosk.few', { n: quedan }) : ends;
  return [people, wait, few].filter(Boolean).join('\u00a0· ');
}

/** Why no numbers are given. @param {'full'|'closed'} stands @param {number|null} opens @param {Here} here @param {boolean} short */
export function shutText(stands, opens, here, short) {
  const { t } = here;
  if (stands === 'full') return t(short ? 'kiosk.short.full' : 'kiosk.full');
  const again = opensText(opens, here, t);
  return short && again ? again : [t('kiosk.closed'), again].filter(Boolean).join('\u00a0· ');
}

/** How many came before says nothing about who is called with priority. @param {Ticket} ticket @param {Translate} t */
export function aheadText({ delante: n, prioridad }, t) {
  if (!n) return t('kiosk.first');
  return prioridad ? t('kiosk.preferred') : t('kiosk.ahead', { n });
}

/** @param {Ticket} ticket @param {Translate} t */
export function estimateText({ espera }, t) {
  return espera ? `${t('kiosk.estimate')}: ${waitText(espera, t)}` : '';
}
