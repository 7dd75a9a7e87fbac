// The services as a kiosk offers them: in groups, and groups in groups. Pure.

/** @typedef {import('../lib/types.js').Service} Service */
/** @typedef {import('../lib/types.js').Group} Group */
/** @typedef {{grupos?: Group[], servicios: Service[]}} Offer */
/** @typedef {{kind: 'service', id: string, service: Service}|{kind: 'group', id: string, group: Group, services: Service[]}} Entry */

/**
 * What is chosen from in a group, `null` being the top: in the order of the services. A group without services is not offered; a service of
 * a group that is not known is offered at the top.
 * @param {Offer} offer @param {string|null} within @returns {Entry[]}
 */
export function entries({ grupos = [], servicios }, within) {
  /** @type {Map<string, Entry>} */ const found = new Map();
  for (const service of servicios) {
    const path = lineage(grupos, service.grupo ?? null);
    const depth = within === null ? 0 : path.findIndex((group) => group.id === within) + 1;
    if (within !== null && depth === 0) continue;
    const group = path[depth];
    const key = group ? `group ${group.id}` : `service ${service.id}`;
    const entry = found.get(key);
    if (entry?.kind === 'group') entry.services.push(service);
    else found.set(key, group ? { kind: 'group', id: group.id, group, services: [service] } : { kind: 'service', id: service.id, service });
  }
  return [...found.values()];
}

/** Where choosing begins: a top that holds a single group is no choice. @param {Offer} offer @returns {string|null} */
export function beginning(offer) {
  /** @type {string|null} */ let within = null;
  for (;;) {
    const [first, ...others] = entries(offer, within);
    if (first?.kind !== 'group' || others.length) return within;
    within = first.id;
  }
}

/** The groups from behind the beginning down to this one. @param {Offer} offer @param {string|null} within @returns {Group[]} */
export function trail(offer, within) {
  const path = lineage(offer.grupos ?? [], within);
  const begins = beginning(offer);
  return path.slice(path.findIndex((group) => group.id === begins) + 1);
}

/** From the top down to the group. Groups that are in each other stand at the top. @param {Group[]} groups @param {string|null} id @returns {Group[]} */
function lineage(groups, id) {
  /** @type {Group[]} */ const path = [];
  for (let next = groups.find((group) => group.id === id); next; ) {
    if (path.includes(next)) return path.slice(-1);
    path.unshift(next);
    const { padre } = next;
    next = groups.find((group) => group.id === padre);
  }
  return path;
}
