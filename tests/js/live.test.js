import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Live } from '../../public/lib/live.js';
import { FakeWebSocket } from './fake-websocket.js';

/** @type {Live} */ let live;
/** @type {any[]} */ let news;

const call = (llamada, codigo = `A-${llamada}`) => ({ rev: llamada, llamada, codigo, numero: llamada, servicio: 'caja', escritorio: 1, veces: 1, idioma: 'es', hora: 0 });

const snapshot = (more = {}) => ({
  tipo: 'instantanea', epoch: 'e1', rev: 10, hora: 900_000, jornada: '2026-11-21', sucursal: { id: 1, nombre: 'Centro', zona: 'Europe/Madrid', idiomas: ['es'] },
  servicios: [{ id: 'caja', prefijo: 'A', nombre: { es: 'Caja' }, esperando: 0 }], clases: [], escritorios: [{ id: 1, nombre: { es: 'Uno' }, servicios: [], ticket: null }],
  llamadas: [], esperando: 0, ...more,
});

const issued = (rev) => ({ rev, hora: 0, tipo: 'emitido', codigo: `A-${rev}`, numero: rev, servicio: 'caja', estado: 'esperando', escritorio: null, esperando: rev, esperandoTotal: rev });
const changes = (desde, ...cambios) => ({ tipo: 'cambios', epoch: 'e1', desde, rev: desde + cambios.length, hora: 900_000, cambios });

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1_000_000 });
  FakeWebSocket.made = [];
  globalThis.location ??= /** @type {any} */ ({ origin: 'http://office.test' });
  live = new Live({ join: ['entrar-pantalla', {}], idioma: () => 'en', socket: { WebSocket: FakeWebSocket, transports: ['websocket'] } });
  news = [];
  live.onCalls((one) => news.push(one.kind === 'live' ? `live ${one.call.llamada}` : `learned ${one.numbers}${one.forget ? ' forget' : ''}`));
});

afterEach(() => {
  live.close();
  mock.timers.reset();
});

/** Lets promises run. */
const breathe = () => new Promise((resolve) => setImmediate(resolve));

