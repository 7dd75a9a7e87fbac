// What a phone says of a ticket: its headline, what follows from it, and what its visitor can do. Pure.

import { nameIn } from '../lib/i18n.js';
import { waitText } from '../lib/outlook.js';
import { clock } from '../lib/time.js';

/** @typedef {import('../lib/types.js').Ticket} Ticket */
/** @typedef {(key: string, params?: Record<string, string|number>) => string} Translate */
/** @typedef {{lang: string, zone: string|undefined, now: number, t: Translate}} Here */
/** @typedef {'arrive'|'defer'|'back'|'leave'} Deed */

/** @param {Ticket} ticket @param {Here} here @returns {{head: string, more: string, title: string}} */
export function words(ticket, { lang, zone, now, t }) {
  const time = (/** @type {number|null|undefined} */ at) => (at ? clock(at, lang, zone) : '');
  const said = (/** @type {string} */ head, more = '', title = head) => ({ head, more, title: `${ticket.codigo} · ${title}` });
  const desk = nameIn(ticket.nombreEscritorio ?? undefined, lang) || (ticket.escritorio ? t('phone.desk', { desk: String(ticket.escritorio) }) : '');
  switch (ticket.estado) {
    case 'reservado': return said(t('phone.booked', { time: time(ticket.cita) }), t('phone.booked.hint'));
    case 'esperando': return said(ahead(ticket, t), ticket.espera ? t('phone.wait', { wait: waitText(ticket.espera, t) }) : t('phone.wait.none'));
    case 'aplazado': return said(t('phone.away', { time: time(ticket.hasta) }), t('phone.away.hint'));
    case 'llamado': return said(t('phone.called'), desk, `${t('phone.called.title')} · ${desk}`);
    case 'atendiendo': return said(t('phone.serving'), desk);
    case 'retenido': return said(t('phone.held'), t('phone.held.hint'));
    case 'finalizado': return said(t('phone.finished'), t('phone.finished.hint'));
    case 'ausente': return said(t('phone.missed'), canReturn(ticket, now) ? t('phone.missed.hint', { time: time(ticket.hasta) }) : t('phone.missed.over'));
    case 'cancelado': return said(t('phone.cancelled'), t('phone.again.hint'));
    default: return said(t('phone.expired'), t('phone.again.hint'));
  }
}

/** How many came before says nothing about who is called with priority. @param {Ticket} ticket @param {Translate} t */
function ahead({ delante: n = 0, prioridad }, t) {
  if (!n) return t('phone.next');
  return prioridad ? t('phone.preferred') : t('phone.ahead', { n });
}

/** What can be done, the likeliest first. @param {Ticket} ticket @param {number} now @returns {Deed[]} */
export function deeds(ticket, now) {
  const more = (ticket.aplazos ?? 0) > 0 ? /** @type {Deed[]} */ (['defer']) : [];
  switch (ticket.estado) {
    case 'reservado': return ['arrive', 'leave'];
    case 'esperando': return [...more, 'leave'];
    case 'aplazado': return ['back', ...more, 'leave'];
    case 'retenido': return ['leave'];
    case 'ausente': return canReturn(ticket, now) ? ['back'] : [];
    default: return [];
  }
}

/** Nothing more comes of it by itself. @param {Ticket} ticket */
export function isOver({ estado }) {
  return estado === 'finalizado' || estado === 'cancelado' || estado === 'vencido';
}

/** It will not be long: the screen is to stay lit. @param {Ticket} ticket */
export function isSoon({ estado, delante = 0 }) {
  return estado === 'llamado' || (estado === 'esperando' && delante <= 2);
}

/** @param {Ticket} ticket @param {number} now */
function canReturn({ hasta }, now) {
  return typeof hasta === 'number' && hasta > now;
}
