// What the staff say to each other, as a state: who is here, the lines of the conversation, notes, and how much of it is unread.
// Pure: each function takes the state and what happened, and gives the next state. Texts are texts.

/** Rooms are made by their first member; the desks of the branch meet in this one. */
export const ROOM = 'personal';
export const MESSAGE_LIMIT = 2000;
export const TICKER_LIMIT = 300;
const LINES_KEPT = 300;

/** @typedef {import('../lib/types.js').Person} Person */
/** @typedef {import('../lib/types.js').Message} Message */
/** @typedef {import('../lib/types.js').Note} Note */

/**
 * @typedef {{kind: 'message', key: string, from: string|null, name: string, text: string, at: number, own: boolean, reach: 'room'|'private'|'all'}} SpokenLine
 *   `from` is who can be answered; `name` is the sender, for an own private line the receiver
 * @typedef {{kind: 'joined'|'left'|'user', key: string, id: string, name: string, at: number}} QuietLine
 * @typedef {SpokenLine|QuietLine} Line
 */

/** Whom the next message is for. Somebody who left stays chosen, so that a private text never goes to all. @typedef {{id: string, name: string, gone: boolean}} Receiver */

/**
 * @typedef {object} Talk
 * @property {Person[]} people  the others in the room, in the order in which they entered
 * @property {Line[]} lines  oldest first
 * @property {Note[]} notes  unread ones, oldest first
 * @property {readonly string[]} counted  ids of notes that were counted once
 * @property {number} unread
 * @property {Receiver|null} to  null is the whole room
 * @property {number} serial
 */

/** @returns {Talk} */
export function silence() {
  return { people: [], lines: [], notes: [], counted: [], unread: 0, to: null, serial: 0 };
}

/** The list that entering gives; what was missed meanwhile is not told line by line. @param {Talk} talk @param {Person[]} people @param {string|undefined} me */
export function entered(talk, people, me) {
  const others = people.filter((person) => person.id !== me && person.sala === ROOM);
  const wasHere = talk.to && talk.people.some((person) => person.id === talk.to?.id);
  const next = { ...talk, people: others };
  if (!talk.to || (!wasHere && !talk.to.gone) || others.some((person) => person.id === talk.to?.id)) return next;
  const { name } = talk.to;
  const same = others.filter((person) => person.nombre === name);
  return { ...next, to: same.length === 1 && same[0] ? { id: same[0].id, name, gone: false } : { ...talk.to, gone: true } };
}

/** @param {Talk} talk @param {Person} person @param {number} at @returns {Talk} */
export function joined(talk, person, at) {
  if (person.sala !== ROOM) return talk;
  const people = [...talk.people.filter((other) => other.id !== person.id), person];
  const to = talk.to?.gone && (talk.to.id === person.id || talk.to.name === person.nombre) ? { id: person.id, name: person.nombre, gone: false } : talk.to;
  const last = talk.lines.at(-1);
  // Somebody whose connection was gone for a moment, or who only changed the name, leaves no trace.
  if (last?.kind === 'left' && (last.id === person.id || last.name === person.nombre)) return { ...talk, people, to, lines: talk.lines.slice(0, -1) };
  return add({ ...talk, people, to }, { kind: 'joined', id: person.id, name: person.nombre, at });
}

/** @param {Talk} talk @param {Person} person @param {number} at @returns {Talk} */
export function left(talk, person, at) {
  if (!talk.people.some((other) => other.id === person.id)) return talk;
  const people = talk.people.filter((other) => other.id !== person.id);
  const to = talk.to?.id === person.id ? { ...talk.to, gone: true } : talk.to;
  return add({ ...talk, people, to }, { kind: 'left', id: person.id, name: person.nombre, at });
}

/** @param {Talk} talk @param {Message} message @param {boolean} attentive  somebody looks at it @returns {Talk} */
export function heard(talk, message, attentive) {
  const key = `m${message.id}`;
  if (talk.lines.some((line) => line.key === key)) return talk;
  const reach = message.privado ? 'private' : message.sala ? 'room' : 'all';
  const line = { kind: /** @type {const} */ ('message'), key, from: message.de, name: message.nombre, text: message.mensaje, at: message.fecha, own: false, reach: /** @type {SpokenLine['reach']} */ (reach) };
  return { ...keep(talk, line), unread: talk.unread + (attentive ? 0 : 1) };
}

/** The server does not give the sender its own message. @param {Talk} talk @param {{id: string, text: string, to: Receiver|null, at: number}} sent @returns {Talk} */
export function said(talk, { id, text, to, at }) {
  return keep(talk, { kind: 'message', key: `m${id}`, from: null, name: to?.name ?? '', text, at, own: true, reach: to ? 'private' : 'room' });
}

/** @param {Talk} talk @param {import('../lib/types.js').User} user @param {number} at */
export function userCreated(talk, { id, nombre }, at) {
  return add(talk, { kind: 'user', id, name: nombre, at });
}

/** Entering tells the unread notes again: those that were read elsewhere meanwhile do not come back. @param {Talk} talk @returns {Talk} */
export function entering(talk) {
  return { ...talk, notes: [] };
}

/** @param {Talk} talk @param {Note} note @param {boolean} attentive @returns {Talk} */
export function noted(talk, note, attentive) {
  if (talk.notes.some((other) => other.id === note.id)) return talk;
  const known = talk.counted.includes(note.id);
  const notes = [...talk.notes, note].sort((a, b) => a.fecha - b.fecha);
  return { ...talk, notes, counted: known ? talk.counted : [...talk.counted, note.id], unread: talk.unread + (known || attentive ? 0 : 1) };
}

/** @param {Talk} talk @param {string} id @returns {Talk} */
export function noteRead(talk, id) {
  return { ...talk, notes: talk.notes.filter((note) => note.id !== id) };
}

/** Somebody looks at it. @param {Talk} talk @returns {Talk} */
export function attended(talk) {
  return talk.unread ? { ...talk, unread: 0 } : talk;
}

/** @param {Talk} talk @param {{id: string, name: string}|null} to @returns {Talk} */
export function address(talk, to) {
  return { ...talk, to: to && { id: to.id, name: to.name, gone: false } };
}

/** As people and the server count: a character is a character, however many units it has. @param {string} text */
export function lengthOf(text) {
  return [...text.trim()].length;
}

/**
 * Why the text cannot be sent now; null when it can.
 * @param {{text: string, ready: boolean, to: Receiver|null}} draft
 * @returns {'offline'|'gone'|'long'|'empty'|null}
 */
export function whyNotSend({ text, ready, to }) {
  if (!ready) return 'offline';
  if (to?.gone) return 'gone';
  const length = lengthOf(text);
  return length > MESSAGE_LIMIT ? 'long' : length === 0 ? 'empty' : null;
}

/** @param {Talk} talk @param {Omit<QuietLine, 'key'>} line @returns {Talk} */
function add(talk, line) {
  return keep({ ...talk, serial: talk.serial + 1 }, { ...line, key: `q${talk.serial}` });
}

/** @param {Talk} talk @param {Line} line @returns {Talk} */
function keep(talk, line) {
  return { ...talk, lines: [...talk.lines, line].slice(-LINES_KEPT) };
}
