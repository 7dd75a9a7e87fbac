/** Where this server's Socket.IO endpoint is. A server with another `--socket-path` answers this file's address with its own. */
export const SOCKET_PATH = '/socket.io/';
