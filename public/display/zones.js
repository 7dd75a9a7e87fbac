// Which services a display shows, and what it shows of each. Pure.

/** @typedef {import('../lib/types.js').Service} Service */
/** @typedef {import('../lib/types.js').Call} Call */

/** @typedef {{columns: number, rows: number}} Room  calls that a zone has room for, in letters that are read across a hall */

/** By the number of services, on a screen that lies and on one that stands. Other numbers of services get no zones. */
const ROOM = {
  lying: /** @type {Record<number, Room>} */ ({ 2: { columns: 1, rows: 3 }, 3: { columns: 2, rows: 2 }, 4: { columns: 2, rows: 1 } }),
  standing: /** @type {Record<number, Room>} */ ({ 2: { columns: 1, rows: 5 }, 3: { columns: 1, rows: 4 }, 4: { columns: 2, rows: 2 }, 5: { columns: 2, rows: 1 }, 6: { columns: 2, rows: 1 } }),
};

/**
 * Those that the address asks for, by id or letter, in the branch's order. A wish that names none of them is a mistake, and everything is shown.
 * @param {Service[]} services @param {string|null} wish  `caja,extracciones`
 * @returns {Service[]}
 */
export function shownServices(services, wish) {
  const wanted = new Set((wish ?? '').split(',').map((word) => word.trim().toLowerCase()).filter(Boolean));
  const found = services.filter(({ id, prefijo }) => wanted.has(id.toLowerCase()) || wanted.has(prefijo.toLowerCase()));
  return found.length ? found : services;
}

/** @param {number} services @param {boolean} tall  the screen stands on end @returns {Room|null} null: there is no room for zones */
export function roomOfZone(services, tall) {
  return (tall ? ROOM.standing : ROOM.lying)[services] ?? null;
}

/**
 * @param {Service[]} services @param {Call[]} calls  newest first
 * @param {Room} room
 * @returns {Array<{service: Service, calls: Call[]}>}
 */
export function zones(services, calls, { columns, rows }) {
  return services.map((service) => ({ service, calls: calls.filter((call) => call.servicio === service.id).slice(0, columns * rows) }));
}
