// The first office as it is sent: pure.

/** @typedef {{codigo: string, oficina: string, zona: string, pantallas: string, servicios: Array<{prefijo: string, nombre: string}>, escritorios: string, nombre: string, acceso: string, clave: string}} Filled */

/** @param {Filled} filled @param {string[]} idiomas  the first one is the office's own */
export function setupBody(filled, idiomas) {
  return {
    codigo: filled.codigo.trim(),
    sucursal: {
      nombre: filled.oficina.trim(), zona: filled.zona, idiomas, pantallas: filled.pantallas, escritorios: Number(filled.escritorios),
      servicios: filled.servicios.map(({ prefijo, nombre }) => ({ prefijo: prefijo.trim().toUpperCase(), nombre: nombre.trim() })),
    },
    admin: { nombre: filled.nombre.trim(), acceso: filled.acceso.trim(), clave: filled.clave },
  };
}

/** The first letter that no service has; after Z two letters. @param {string[]} taken */
export function freePrefix(taken) {
  const letters = Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at));
  const used = new Set(taken.map((one) => one.toUpperCase()));
  return [...letters, ...letters.flatMap((one) => letters.map((two) => one + two))].find((one) => !used.has(one)) ?? '';
}

/** Every time zone that the browser knows, with the one that the machine is in. @param {string} own */
export function timeZones(own) {
  /** @type {string[]} */ let known = [];
  try {
    known = Intl.supportedValuesOf('timeZone');
  } catch {
    // an older browser: its own zone can be chosen, and others later on the admin page
  }
  return [...new Set([own, 'UTC', ...known])].sort();
}
