// Engine.IO 4 and Socket.IO 5 packets as text, both ways. Pure: no network, no clock.
// Only what a text connection to the main namespace carries; whatever else arrives is a ParseError.

/** A frame that is not what the protocol says. */
export class ParseError extends Error {}

/** Engine.IO packet types, by their first character. */
export const ENGINE = Object.freeze({ OPEN: '0', CLOSE: '1', PING: '2', PONG: '3', MESSAGE: '4', UPGRADE: '5', NOOP: '6' });

/** Socket.IO packet types. */
export const SOCKET = Object.freeze({ CONNECT: 0, DISCONNECT: 1, EVENT: 2, ACK: 3, CONNECT_ERROR: 4 });

/** @typedef {{sid: string, pingInterval: number, pingTimeout: number, maxPayload: number}} Handshake */
/** @typedef {{type: number, nsp: string, id?: number, data?: any}} Packet */

/**
 * @param {Packet} packet
 * @returns {string} the Engine.IO message that carries it
 */
export function encode({ type, nsp, id, data }) {
  let text = ENGINE.MESSAGE + type;
  if (nsp !== '/') text += `${nsp},`;
  if (id !== undefined) text += id;
  if (data !== undefined) text += JSON.stringify(data);
  return text;
}

/**
 * @param {string} text  what follows the Engine.IO message type
 * @returns {Packet}
 */
export function decode(text) {
  const type = text.charCodeAt(0) - 48;
  if (!(type >= SOCKET.CONNECT && type <= SOCKET.CONNECT_ERROR)) throw new ParseError(`packet type ${text.slice(0, 1)}`);
  let at = 1;
  let nsp = '/';
  if (text[at] === '/') {
    const comma = text.indexOf(',', at);
    nsp = comma < 0 ? text.slice(at) : text.slice(at, comma);
    at = comma < 0 ? text.length : comma + 1;
  }
  const digits = /^\d*/.exec(text.slice(at, at + 20))?.[0] ?? '';
  at += digits.length;
  /** @type {Packet} */
  const packet = { type, nsp };
  if (digits) packet.id = Number(digits);
  if (at < text.length) packet.data = parseJson(text.slice(at));
  if (!wellFormed(packet)) throw new ParseError('payload does not fit its packet type');
  return packet;
}

/**
 * @param {string} text  what follows the Engine.IO open type
 * @returns {Handshake}
 */
export function decodeHandshake(text) {
  const value = parseJson(text);
  if (typeof value?.sid !== 'string' || !(value.pingInterval > 0) || !(value.pingTimeout > 0)) throw new ParseError('handshake');
  return value;
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ParseError('not JSON');
  }
}

/** @param {Packet} packet */
function wellFormed({ type, id, data }) {
  switch (type) {
    case SOCKET.CONNECT:
      return typeof data?.sid === 'string';
    case SOCKET.DISCONNECT:
      return data === undefined;
    case SOCKET.EVENT:
      return Array.isArray(data) && (typeof data[0] === 'string' || typeof data[0] === 'number');
    case SOCKET.ACK:
      return Array.isArray(data) && id !== undefined;
    default:
      return data === undefined || typeof data === 'object' || typeof data === 'string';
  }
}
