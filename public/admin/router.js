// Which section the address names, and with what: `#audit?accion=user`. Pure.

/** @typedef {{section: string, params: Record<string, string>}} Route */

/** @param {string} hash @param {readonly string[]} sections @param {string} otherwise @returns {Route} */
export function readHash(hash, sections, otherwise) {
  const [, name = '', query = ''] = /^#?([a-z-]*)(?:\?(.*))?$/.exec(hash) ?? [];
  if (!sections.includes(name)) return { section: otherwise, params: {} };
  return { section: name, params: Object.fromEntries(new URLSearchParams(query)) };
}

/** @param {string} section @param {Record<string, string|number|null|undefined>} [params]  those without a value are left out */
export function writeHash(section, params = {}) {
  const kept = Object.entries(params).flatMap(([name, value]) => (value === null || value === undefined || value === '' ? [] : [[name, String(value)]]));
  const query = new URLSearchParams(kept).toString();
  return `#${section}${query && `?${query}`}`;
}
