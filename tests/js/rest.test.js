import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { all, get, nearestPlace, Once, placeIn, post, Problem, request } from '../../public/lib/rest.js';

const real = globalThis.fetch;
/** @type {Array<{url: string, init: any}>} */ let asked = [];
/** @type {Array<() => Response|Promise<Response>>} */ let answers = [];

beforeEach(() => {
  asked = [];
  globalThis.document = /** @type {any} */ ({ documentElement: { lang: 'en' } });
  globalThis.fetch = async (url, init) => {
    asked.push({ url: String(url), init });
    return /** @type {() => Response} */ (answers.shift())();
  };
});

afterEach(() => {
  globalThis.fetch = real;
  Reflect.deleteProperty(globalThis, 'document');
});

const json = (body, init = {}) => () => new Response(JSON.stringify(body), { ...init, headers: { 'content-type': 'application/json', ...init.headers } });
const problem = (status, body, headers = {}) => () => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json', ...headers } });

test('a request says its language, its ETag and, for POST alone, a key', async () => {
  answers = [json({ ok: 1 }, { headers: { etag: '"2"' } }), json({}, { status: 201 })];
  assert.deepEqual(await request('PUT', '/branches/1', { body: { name: 'x' }, etag: '"1"' }), { status: 200, data: { ok: 1 }, etag: '"2"' });
  await post('/users', { nombre: 'Ana' });
  const [put, made] = asked.map(({ init }) => init.headers);
  assert.equal(asked[0].url, '/api/v1/branches/1');
  assert.deepEqual([put.get('accept-language'), put.get('if-match'), put.get('idempotency-key')], ['en', '"1"', null]);
  assert.match(made.get('idempotency-key'), /^[0-9a-f]{32}$/);
  assert.equal(made.get('content-type'), 'application/json');
});

test('a refusal is a problem with the stable code, its place and when to try again', async () => {
  answers = [problem(429, { code: 'too_many_attempts', detail: 'Demasiados' }, { 'retry-after': '90' }), problem(422, { code: 'bad_request', detail: 'The request is wrong: services[1].prefix: stands for another' }), problem(409, { code: 'login_taken', detail: 'x', lugar: 'acceso' })];
  await assert.rejects(get('/session'), (error) => error instanceof Problem && error.status === 429 && error.code === 'too_many_attempts' && error.retryAfter === 90);
  await assert.rejects(get('/x'), (error) => error.place === 'services[1].prefix');
  await assert.rejects(get('/x'), (error) => error.place === 'acceso');
});

test('without an answer the page says so itself', async () => {
  answers = [() => Promise.reject(new TypeError('failed to fetch')), () => Promise.reject(new DOMException('late', 'TimeoutError')), () => new Response('<html>', { status: 502 })];
  await assert.rejects(get('/x'), (error) => error.code === 'offline' && error.status === 0);
  await assert.rejects(get('/x'), (error) => error.code === 'timeout');
  await assert.rejects(get('/x'), (error) => error.code === 'http_502');
});

test('an answer without a body is none, and CSV is text', async () => {
  answers = [() => new Response(null, { status: 204 }), () => new Response('a,b', { headers: { 'content-type': 'text/csv' } })];
  assert.equal((await request('DELETE', '/session')).status, 204);
  assert.equal((await request('GET', '/figures', { accept: 'text/csv' })).data, 'a,b');
  assert.match(asked[1].init.headers.get('accept'), /^text\/csv/);
});

test('a list is read page by page', async () => {
  answers = [json({ usuarios: [1, 2], siguiente: 'u 2' }), json({ usuarios: [3], siguiente: null })];
  assert.deepEqual(await all('/users', 'usuarios'), [1, 2, 3]);
  assert.deepEqual(asked.map(({ url }) => url), ['/api/v1/users?limite=500', '/api/v1/users?limite=500&despues=u%202']);
});

test('one body has one key until it is done', () => {
  const once = new Once();
  const key = once.keyFor({ a: 1 });
  assert.equal(once.keyFor({ a: 1 }), key);
  assert.notEqual(once.keyFor({ a: 2 }), key);
  const other = once.keyFor({ a: 2 });
  once.done();
  assert.notEqual(once.keyFor({ a: 2 }), other);
});

test('a place is found in a sentence, whatever stands before it', () => {
  assert.equal(placeIn('services[1].prefix: is taken'), 'services[1].prefix');
  assert.equal(placeIn('La petición no vale: holidays[0].hours[1]: ends before it begins'), 'holidays[0].hours[1]');
  assert.equal(placeIn('La petición no vale: nombre: falta'), 'nombre');
  assert.equal(placeIn('in `admin.clave`: too short'), 'admin.clave');
  assert.equal(placeIn('La petición no vale: admin.acceso has other characters than these: a-z'), 'admin.acceso');
  assert.equal(placeIn('Nothing of the kind.'), '');
});

test('a refusal stands at its field, or at the nearest one around it', () => {
  const places = ['services[1].prefix', 'services[1].hours', 'name', ''];
  assert.equal(nearestPlace('services[1].prefix', places), 'services[1].prefix');
  assert.equal(nearestPlace('services[1].hours.mon[0]', places), 'services[1].hours');
  assert.equal(nearestPlace('services[10].prefix', places), null);
  assert.equal(nearestPlace('names', places), null);
});
