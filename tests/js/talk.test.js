import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  address, attended, entered, entering, heard, joined, left, lengthOf, MESSAGE_LIMIT, noted, noteRead, ROOM, said, silence, userCreated, whyNotSend,
} from '../../public/desk/talk.js';

const person = (id, nombre = `Puesto ${id}`, sala = ROOM) => ({ id, nombre, sala });
const message = (id, more = {}) => ({ id, de: 's2', nombre: 'Puesto 2', mensaje: 'Hola', fecha: 5, sala: ROOM, privado: false, ...more });
const note = (id, fecha = 1) => ({ id, from: 'Dirección', mensaje: 'Reunión', fecha });
const names = (talk) => talk.people.map((one) => one.nombre);
const quiet = (talk) => talk.lines.map((line) => `${line.kind} ${line.name}`);

test('the desk sees the others of its room, not itself and not who is elsewhere', () => {
  const talk = entered(silence(), [person('me'), person('s2'), person('s3', 'Ana', null), person('s4', 'Bea', 'patio')], 'me');
  assert.deepEqual(names(talk), ['Puesto s2']);
  assert.deepEqual(joined(talk, person('s5', 'Cé', 'patio'), 1), talk);
  assert.deepEqual(left(talk, person('s4', 'Bea', 'patio'), 1), talk);
});

test('who comes and goes is a quiet line and nothing unread', () => {
  let talk = joined(silence(), person('s2', 'Ana'), 1);
  talk = joined(talk, person('s3', 'Bea'), 2);
  talk = left(talk, person('s2', 'Ana'), 3);
  assert.deepEqual(quiet(talk), ['joined Ana', 'joined Bea', 'left Ana']);
  assert.deepEqual([names(talk), talk.unread], [['Bea'], 0]);
  assert.equal(new Set(talk.lines.map((line) => line.key)).size, 3);
});

test('a connection that was gone for a moment, or another name, leaves no trace', () => {
  const talk = joined(silence(), person('s2', 'Ana'), 1);
  const back = joined(left(talk, person('s2', 'Ana'), 2), person('s9', 'Ana'), 3);
  assert.deepEqual([quiet(back), back.people.map((one) => one.id)], [['joined Ana'], ['s9']]);
  const renamed = joined(left(talk, person('s2', 'Ana'), 2), person('s2', 'Ana · Puesto 1'), 3);
  assert.deepEqual([quiet(renamed), names(renamed)], [['joined Ana'], ['Ana · Puesto 1']]);
});

test('messages keep their text, their reach and who can be answered, and come once', () => {
  let talk = heard(silence(), message('1', { mensaje: '<b>Hola</b>\n' }), false);
  talk = heard(talk, message('2', { sala: undefined, privado: true }), false);
  talk = heard(talk, message('3', { sala: undefined, de: null, nombre: 'Mantenimiento' }), true);
  talk = heard(talk, message('3', { sala: undefined }), false);
  assert.deepEqual(talk.lines.map((line) => [line.text, line.reach, line.from]), [['<b>Hola</b>\n', 'room', 's2'], ['Hola', 'private', 's2'], ['Hola', 'all', null]]);
  assert.equal(talk.unread, 2);
  assert.equal(attended(talk).unread, 0);
});

test('what one says oneself is not unread', () => {
  const talk = said(silence(), { id: '1', text: 'Voy', to: { id: 's2', name: 'Ana', gone: false }, at: 1 });
  assert.deepEqual([talk.lines[0].own, talk.lines[0].reach, talk.lines[0].name, talk.unread], [true, 'private', 'Ana', 0]);
});

test('a private text never turns into one for all when its receiver leaves', () => {
  let talk = address(entered(silence(), [person('s2', 'Ana')], 'me'), { id: 's2', name: 'Ana' });
  talk = left(talk, person('s2', 'Ana'), 1);
  assert.deepEqual(talk.to, { id: 's2', name: 'Ana', gone: true });
  assert.equal(whyNotSend({ text: 'Hola', ready: true, to: talk.to }), 'gone');
  assert.deepEqual(joined(talk, person('s9', 'Bea'), 2).to, talk.to);
  assert.deepEqual(joined(talk, person('s9', 'Ana'), 2).to, { id: 's9', name: 'Ana', gone: false });
});

test('after a reconnection the receiver is found by name, unless two have it', () => {
  const talk = address(entered(silence(), [person('s2', 'Ana')], 'me'), { id: 's2', name: 'Ana' });
  assert.deepEqual(entered(talk, [person('s2', 'Ana')], 'me').to, talk.to);
  assert.equal(entered(talk, [person('s8', 'Ana')], 'me').to.id, 's8');
  assert.equal(entered(talk, [person('s8', 'Ana'), person('s9', 'Ana')], 'me').to.gone, true);
  assert.equal(entered(talk, [], 'me').to.gone, true);
  const user = address(silence(), { id: 'u1', name: 'Supervisión' });
  assert.equal(entered(user, [], 'me').to.gone, false, 'a user is not in the list and may still be reached');
});

test('notes are in order of time, counted once, and those read elsewhere do not come back', () => {
  let talk = noted(noted(silence(), note('b', 2), false), note('a', 1), false);
  talk = noted(talk, note('a', 1), false);
  assert.deepEqual([talk.notes.map((one) => one.id), talk.unread], [['a', 'b'], 2]);
  talk = noted(entering(attended(talk)), note('b', 2), false);
  assert.deepEqual([talk.notes.map((one) => one.id), talk.unread], [['b'], 0]);
  assert.deepEqual(noteRead(talk, 'b').notes, []);
});

test('a new user is told', () => {
  assert.deepEqual(quiet(userCreated(silence(), { id: 'u1', nombre: 'Ana', rol: 'agente' }, 1)), ['user Ana']);
});

test('the conversation does not grow for ever', () => {
  let talk = silence();
  for (let i = 0; i < 1000; i += 1) talk = heard(talk, message(String(i)), true);
  assert.ok(talk.lines.length < 500);
  assert.equal(talk.lines.at(-1).key, 'm999');
});

test('what can be sent: characters count, not units', () => {
  const ok = { text: 'Hola', ready: true, to: null };
  assert.equal(whyNotSend(ok), null);
  assert.equal(whyNotSend({ ...ok, ready: false }), 'offline');
  assert.equal(whyNotSend({ ...ok, text: ' \n ' }), 'empty');
  assert.equal(whyNotSend({ ...ok, text: '👍'.repeat(MESSAGE_LIMIT) }), null);
  assert.equal(whyNotSend({ ...ok, text: '👍'.repeat(MESSAGE_LIMIT + 1) }), 'long');
  assert.equal(lengthOf(' é👍 '), 2);
});
