// Engine.IO 4 packets as WebSocket frames and as polling payloads, both ways. Pure: no network, no clock.

/** A frame that is not what the protocol says. */
export class ParseError extends Error {}

/** Engine.IO packet types, by their first character. */
export const ENGINE = Object.freeze({ OPEN: '0', CLOSE: '1', PING: '2', PONG: '3', MESSAGE: '4', UPGRADE: '5', NOOP: '6' });

const SEPARATOR = '\x1e';

/** @typedef {ArrayBuffer|ArrayBufferView|Blob} Binary */
/** @typedef {{type: string, data?: string|Binary}} EnginePacket */
/** @typedef {{sid: string, upgrades: string[], pingInterval: number, pingTimeout: number, maxPayload?: number}} Handshake */

/** @param {unknown} value @returns {value is Binary} */
export function isBinary(value) {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value) || (typeof Blob === 'function' && value instanceof Blob);
}

/** @param {EnginePacket} packet @returns {string|Binary} a WebSocket frame */
export function encodeFrame({ type, data }) {
  return isBinary(data) ? data : type + (data ?? '');
}

/** @param {unknown} frame  a WebSocket frame @returns {EnginePacket} */
export function decodeFrame(frame) {
  if (frame instanceof ArrayBuffer) return { type: ENGINE.MESSAGE, data: platformBinary(new Uint8Array(frame)) };
  if (typeof frame !== 'string' || !/^[0-6]/.test(frame)) throw new ParseError('engine packet');
  return { type: frame.slice(0, 1), data: frame.slice(1) };
}

/** @param {EnginePacket[]} packets @returns {Promise<string>} the body of a POST */
export async function encodePayload(packets) {
  const parts = [];
  for (const { type, data } of packets) parts.push(isBinary(data) ? `b${toBase64(await bytesOf(data))}` : type + (data ?? ''));
  return parts.join(SEPARATOR);
}

/** @param {string} payload  the answer to a GET @returns {EnginePacket[]} */
export function decodePayload(payload) {
  return payload.split(SEPARATOR).map((part) => {
    return part.startsWith('b') ? { type: ENGINE.MESSAGE, data: platformBinary(fromBase64(part.slice(1))) } : decodeFrame(part);
  });
}

/** @param {EnginePacket} packet @returns {number} bytes of it in a payload, with a separator */
export function payloadSize({ data }) {
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return base64Size(data.byteLength);
  if (data === undefined || typeof data === 'string') return new TextEncoder().encode(data).length + 2;
  return base64Size(data.size);
}

/** @param {string} text  what follows the type of an open packet @returns {Handshake} */
export function decodeHandshake(text) {
  const value = parseJson(text);
  const good = typeof value?.sid === 'string' && value.pingInterval > 0 && value.pingTimeout > 0 && Array.isArray(value.upgrades ?? []);
  if (!good) throw new ParseError('handshake');
  return { upgrades: [], ...value };
}

/** @param {string} text @param {(this: any, key: string, value: any) => any} [reviver] @returns {any} */
export function parseJson(text, reviver) {
  try {
    return JSON.parse(text, reviver);
  } catch {
    throw new ParseError('not JSON');
  }
}

/** @param {number} bytes */
function base64Size(bytes) {
  return Math.ceil(bytes / 3) * 4 + 2;
}

/** What a program expects to get: a Buffer in Node.js, an ArrayBuffer in browsers. @param {Uint8Array<ArrayBuffer>} bytes @returns {Binary} */
function platformBinary(bytes) {
  const { process, Buffer } = /** @type {any} */ (globalThis);
  return process?.versions?.node && Buffer ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes.buffer;
}

/** @param {Binary} data @returns {Promise<Uint8Array>} */
async function bytesOf(data) {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(await data.arrayBuffer());
}

/** @param {Uint8Array} bytes */
function toBase64(bytes) {
  let text = '';
  // As many arguments as any engine takes in one call.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** @param {string} text */
function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    throw new ParseError('not base64');
  }
}
