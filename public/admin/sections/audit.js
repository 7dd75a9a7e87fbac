// Who did what, newest first: to filter, to read on, to take away as CSV. Nobody can change it.

import { el } from '../../lib/dom.js';
import { choice, field } from '../../lib/forms.js';
import { get } from '../../lib/rest.js';
import { mayIn } from '../../lib/session.js';
import { csvButton } from '../csv.js';
import { momentText } from '../days.js';
import { button, empty, heading, table } from '../parts.js';
import { factsOf, subjectOf } from '../told.js';

/** @typedef {import('../admin.js').Admin} Admin */
/** @typedef {{id: number|string, fecha: number, sucursal: number|null, quien: {tipo: string, id: string|null, nombre: string|null}, direccion: string|null, accion: string, asunto: string|null, detalle: Record<string, unknown>|null}} Entry */

/** What actions begin with. */
const KINDS = ['ticket_*', 'desk_*', 'sign_*', 'user_*', 'device_*', 'settings_*', 'branch_*', 'day_*', 'ticker_*', 'webhook_*'];

/** @param {Admin} admin @param {AbortSignal} signal */
export async function build(admin, signal) {
  const { t, params, session } = admin;
  const users = await admin.users().catch(() => []);
  const frame = el('div', {});
  const whole = mayIn(session, admin.branch.id, 'admin') && (session.quien === 'demostracion' || session.usuario?.rol === 'admin');
  const kind = choice([['', t('audit.all')], .../** @type {Array<[string, string]>} */ (KINDS.map((one) => [one, t(`audit.kind.${one.slice(0, -2)}`)]))], params.accion ?? '', { name: 'accion' });
  const who = choice([['', t('audit.anybody')], .../** @type {Array<[string, string]>} */ (users.map(({ id, nombre }) => [id, nombre]))], params.quien ?? '', { name: 'quien' });
  const where = choice([['', admin.branch.nombre], ['todo', t('audit.everywhere')]], params.donde ?? '', { name: 'donde' });
  const from = el('input', { type: 'date', name: 'desde' });
  const to = el('input', { type: 'date', name: 'hasta' });
  [from.value, to.value] = [params.desde ?? '', params.hasta ?? ''];
  const more = button(t('admin.more.rows'), { class: 'plain', hidden: true, 'data-do': 'more', onclick: () => void load() });
  /** @type {Entry[]} */ let found = [];
  let after = '';
  let turn = 0;
  const filter = () => ({ accion: kind.value, quien: who.value, desde: from.value, hasta: to.value });
  const path = (/** @type {Record<string, string>} */ extra) => {
    const query = new URLSearchParams(Object.entries({ ...filter(), ...extra }).filter(([, value]) => value));
    return `${where.value ? '/audit' : admin.path('/audit')}?${query}`;
  };
  const load = async () => {
    const own = ++turn;
    const answer = await get(path({ limite: '50', despues: after }), { signal });
    if (own !== turn || signal.aborted) return;
    found = [...found, ...answer.entradas];
    after = answer.siguiente ? String(answer.siguiente) : '';
    more.hidden = !after;
    frame.replaceChildren(found.length ? list(admin, found, users) : empty(t('audit.none'), ...(whole && !where.value ? [button(t('audit.everywhere.look'), { 'data-do': 'everywhere', onclick: () => {
      where.value = 'todo';
      where.focus();
      anew();
    } })] : [])));
  };
  const anew = () => {
    [found, after] = [[], ''];
    admin.keep({ ...filter(), donde: where.value });
    void admin.attempt(load);
  };
  for (const control of [kind, who, where, from, to]) control.addEventListener('change', anew);
  await load();
  return [
    heading(t('section.audit'), t('audit.lead'), csvButton(admin, 'audit', () => path({}))),
    el('div', { class: 'filters' }, field(t('audit.what'), kind), field(t('audit.who'), who), field(t('figures.from'), from), field(t('figures.to'), to), ...(whole ? [field(t('home.branch'), where)] : [])),
    frame, el('div', { class: 'row' }, more),
  ];
}

/** @param {Admin} admin @param {Entry[]} entries @param {Array<{id: string, nombre: string}>} users */
function list(admin, entries, users) {
  const { t, i18n } = admin;
  const names = namesOf(admin, users);
  return table(t('section.audit'), [
    { title: t('audit.when'), cell: ({ fecha }) => el('time', { datetime: new Date(fecha).toISOString() }, momentText(fecha, i18n.lang, admin.zone)) },
    { title: t('audit.who'), cell: ({ quien, direccion }) => el('span', { class: 'stacked' }, el('span', {}, quien.nombre ?? t(`audit.who.${known(quien.tipo)}`)), ...(direccion ? [el('span', { class: 'quiet' }, direccion)] : [])) },
    { title: t('audit.what'), kind: 'main', cell: (entry) => [i18n.has(`audit.action.${entry.accion}`) ? t(`audit.action.${entry.accion}`) : entry.accion, subjectOf(entry, names)].filter(Boolean).join(' · ') },
    { title: t('audit.detail'), cell: (entry) => details(factsOf(entry, names)) },
  ], entries, (row, { accion }) => (row.dataset.action = accion));
}

/** @param {string} kind */
function known(kind) {
  return { usuario: 'user', dispositivo: 'device', servidor: 'program', programa: 'program' }[kind] ?? 'nobody';
}

/** Names of this branch's desks and services: those of another one are told by their numbers. @param {Admin} admin @param {Array<{id: string, nombre: string}>} users @returns {import('../told.js').Names} */
function namesOf({ i18n, t, name, settings, session }, users) {
  const of = (/** @type {any[]} */ list, /** @type {unknown} */ id) => list?.find((one) => String(one.id) === String(id))?.name;
  return {
    t, has: (key) => i18n.has(key), user: (id) => users.find((user) => user.id === id)?.nombre ?? '', branch: (id) => session.sucursales.find((branch) => String(branch.id) === id)?.nombre ?? id,
    desk: (id) => name(of(settings.base.desks, id)) || t('common.desk', { desk: String(id) }), service: (id) => name(of(settings.base.services, id)) || String(id),
  };
}

/** @param {import('../told.js').Fact[]} facts */
function details(facts) {
  if (!facts.length) return '';
  return el('dl', { class: 'details' }, ...facts.map(([name, value]) => el('div', {}, ...(name ? [el('dt', {}, name)] : []), el('dd', {}, value))));
}
