// A Socket.IO 5 client for browsers and Node.js, of one piece with this server and without dependencies.
//
//   const socket = io();                                  // this page's own server
//   socket.on('saludo', (greeting) => …);
//   const reply = await socket.timeout(5000).emitWithAck('cola', { desde: 7 });
//
// Reconnects by itself with exponential back-off and jitter. Events that are emitted while it is not connected wait for the connection.

import { AckError } from './socket-acks.js';
import { Engine } from './socket-engine.js';
import { backoff, Manager } from './socket-manager.js';
import { Socket } from './socket-namespace.js';

/** @typedef {import('./socket-manager.js').ManagerOptions & {forceNew?: boolean, multiplex?: boolean}} Options */
/** @typedef {import('./socket-namespace.js').DisconnectReason} DisconnectReason */

/** Version of the Socket.IO protocol. */
const protocol = 5;

/** @type {Map<string, Manager>} connections that namespaces share, by server */
const shared = new Map();

/**
 * The socket of a namespace: the path of the address names it. Sockets of one server share a connection, unless it is the same namespace twice.
 * @param {string|Options} [url]  of the server; this page's own when left out
 * @param {Options} [opts]
 */
function io(url, opts = {}) {
  if (typeof url === 'object') [url, opts] = [undefined, url];
  const { origin, pathname, search, searchParams } = resolve(url);
  if (search && !opts.query) opts = { ...opts, query: Object.fromEntries(searchParams) };
  const known = shared.get(origin);
  if (opts.forceNew || opts.multiplex === false || (known && pathname in known.nsps)) return new Manager(origin, opts).socket(pathname, opts);
  const manager = known ?? new Manager(origin, opts);
  shared.set(origin, manager);
  return manager.socket(pathname, opts);
}

/** @param {string} [url] */
function resolve(url = '') {
  const here = globalThis.location;
  // `host:8080/x` is an address of a server, not a scheme; without a page there is no place to be relative to.
  const text = url === '' || /^(\/|(https?|wss?):\/\/)/.test(url) ? url : `${here?.protocol ?? 'https:'}//${url}`;
  const resolved = new URL(text, here?.origin);
  resolved.protocol = resolved.protocol.replace(/^ws/, 'http');
  // Without a path of its own an address means the main namespace, wherever the page is.
  return url === '' ? new URL(resolved.origin) : resolved;
}

Object.assign(io, { io, connect: io, Manager, Socket, Engine, protocol });

export { io, io as connect, AckError, backoff, Engine, Manager, protocol, Socket };
export default io;
