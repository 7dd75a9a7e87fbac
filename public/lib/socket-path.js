/** Where this server's Socket.IO endpoint is. A server with another `--socket-path` answers this file's address with its own. */
export const SOCKET_PATH = '/socket.io/';
/**
 * Under which address visitors' phones reach this server, where that is not the address of this page; as the server was told.
 * @type {string|null}
 */
export const PUBLIC_URL = null;
