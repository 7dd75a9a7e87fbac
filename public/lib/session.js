// Who uses this browser: asks, signs in and out, and knows the way to the sign-in page and back. What one may do is decided by the server;
// this only tells what is worth offering.

import { get, post, remove, request } from './rest.js';

/** @typedef {'admin'|'supervisor'|'agente'} Role */
/** @typedef {{id: string, nombre: string, rol: Role, acceso: string|null}} Self */
/** @typedef {{id: number, nombre: string, rol: Role|null, pantallas?: 'vinculadas'|'abiertas'}} OwnBranch */
/**
 * @typedef {object} Session
 * @property {'usuario'|'dispositivo'|'nadie'|'demostracion'} quien
 * @property {Self} [usuario]
 * @property {{id: string, nombre: string, tipo: 'kiosco'|'pantalla', sucursal: number}} [dispositivo]
 * @property {OwnBranch[]} sucursales
 */
/** A place where one is signed in. @typedef {{id: string, creada: number, usada: number, direccion: string|null, agente: string|null, actual: boolean}} SignIn */

const RANKS = { agente: 0, supervisor: 1, admin: 2 };

/** @returns {Promise<Session>} */
export function whoAmI() {
  return get('/session');
}

/** @param {string} acceso @param {string} clave @returns {Promise<Session>} */
export function signIn(acceso, clave) {
  return post('/session', { acceso, clave });
}

/** Somebody who is signed out already is signed out. */
export async function signOut() {
  await request('DELETE', '/session').catch((problem) => {
    if (problem.status !== 401) throw problem;
  });
}

/** @returns {Promise<SignIn[]>} */
export async function signIns() {
  return (await get('/sessions')).sesiones;
}

/** @param {string} id */
export function endSignIn(id) {
  return remove(`/sessions/${encodeURIComponent(id)}`);
}

/** @param {string} actual @param {string} nueva */
export function changePassword(actual, nueva) {
  return request('PUT', '/session/password', { body: { actual, nueva } });
}

/** Whether somebody has at least that role in a branch; in the demonstration everybody has every role. @param {Session} session @param {number} branch @param {Role} role */
export function mayIn(session, branch, role) {
  if (session.quien === 'demostracion') return true;
  const own = session.sucursales.find(({ id }) => id === branch)?.rol;
  return session.quien === 'usuario' && Boolean(own) && RANKS[/** @type {Role} */ (own)] >= RANKS[role];
}

/** Where one may do something at least. @param {Session} session @param {Role} role @returns {OwnBranch[]} */
export function branchesFor(session, role) {
  return session.sucursales.filter(({ id }) => mayIn(session, id, role));
}

/** The sign-in page that leads back to here. @param {{pathname: string, search: string, hash: string}} [here] */
export function loginAddress(here = location) {
  const back = here.pathname + here.search + here.hash;
  const kept = new URLSearchParams();
  for (const name of ['lang', 'idioma', 'tema']) {
    const value = new URLSearchParams(here.search).get(name);
    if (value) kept.set(name, value);
  }
  if (back !== '/') kept.set('volver', back);
  const query = kept.toString();
  return `/login${query && `?${query}`}`;
}

/**
 * Where to go after signing in: a path of this server and nothing else, whatever the address of the page says.
 * @param {string|null} wish @param {string} origin @param {string} otherwise
 */
export function wayBack(wish, origin, otherwise = '/desk') {
  if (!wish || !wish.startsWith('/') || /[\\\u0000-\u001f]/.test(wish) || wish.startsWith('//')) return otherwise;
  let url;
  try {
    url = new URL(wish, origin);
  } catch {
    return otherwise;
  }
  if (url.origin !== origin || /^\/(login|setup)(\/|$)/.test(url.pathname)) return otherwise;
  return url.pathname + url.search + url.hash;
}

/** Leaves for the sign-in page. */
export function goToLogin() {
  location.replace(loginAddress());
}
