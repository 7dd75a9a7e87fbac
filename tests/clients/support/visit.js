// What every client does in an office, whatever its language: three of them take numbers, talk, and come back after a restart.

import assert from 'node:assert/strict';

/**
 * A client as these steps need it.
 * @typedef {object} Peer
 * @property {() => Promise<string>} id  its socket id
 * @property {(expected: string) => Promise<string>} transport  name of the transport in use, after the upgrade if there is one
 * @property {(event: string, payload: unknown) => Promise<any>} ask  sends an event, resolves to what the acknowledgement gets
 * @property {(event: string, matches?: (...args: any[]) => boolean) => Promise<any[]>} next  arguments of the next such event
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Scene
 * @property {Peer[]} peers  writer, member, outsider
 * @property {string} transport  on which they must be in the end
 * @property {(bytes: Uint8Array) => Promise<{event: Uint8Array, answer: Uint8Array}>} echo  bytes back from the echo server, both ways
 * @property {(how: 'stop'|'kill') => Promise<void>} restart
 * @property {number} last  the number that was taken last
 */

const BYTES = Uint8Array.from({ length: 256 }, (_, n) => n);

/** @param {Scene} scene */
async function greeted({ peers }) {
  for (const peer of peers) {
    const [{ emisor, id }] = await peer.next('saludo');
    assert.equal(emisor, 'Server');
    assert.equal(id, await peer.id());
  }
}

/** @param {Scene} scene */
async function onTransport({ peers, transport }) {
  for (const peer of peers) assert.equal(await peer.transport(transport), transport);
}

/** @param {Scene} scene */
async function takesTicket(scene) {
  const [writer] = scene.peers;
  const { ok, ticket } = await writer.ask('siguiente-ticket', {});
  assert.equal(ok, true);
  assert.equal(ticket.numero, 1);
  assert.match(ticket.token, /^[0-9a-f]{32}$/);
  scene.last = 1;
}

/** @param {Scene} scene */
async function takesText(scene) {
  const [writer] = scene.peers;
  assert.match(await writer.ask('siguiente-ticket', null), /^Ticket [A-Z]+-002$/);
  scene.last = 2;
}

/** @param {Scene} scene */
async function watches({ peers: [, member], last }) {
  const { ok, cola } = await member.ask('entrar-pantalla', {});
  assert.equal(ok, true);
  assert.equal(cola.tipo, 'instantanea');
  assert.equal(cola.esperando, last);
}

/** @param {Scene} scene */
async function hears(scene) {
  const [writer, member] = scene.peers;
  const { ticket } = await writer.ask('siguiente-ticket', {});
  const last = ++scene.last;
  assert.equal(ticket.numero, last);
  const [, detail] = await member.next('ultimo-ticket', (numero) => numero === last);
  // Some wrappers hand on the first argument alone.
  if (detail !== undefined) assert.deepEqual(detail, { codigo: ticket.codigo, numero: last, servicio: ticket.servicio });
  const [changes] = await member.next('cola', (cola) => cola.tipo === 'cambios');
  assert.deepEqual(changes.cambios.map(({ tipo, codigo }) => [tipo, codigo]), [['emitido', ticket.codigo]]);
}

/** @param {Scene} scene */
async function talksInRoom({ peers: [writer, member, outsider] }) {
  const inside = await member.ask('entrar-cliente', { nombre: 'Berta', sala: 'azul' });
  assert.deepEqual(inside.personas.map(({ nombre }) => nombre), ['Berta']);
  assert.equal((await writer.ask('entrar-cliente', { nombre: 'Ana' })).ok, true);
  assert.equal((await outsider.ask('entrar-cliente', { nombre: 'Carla' })).ok, true);
  await member.next('usuario-conectado', ({ nombre }) => nombre === 'Carla');

  assert.equal((await writer.ask('enviar-mensaje', { mensaje: 'a la sala', sala: 'azul' })).ok, true);
  assert.equal((await writer.ask('enviar-mensaje', { mensaje: 'a todos' })).ok, true);
  assert.deepEqual(await texts(member, 2), ['a la sala', 'a todos']);
  assert.deepEqual(await texts(outsider, 1), ['a todos']);
}

/** @param {Scene} scene */
async function talksInPrivate({ peers: [writer, member, outsider] }) {
  assert.equal((await writer.ask('enviar-mensaje', { mensaje: 'en privado', para: await member.id() })).ok, true);
  assert.equal((await writer.ask('enviar-mensaje', { mensaje: 'a todos otra vez' })).ok, true);
  const [message] = await member.next('enviar-mensaje');
  assert.deepEqual([message.mensaje, message.nombre, message.de, message.privado], ['en privado', 'Ana', await writer.id(), true]);
  assert.deepEqual(await texts(outsider, 1), ['a todos otra vez']);
}

/** @param {Scene} scene */
async function sendsBytes({ echo }) {
  const { event, answer } = await echo(BYTES);
  assert.deepEqual([...event], [...BYTES]);
  assert.deepEqual([...answer], [...BYTES]);
}

/** @param {Scene} scene @param {'stop'|'kill'} how */
async function comesBack(scene, how) {
  const { peers, restart, last } = scene;
  const before = await Promise.all(peers.map((peer) => peer.id()));
  await restart(how);
  for (const peer of peers) {
    // Greeted anew: this is the new connection, not the old one.
    const [{ id }] = await peer.next('saludo');
    assert.equal(id, await peer.id());
    assert.ok(!before.includes(id));
  }
  assert.equal((await peers[1].ask('entrar-pantalla', {})).cola.esperando, last);
  await hears(scene);
}

async function texts(peer, count) {
  const seen = [];
  while (seen.length < count) seen.push((await peer.next('enviar-mensaje'))[0].mensaje);
  return seen;
}

/** In this order, each on what the ones before left. Programs in other languages report them by these names. */
export const STEPS = new Map([
  ['is greeted with its id', greeted],
  ['is on the transport that it was told to use', onTransport],
  ['takes a ticket and gets it in the callback', takesTicket],
  ['takes a ticket with null and gets a text', takesText],
  ['joins the display and gets the queue', watches],
  ['hears of a number that another takes', hears],
  ['gets what is written to its room, and others do not', talksInRoom],
  ['gets a private message, and others do not', talksInPrivate],
  ['gets its bytes back, in an event and in an acknowledgement', sendsBytes],
  ['comes back by itself after the server was stopped', (scene) => comesBack(scene, 'stop')],
  ['comes back by itself after the server was killed', (scene) => comesBack(scene, 'kill')],
]);
