import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserOf, initials } from '../../public/lib/account.js';
import { branchesFor, loginAddress, mayIn, wayBack } from '../../public/lib/session.js';
import { freePrefix, setupBody } from '../../public/setup/office.js';

const ORIGIN = 'https://turnos.example';
const user = (roles) => ({ quien: 'usuario', usuario: { id: 'u', nombre: 'Ana', rol: 'admin', acceso: 'ana' }, sucursales: Object.entries(roles).map(([id, rol]) => ({ id: Number(id), nombre: id, rol })) });

test('the way back is a path of this server and nothing else', () => {
  assert.equal(wayBack('/desk?escritorio=2#x', ORIGIN), '/desk?escritorio=2#x');
  for (const wish of [null, '', 'https://evil.example/', '//evil.example', '/\\evil.example', '\\\\evil.example', 'javascript:alert(1)', '/\t/evil.example', 'desk', '/login?volver=/login', '/setup', '/login']) {
    assert.equal(wayBack(wish, ORIGIN, '/home'), '/home', String(wish));
  }
  assert.equal(wayBack('/a/../..//evil.example', ORIGIN, '/home').startsWith('/'), true);
});

test('the sign-in page knows the way back, the theme and the language', () => {
  assert.equal(loginAddress({ pathname: '/desk', search: '?escritorio=2&tema=oscuro', hash: '#a' }), '/login?tema=oscuro&volver=%2Fdesk%3Fescritorio%3D2%26tema%3Doscuro%23a');
  assert.equal(loginAddress({ pathname: '/', search: '', hash: '' }), '/login');
});

test('a role reaches as far as its branch', () => {
  const session = user({ 1: 'supervisor', 2: 'agente' });
  assert.deepEqual([mayIn(session, 1, 'supervisor'), mayIn(session, 1, 'admin'), mayIn(session, 2, 'supervisor'), mayIn(session, 3, 'agente')], [true, false, false, false]);
  assert.deepEqual(branchesFor(session, 'supervisor').map(({ id }) => id), [1]);
  assert.equal(mayIn({ quien: 'demostracion', sucursales: [] }, 1, 'admin'), true);
  assert.equal(mayIn({ quien: 'dispositivo', sucursales: [{ id: 1, nombre: 'x', rol: null }] }, 1, 'agente'), false);
});

test('initials and browsers in short', () => {
  assert.deepEqual(['Ana', 'María de la O Ruiz', ' ', 'łukasz Żak'].map(initials), ['A', 'MR', '', 'ŁŻ']);
  assert.equal(browserOf('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36'), 'Chrome · Linux');
  assert.equal(browserOf('Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1'), 'Safari · iPhone');
  assert.equal(browserOf('curl/8.0'), 'curl/8.0');
  assert.equal(browserOf(null), '');
});

test('the first office as it is sent', () => {
  const filled = { codigo: ' AB12 ', oficina: ' Norte ', zona: 'Europe/Madrid', pantallas: 'vinculadas', servicios: [{ prefijo: 'a', nombre: ' Caja ' }], escritorios: '3', nombre: 'Ana ', acceso: ' ana', clave: ' con espacios ', repetida: '' };
  assert.deepEqual(setupBody(filled, ['es', 'en']), {
    codigo: 'AB12', sucursal: { nombre: 'Norte', zona: 'Europe/Madrid', idiomas: ['es', 'en'], pantallas: 'vinculadas', escritorios: 3, servicios: [{ prefijo: 'A', nombre: 'Caja' }] },
    admin: { nombre: 'Ana', acceso: 'ana', clave: ' con espacios ' },
  });
  assert.equal(freePrefix(['A', 'b', 'D']), 'C');
  assert.equal(freePrefix(Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at))), 'AA');
});
