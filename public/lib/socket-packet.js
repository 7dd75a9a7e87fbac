// Socket.IO 5 packets as Engine.IO messages, both ways, binary attachments included. Pure: no network, no clock.

import { isBinary, parseJson, ParseError } from './socket-payload.js';

/** Socket.IO packet types. */
export const SOCKET = Object.freeze({ CONNECT: 0, DISCONNECT: 1, EVENT: 2, ACK: 3, CONNECT_ERROR: 4, BINARY_EVENT: 5, BINARY_ACK: 6 });

/** Names that only the client itself tells its listeners. */
export const RESERVED = Object.freeze(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']);

/** @typedef {import('./socket-payload.js').Binary} Attachment */
/** @typedef {{type: number, nsp: string, id?: number, data?: any}} Packet  its type is never a binary one: what `data` holds tells */

/**
 * @param {Packet} packet
 * @returns {Array<string|Attachment>} messages: the packet, then its attachments
 */
export function encode({ type, nsp, id, data }) {
  /** @type {Attachment[]} */
  const attachments = [];
  const json = data === undefined ? '' : JSON.stringify(data, function (key, value) {
    // What `toJSON` made of it is in `value`, the thing itself is not.
    const raw = this[key];
    return isBinary(raw) ? { _placeholder: true, num: attachments.push(raw) - 1 } : value;
  });
  const binary = attachments.length > 0;
  const head = binary ? `${type + SOCKET.BINARY_EVENT - SOCKET.EVENT}${attachments.length}-` : `${type}`;
  return [`${head}${nsp === '/' ? '' : `${nsp},`}${id ?? ''}${json}`, ...attachments];
}

/** Puts messages together to packets. */
export class Decoder {
  /** @type {Partial|undefined} */ #partial;

  /**
   * @param {unknown} message
   * @returns {Packet|undefined} a packet that is whole now
   */
  add(message) {
    if (typeof message === 'string') {
      if (this.#partial) throw new ParseError('text in place of an attachment');
      const { packet, slots, attachments } = decodeText(message);
      if (attachments === 0) return packet;
      this.#partial = { packet, slots, missing: attachments, got: [] };
      return undefined;
    }
    const partial = this.#partial;
    if (!partial) throw new ParseError('an attachment of no packet');
    partial.got.push(message);
    if (partial.got.length < partial.missing) return undefined;
    this.#partial = undefined;
    for (const { holder, key, num } of partial.slots) {
      // By definition, not by assignment: a key may be `__proto__`.
      Object.defineProperty(holder, key, { value: partial.got[num], writable: true, enumerable: true, configurable: true });
    }
    return partial.packet;
  }
}

/** @typedef {{holder: object, key: string, num: number}} Slot  where an attachment belongs */
/** @typedef {{packet: Packet, slots: Slot[], missing: number, got: unknown[]}} Partial */

/** @param {string} text */
function decodeText(text) {
  const [, digit, count, nsp = '/', id, json] = /^([0-6])(?:(\d{1,9})-)?(?:(\/[^,]*)(?:,|$))?(\d{1,20})?([^]*)$/.exec(text) ?? [];
  if (digit === undefined) throw new ParseError(`packet type ${text.slice(0, 1)}`);
  const binary = Number(digit) >= SOCKET.BINARY_EVENT;
  if (binary !== (count !== undefined)) throw new ParseError('number of attachments');
  const type = binary ? Number(digit) - SOCKET.BINARY_EVENT + SOCKET.EVENT : Number(digit);
  const attachments = Number(count ?? 0);
  /** @type {Slot[]} */ const slots = [];
  /** @type {Packet} */ const packet = { type, nsp };
  if (id !== undefined) packet.id = Number(id);
  if (json) packet.data = parseJson(json, binary ? noteSlots(slots, attachments) : undefined);
  if (!wellFormed(packet)) throw new ParseError('payload does not fit its packet type');
  return { packet, slots, attachments };
}

/** @param {Slot[]} slots @param {number} attachments @returns {(this: any, key: string, value: any) => any} */
function noteSlots(slots, attachments) {
  return function (key, value) {
    if (value?._placeholder !== true) return value;
    if (!Number.isInteger(value.num) || value.num < 0 || value.num >= attachments) throw new ParseError('illegal attachments');
    slots.push({ holder: this, key, num: value.num });
    return value;
  };
}

/** @param {Packet} packet */
function wellFormed({ type, id, data }) {
  switch (type) {
    case SOCKET.CONNECT:
      return typeof data?.sid === 'string';
    case SOCKET.DISCONNECT:
      return data === undefined;
    case SOCKET.EVENT:
      return Array.isArray(data) && (typeof data[0] === 'number' || (typeof data[0] === 'string' && !RESERVED.includes(data[0])));
    case SOCKET.ACK:
      return Array.isArray(data) && id !== undefined;
    default:
      return data === undefined || typeof data === 'object' || typeof data === 'string';
  }
}
