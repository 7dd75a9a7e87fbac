// Offices to test with, as `--office` reads them.

/** Three services, three desks, a priority class; recalls without a pause between them. */
export const TOWN_HALL = {
  name: 'Ayuntamiento de Villanueva',
  time_zone: 'Europe/Madrid',
  cut_over: 0,
  languages: ['es', 'en'],
  services: [
    service(1, 'caja', 'A', 'Caja y pagos', 'Cashier'),
    service(2, 'padron', 'B', 'Padrón y certificados', 'Certificates'),
    service(3, 'informacion', 'C', 'Información', 'Information'),
  ],
  desks: [desk(1), desk(2), desk(3)],
  classes: [{ rank: 1, slug: 'prioridad', name: { es: 'Atención prioritaria', en: 'Priority' } }],
  policy: { kind: 'fifo' },
  auto_finish: true,
  confirm_arrival: true,
  min_calls: 1,
  recall_after: 0,
  padding: 3,
};

/** Nobody is asked for a priority. */
export const WITHOUT_CLASSES = { ...TOWN_HALL, classes: [] };

/** Each desk serves only one service. */
export const SPECIALISED = { ...WITHOUT_CLASSES, desks: [{ ...desk(1), services: [1] }, { ...desk(2), services: [2] }] };

/** @param {number} id @param {string} slug @param {string} prefix @param {string} es @param {string} en */
export function service(id, slug, prefix, es, en) {
  return { id, slug, prefix, name: { es, en } };
}

/** @param {number} id */
export function desk(id) {
  return { id, name: { es: `Puesto ${id}`, en: `Desk ${id}` } };
}