/** What the page asked last, and a way to answer it. */
function asked() {
  const frame = FakeWebSocket.last.sent.findLast((text) => /^42\d+\[/.test(text));
  const [, id, json] = /^42(\d+)(.*)$/.exec(frame ?? '') ?? [];
  const [event, payload] = JSON.parse(json ?? '[null]');
  return { event, payload, answer: async (reply) => { FakeWebSocket.last.say(`43${id}${JSON.stringify([reply])}`); await breathe(); } };
}

const emit = (event, payload) => FakeWebSocket.last.say(`42${JSON.stringify([event, payload])}`);
const asks = () => FakeWebSocket.last.sent.filter((text) => text.includes('"cola"')).length;

async function enter(more) {
  FakeWebSocket.last.welcome();
  assert.equal(asked().event, 'entrar-pantalla');
  await asked().answer({ ok: true, cola: snapshot(more) });
}

/** Time passes as on a page that runs. */
async function pass(ms) {
  for (let left = ms; left > 0; left -= 250) {
    mock.timers.tick(Math.min(250, left));
    await breathe();
  }
}

test('joins, is live, and knows the server\'s clock', async () => {
  assert.deepEqual([live.state.link, live.state.ready], ['connecting', false]);
  await enter({ llamadas: [call(5), call(4)] });
  assert.equal(FakeWebSocket.last.sent[0], '40{"idioma":"en"}');
  assert.deepEqual([live.state.link, live.state.ready, live.state.board.rev], ['live', true, 10]);
  assert.equal(live.now(), 900_000);
  assert.deepEqual(news, ['learned 5,4']);
});

test('changes move the board, duplicates do not', async () => {
  await enter();
  emit('cola', changes(10, issued(11)));
  emit('cola', changes(10, issued(11)));
  emit('cola', changes(3, issued(4)));
  assert.equal(live.state.board.rev, 11);
  assert.equal(live.state.board.esperando, 11);
  assert.equal(asks(), 0);
});

test('after a gap it asks once from its own place, and a call that comes live meanwhile is still announced', async () => {
  await enter();
  emit('cola', changes(12, issued(13)));
  emit('llamada', call(1));
  emit('cola', changes(13, issued(14)));
  assert.equal(asks(), 1);
  assert.deepEqual([asked().event, asked().payload], ['cola', { epoch: 'e1', desde: 10 }]);
  await asked().answer({ ok: true, cola: changes(10, issued(11), issued(12), issued(13), issued(14)) });
  assert.equal(live.state.board.rev, 14);
  assert.deepEqual(news, ['learned ', 'live 1']);
});

test('another set-up of the branch, or another epoch, asks for a snapshot', async () => {
  await enter();
  emit('cola', changes(10, { rev: 11, hora: 0, tipo: 'configurado' }));
  assert.deepEqual(asked().payload, {});
  await asked().answer({ ok: true, cola: snapshot({ epoch: 'e2', rev: 2, llamadas: [call(1)] }) });
  assert.deepEqual([live.state.board.epoch, live.state.board.rev], ['e2', 2]);
  assert.deepEqual(news.at(-1), 'learned 1 forget');
});

test('a blip locks the page and is not shown; a loss is, within five seconds', async () => {
  await enter();
  FakeWebSocket.last.drop();
  assert.deepEqual([live.state.link, live.state.ready], ['live', false]);
  const lost = live.state.since;
  await pass(2000);
  assert.equal(live.state.link, 'live');
  await pass(1500);
  assert.deepEqual([live.state.link, live.state.since], ['offline', lost]);
});

test('after a reconnection it joins anew, and what was called meanwhile is learned silently', async () => {
  await enter({ llamadas: [call(1)] });
  FakeWebSocket.last.drop();
  await pass(4000);
  assert.equal(live.state.link, 'offline');
  while (FakeWebSocket.made.length < 2) await pass(250);
  await enter({ rev: 20, llamadas: [call(3), call(2)] });
  assert.deepEqual([live.state.link, live.state.ready, live.state.since], ['live', true, null]);
  emit('llamada', call(4));
  assert.deepEqual(news, ['learned 1', 'learned 3,2', 'live 4']);
});

test('silence on an open connection is stale within five seconds, and an answer makes it live again', async () => {
  await enter();
  await pass(4900);
  assert.deepEqual([live.state.link, live.state.ready], ['stale', false]);
  assert.equal(live.state.since, 1_000_000);
  FakeWebSocket.last.say('2');
  await breathe();
  await asked().answer({ ok: true, cola: changes(10, issued(11)) });
  assert.deepEqual([live.state.link, live.state.ready, live.state.board.rev], ['live', true, 11]);
});

test('while the server answers, nothing is stale', async () => {
  await enter();
  for (let i = 0; i < 20; i += 1) {
    await pass(1000);
    if (asked().event === 'cola') await asked().answer({ ok: true, cola: changes(10) });
    assert.equal(live.state.link, 'live');
  }
});

test('a connection that stays silent is replaced', async () => {
  await enter();
  const first = FakeWebSocket.last;
  await pass(20_000);
  assert.notEqual(FakeWebSocket.last, first);
});

test('what arrives after a sleep is from the past until the page has caught up', async () => {
  await enter();
  // The machine sleeps: the clock goes on, the timers do not.
  mock.timers.setTime(1_000_000 + 20_000);
  emit('llamada', call(1));
  assert.deepEqual(news, ['learned ', 'learned 1']);
  await asked().answer({ ok: true, cola: changes(10, { ...issued(11), tipo: 'llamado', llamada: 2, escritorio: 1, veces: 1 }) });
  emit('llamada', call(2));
  emit('llamada', call(3));
  assert.deepEqual(news.slice(2), ['learned 2', 'live 2', 'live 3'], 'the announcer knows 2 by now and drops it');
});

test('a refusal at the door is told, and it knocks again', async () => {
  FakeWebSocket.last.welcome();
  await asked().answer({ ok: false, code: 'unknown_desk', msg: 'no' });
  assert.equal(live.state.refusal.code, 'unknown_desk');
  await pass(2500);
  assert.equal(FakeWebSocket.last.sent.filter((text) => text.includes('entrar-pantalla')).length, 2);
  assert.equal(live.state.link, 'offline', 'a page that is not let in does not look as if it were');
});

test('sent away by the server, it comes back by itself', async () => {
  await enter();
  FakeWebSocket.last.say('41');
  await pass(2500);
  assert.equal(FakeWebSocket.made.length, 2);
});

test('the ticker comes with the snapshot, changes live, and is taken down', async () => {
  emit('aviso', { mensaje: 'antes', fecha: 1 });
  await enter({ aviso: { mensaje: 'Hoy cerramos a las 14 h', fecha: 2 } });
  assert.deepEqual(live.state.board.aviso, { mensaje: 'Hoy cerramos a las 14 h', fecha: 2 });
  emit('aviso', { mensaje: 'Mañana abrimos a las 9 h', fecha: 3 });
  emit('cola', changes(10, issued(11)));
  assert.deepEqual([live.state.board.aviso.mensaje, live.state.board.rev], ['Mañana abrimos a las 9 h', 11]);
  emit('aviso', { mensaje: null, fecha: 4 });
  assert.equal(live.state.board.aviso, null);
});

test('other events and the own id are there for who asks', async () => {
  const told = [];
  live.on('usuario-conectado', (person) => told.push(person.id));
  await enter();
  emit('usuario-conectado', { id: 's2', nombre: 'Ana', sala: null });
  assert.deepEqual([live.id, told], ['public', ['s2']]);
  live.close();
  assert.equal(live.id, undefined);
});

test('waiting for readiness ends in time, either way', async () => {
  const never = live.whenReady(1000);
  await pass(1000);
  assert.equal(await never, false);
  const soon = live.whenReady(1000);
  await enter();
  assert.equal(await soon, true);
});

test('waits come by themselves and change the board alone', async () => {
  await enter();
  emit('esperas', [{ servicio: 'caja', espera: { mas: 60 }, abierto: true, abre: null, cierra: null, quedan: 4 }]);
  assert.deepEqual(live.state.board?.servicios[0]?.espera, { mas: 60 });
  assert.equal(live.state.board?.rev, 10);
  emit('esperas', null);
  assert.equal(live.state.board?.servicios[0]?.quedan, 4);
});

test('a page can say something new on each entering, and hears what else its answer tells', async () => {
  live.close();
  FakeWebSocket.made = [];
  let times = 0;
  const replies = [];
  live = new Live({
    join: ['entrar-puesto', () => ({ escritorio: 2, times: (times += 1) })], joined: (reply) => replies.push(reply.puesto), idioma: () => 'en', sucursal: '2',
    socket: { WebSocket: FakeWebSocket, transports: ['websocket'] },
  });
  FakeWebSocket.last.welcome();
  assert.ok(FakeWebSocket.last.sent.some((text) => text.startsWith('40') && text.includes('"sucursal":"2"')), 'the branch is named on connecting');
  assert.deepEqual(asked().payload, { escritorio: 2, times: 1 });
  await asked().answer({ ok: true, cola: snapshot(), puesto: { propio: true } });
  assert.deepEqual(replies, [{ propio: true }]);
  assert.equal(live.state.ready, true);
});

test('a branch that does not exist is said', async () => {
  FakeWebSocket.last.open();
  FakeWebSocket.last.say('44{"message":"refused","data":{"code":"unknown_branch"}}');
  await breathe();
  assert.equal(live.state.refusal?.code, 'unknown_branch');
  assert.equal(live.state.ready, false);
});
