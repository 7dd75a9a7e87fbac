// An entry of the audit log in words: whom it is about, and what there is to know of it. Pure: the caller brings the translation and the names.

/** @typedef {import('./sections/audit.js').Entry} Entry */
/** A name (empty where the value says it all) and what it is. @typedef {[name: string, value: string]} Fact */
/**
 * @typedef {object} Names
 * @property {(key: string, params?: Record<string, string|number>) => string} t
 * @property {(key: string) => boolean} has
 * @property {(id: string) => string} user  empty where nobody has that id
 * @property {(id: unknown) => string} desk
 * @property {(id: unknown) => string} service
 * @property {(id: string) => string} branch
 */

/** What the program names things by: nothing to read. */
const ID = /^[0-9a-f]{32}$/;
/** Of so many changes of settings the places are told; the log itself keeps all that it has. */
const MOST_CHANGES = 12;

/** Whom or what it is about; empty where that is who did it, or nothing. @param {Entry} entry @param {Names} names @returns {string} */
export function subjectOf({ accion, asunto, detalle, quien }, names) {
  if (accion === 'desk_taken_over') return names.desk(asunto);
  const named = typeof detalle?.nombre === 'string' ? detalle.nombre : typeof detalle?.url === 'string' ? detalle.url : '';
  if (named) return named;
  if (!asunto || asunto === quien.id) return '';
  return names.user(asunto) || (ID.test(asunto) ? '' : asunto);
}

/** @param {Entry} entry @param {Names} names @returns {Fact[]} */
export function factsOf({ accion, detalle }, names) {
  const { t } = names;
  if (accion === 'ticker_changed' && detalle?.mensaje == null) return [['', t('wall.gone')]];
  return Object.entries(detalle ?? {}).flatMap(([key, value]) => {
    const tell = TELLERS[key];
    if (tell) return tell(value, names, { accion, detalle: detalle ?? {} });
    return value === null ? [] : [/** @type {Fact} */ ([key, typeof value === 'object' ? JSON.stringify(value) : String(value)])];
  });
}

/** @typedef {{accion: string, detalle: Record<string, unknown>}} Around */

/** What each thing in a detail says; those that the subject says already say nothing. @type {Record<string, (value: any, names: Names, around: Around) => Fact[]>} */
const TELLERS = {
  nombre: () => [],
  url: () => [],
  parte: () => [],
  escritorio: (id, { t, desk }) => [[t('told.desk'), desk(id)]],
  a: (id, { t, desk }) => [[t('told.to'), desk(id)]],
  servicio: (id, { t, service }) => [[t('told.service'), service(id)]],
  siguiente: (code, { t }) => [[t('told.next'), code]],
  ticket: (code, { t }) => [[t('told.ticket'), code]],
  tickets: (codes, { t }) => [[t('told.tickets'), codes.join(', ')]],
  posicion: (place, { t }) => [[t('told.place'), typeof place === 'object' ? t('told.place.after', { n: place.despues }) : t(`told.place.${place}`)]],
  usuario: (id, { t, user }) => [[t('told.before'), user(id) || '–']],
  mensaje: (text) => [['', `«${text}»`]],
  veces: (n, { t }) => [['', t('told.times', { n })]],
  tipo: (kind, { t, has }) => [['', has(`devices.kind.${kind}`) ? t(`devices.kind.${kind}`) : kind]],
  acceso: (login, { t }) => [[t('login.name'), login ?? t('users.noLogin')]],
  rol: (role, names, { detalle }) => [[names.t('users.role'), grants(role, detalle.sucursales, names)]],
  sucursales: (given, names, { detalle }) => ('rol' in detalle ? [] : [[names.t('users.role'), grants('', given, names)]]),
  clave: (changed, { t }) => (changed ? [['', t('told.password')]] : []),
  activo: (active, { t }, { accion }) => {
    if (active) return [];
    const word = accion.startsWith('user') ? 'users.disabled' : 'hooks.off';
    return [['', t(word)]];
  },
  eventos: (events, { t, has }) => [[t('hooks.events'), events.length ? events.map((/** @type {string} */ one) => (has(`hook.event.${one}`) ? t(`hook.event.${one}`) : one)).join(', ') : t('hooks.all')]],
  todos: (personal, { t }) => (personal ? [['', t('hooks.personal')]] : []),
  cambios: (changes, names) => {
    const told = changes.slice(0, MOST_CHANGES).map((/** @type {Change} */ change) => /** @type {Fact} */ ([placeText(change.lugar, names), changeText(change, names)]));
    return changes.length > MOST_CHANGES ? [...told, ['', names.t('told.more', { n: changes.length - MOST_CHANGES })]] : told;
  },
  mas: (n, { t }) => [['', t('told.more', { n })]],
};

/** @typedef {{lugar: string, antes?: unknown, ahora?: unknown}} Change */

/** `services[1].prefix`: the setting, then which one and what of it. @param {string} place @param {Names} names */
function placeText(place, { t, has }) {
  const [, key = '', rest = ''] = /^(\w*)(.*)$/.exec(place) ?? [];
  const name = has(`setting.${key}`) ? t(`setting.${key}`) : key;
  const steps = rest.replace(/\[(\d+)\]/g, (_, at) => ` ${Number(at) + 1}`).replaceAll('.', ' · ').trim();
  return steps ? `${name} ${steps}` : name;
}

/** @param {Change} change @param {Names} names */
function changeText({ antes, ahora }, { t }) {
  const word = (/** @type {unknown} */ value) => (typeof value === 'boolean' ? t(value ? 'told.yes' : 'told.no') : String(value));
  if (antes === undefined && ahora === undefined) return t('difference.changed.whole');
  if (antes === undefined) return word(ahora);
  return `${word(antes)} → ${ahora === undefined ? t('told.none') : word(ahora)}`;
}

/** @param {string} role @param {unknown} branches @param {Names} names */
function grants(role, branches, { t, branch }) {
  if (!branches || typeof branches !== 'object') return `${t(`role.${role}`)} · ${t('users.everywhere')}`;
  return Object.entries(branches).map(([id, one]) => `${branch(id)}: ${t(`role.${one}`)}`).join(' · ') || t('users.nowhere');
}
