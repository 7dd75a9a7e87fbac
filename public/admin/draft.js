// Settings that are being edited: what differs from those that are saved, and how two people's changes go together. Pure; knows no page.

/** @typedef {any} Json */
/** Of one key of the settings; where it is a list of things with names, of one thing in it. @typedef {{key: string, what: 'added'|'removed'|'changed'|'moved', item?: Json}} Difference */

/** @param {Json} a @param {Json} b @returns {boolean} whatever the order of their keys */
export function same(a, b) {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]));
}

/** @param {Json} value @returns {Json} */
export function copy(value) {
  return structuredClone(value);
}

/** @param {Json} value @param {string} place  `services[1].name.es` @returns {Json} undefined where there is nothing */
export function at(value, place) {
  return steps(place).reduce((found, step) => found?.[step], value);
}

/** Changes `value` itself; undefined takes the key away. @param {Json} value @param {string} place @param {Json} what */
export function put(value, place, what) {
  const way = steps(place);
  const last = way.pop() ?? '';
  let parent = value;
  for (const step of way) parent = parent[step] ??= {};
  if (what === undefined) delete parent[last];
  else parent[last] = what;
}

/** @param {string} place */
function steps(place) {
  return place.split(/[.[\]]+/).filter(Boolean);
}

/** By what a thing in a list stays the same thing. @param {Json} item @returns {string|null} */
export function identity(item) {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return null;
  const id = item.id ?? item.slug ?? item.date;
  return id === undefined ? null : String(id);
}

/** @param {Json} list @returns {Map<string, Json>|null} by identity; null where that is no list of such things */
function byIdentity(list) {
  if (!Array.isArray(list)) return null;
  const found = new Map(list.map((item) => [identity(item), item]));
  return found.has(null) || found.size !== list.length ? null : /** @type {Map<string, Json>} */ (found);
}

/** @param {Json} base @param {Json} mine @returns {Difference[]} in the order of the keys */
export function differences(base, mine) {
  return keysOf(base, mine).filter((key) => !same(base?.[key], mine?.[key])).flatMap((key) => {
    const [before, after] = [byIdentity(base?.[key] ?? []), byIdentity(mine?.[key] ?? [])];
    if (!before || !after || (Array.isArray(base?.[key]) !== Array.isArray(mine?.[key]) && base?.[key] !== undefined)) return [{ key, what: /** @type {const} */ ('changed') }];
    /** @type {Difference[]} */ const found = [];
    for (const [id, item] of after) {
      if (!before.has(id)) found.push({ key, what: 'added', item });
      else if (!same(before.get(id), item)) found.push({ key, what: 'changed', item });
    }
    for (const [id, item] of before) if (!after.has(id)) found.push({ key, what: 'removed', item });
    return found.length ? found : [{ key, what: 'moved' }];
  });
}

/** @param {...Json} values */
function keysOf(...values) {
  return [...new Set(values.flatMap((value) => Object.keys(value ?? {})))];
}

/**
 * My changes on top of what others have saved meanwhile. What both changed, differently, is mine, and is told as a clash.
 * @param {Json} base  what both began with @param {Json} mine @param {Json} theirs
 * @returns {{merged: Json, clashes: Difference[]}}
 */
export function merge(base, mine, theirs) {
  const merged = copy(theirs);
  /** @type {Difference[]} */ const clashes = [];
  for (const key of keysOf(base, mine, theirs)) {
    const [was, my, their] = [base?.[key], mine?.[key], theirs?.[key]];
    if (same(was, my) || same(my, their)) continue;
    if (same(was, their)) {
      put(merged, key, copy(my));
      continue;
    }
    const lists = [was ?? [], my ?? [], their ?? []].map(byIdentity);
    if (lists.every(Boolean)) {
      const [before, own, other] = /** @type {[Map<string, Json>, Map<string, Json>, Map<string, Json>]} */ (lists);
      merged[key] = mergeLists(before, own, other, (item) => clashes.push({ key, what: 'changed', item }));
    } else {
      put(merged, key, copy(my));
      clashes.push({ key, what: 'changed' });
    }
  }
  return { merged, clashes };
}

/**
 * @param {Map<string, Json>} before @param {Map<string, Json>} own @param {Map<string, Json>} other
 * @param {(item: Json) => void} clash
 */
function mergeLists(before, own, other, clash) {
  const ids = [...new Set([...own.keys(), ...other.keys()])];
  return ids.flatMap((id) => {
    const [was, my, their] = [before.get(id), own.get(id), other.get(id)];
    if (same(was, my)) return their === undefined ? [] : [copy(their)];
    if (!same(was, their) && !same(my, their)) clash(my ?? their);
    return my === undefined ? [] : [copy(my)];
  });
}

/** A short name for addresses: `Análisis de sangre` is `analisis-de-sangre`. @param {string} name @param {readonly string[]} taken */
export function slugOf(name, taken) {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 56).replace(/-$/, '') || 'x';
  let slug = plain;
  for (let n = 2; taken.includes(slug); n += 1) slug = `${plain}-${n}`;
  return slug;
}

/** The next number that nothing had. @param {ReadonlyArray<{id: number}>} items */
export function nextId(items) {
  return Math.max(0, ...items.map(({ id }) => id)) + 1;
}
