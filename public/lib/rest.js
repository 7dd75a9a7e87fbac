// Requests to /api/v1, and what is said about them: an answer, or a `Problem` with the server's stable code. Knows no page.

import { newKey } from './intent.js';

const BASE = '/api/v1';
const PATIENCE = 20_000;

/** Refusals after which nothing has changed: the same request may be sent again. */
export const PASSING = new Set(['offline', 'timeout', 'storage_unavailable', 'overloaded', 'shutting_down', 'too_slow']);

/** Why a request was not carried out. `offline` and `timeout` are codes of the page itself: nobody answered. */
export class Problem extends Error {
  /**
   * @param {number} status  0 where there was no answer
   * @param {string} code @param {string} detail  the server's sentence, in the reader's language
   * @param {{place?: string, retryAfter?: number, data?: any}} [more]  place: of the field that it is about; retryAfter: seconds
   */
  constructor(status, code, detail, { place = '', retryAfter = 0, data = {} } = {}) {
    super(detail || code);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.place = place;
    this.retryAfter = retryAfter;
    this.data = data;
  }
}

/** @typedef {{status: number, data: any, etag: string|null}} Answer */

/**
 * @param {string} method @param {string} path  below /api/v1
 * @param {{body?: unknown, etag?: string|null, key?: string, accept?: string, signal?: AbortSignal}} [opts]
 * @returns {Promise<Answer>}
 */
export async function request(method, path, { body, etag, key, accept = 'application/json', signal } = {}) {
  const headers = new Headers({ accept: `${accept}, application/problem+json`, 'accept-language': document.documentElement.lang || 'es' });
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (etag) headers.set('if-match', etag);
  if (method === 'POST') headers.set('idempotency-key', key ?? newKey());
  const patience = AbortSignal.timeout(PATIENCE);
  const response = await fetch(BASE + path, {
    method, headers, credentials: 'same-origin', cache: 'no-store', redirect: 'error',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }), signal: signal ? AbortSignal.any([signal, patience]) : patience,
  }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new Problem(0, error.name === 'TimeoutError' ? 'timeout' : 'offline', '');
  });
  if (!response.ok) throw await problemOf(response);
  const text = await response.text().catch(() => {
    throw new Problem(0, 'offline', '');
  });
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, data: isJson && text ? JSON.parse(text) : text, etag: response.headers.get('etag') };
}

/** @param {string} path @param {{signal?: AbortSignal}} [opts] @returns {Promise<any>} the answer's body */
export async function get(path, opts) {
  return (await request('GET', path, opts)).data;
}

/** @param {string} path @param {unknown} [body] @param {{key?: string}} [opts] @returns {Promise<any>} */
export async function post(path, body = {}, opts) {
  return (await request('POST', path, { body, ...opts })).data;
}

/** @param {string} path @param {unknown} body @param {{etag?: string|null}} [opts] @returns {Promise<any>} */
export async function put(path, body, opts) {
  return (await request('PUT', path, { body, ...opts })).data;
}

/** @param {string} path */
export async function remove(path) {
  await request('DELETE', path);
}

/**
 * All of a list that comes in pages.
 * @param {string} path @param {string} name  of the list in each answer @param {{most?: number, signal?: AbortSignal}} [opts]
 * @returns {Promise<any[]>}
 */
export async function all(path, name, { most = 5000, ...opts } = {}) {
  const found = [];
  const mark = path.includes('?') ? '&' : '?';
  for (let after = ''; found.length < most;) {
    const answer = await get(`${path}${mark}limite=500${after && `&despues=${encodeURIComponent(after)}`}`, opts);
    found.push(...answer[name]);
    if (!answer.siguiente) break;
    after = String(answer.siguiente);
  }
  return found;
}

/** One body, one key: what is sent again after a lost answer is done once, and another body is another intent. */
export class Once {
  #body = '';
  #key = '';

  /** @param {unknown} body @returns {string} */
  keyFor(body) {
    const text = JSON.stringify(body);
    if (text !== this.#body || !this.#key) [this.#body, this.#key] = [text, newKey()];
    return this.#key;
  }

  /** It is done; the same again is another intent. */
  done() {
    this.#key = '';
  }
}

/** @param {Response} response */
async function problemOf(response) {
  /** @type {any} */ const data = await response.json().catch(() => ({}));
  const after = Number(response.headers.get('retry-after'));
  return new Problem(response.status, typeof data.code === 'string' ? data.code : `http_${response.status}`, String(data.detail ?? ''), {
    place: typeof data.lugar === 'string' ? data.lugar : placeIn(String(data.detail ?? '')), retryAfter: Number.isFinite(after) ? after : 0, data,
  });
}

/**
 * Where a refusal says what it is about: `The request is wrong: services[1].prefix: …`. One with steps in it is surely a place; of plain words the last.
 * @param {string} detail @returns {string} empty where it does not
 */
export function placeIn(detail) {
  const found = [...detail.matchAll(/(?<=^|[\s(«“"'`])([a-z_]\w*(?:\[\d+\])*(?:\.\w+(?:\[\d+\])*)*)[`'"”»]?(:?)(?=\s)/gi)].map(([, place = '', colon]) => ({ place, colon }));
  const steps = found.filter(({ place }) => /[.[]/.test(place));
  return (steps.find(({ colon }) => colon) ?? steps[0] ?? found.filter(({ colon }) => colon).at(-1))?.place ?? '';
}

/**
 * Which of the places on the screen a refusal is shown at: the one itself, else the nearest around it.
 * @param {string} place @param {readonly string[]} places @returns {string|null}
 */
export function nearestPlace(place, places) {
  const around = places.filter((one) => one && (place === one || (place.startsWith(one) && /^[.[]/.test(place.slice(one.length)))));
  return around.sort((a, b) => b.length - a.length)[0] ?? null;
}
