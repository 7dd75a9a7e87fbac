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

/** What the staff choose from, little time to undo, and a short wait for who lost the connection. */
export const WORKING = {
  ...TOWN_HALL,
  time_zone: whereItIsMorning(),
  auto_finish: false,
  outcomes: [word('resuelto', 'Resuelto', 'Solved'), word('pendiente', 'Falta documentación', 'Papers missing')],
  pauses: [word('comida', 'Comida', 'Lunch'), word('gestion', 'Gestiones internas', 'Back office')],
};

/** @param {string} slug @param {string} es @param {string} en */
export function word(slug, es, en) {
  return { slug, name: { es, en } };
}

/** Some zone in which it is between ten and eleven: the day does not turn while a test runs, and later today is possible. */
export function whereItIsMorning() {
  const ahead = 10 - new Date().getUTCHours();
  const hours = ahead < -12 ? ahead + 24 : ahead;
  // These names count westwards.
  return `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
}
