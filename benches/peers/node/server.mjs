// The application of benches/sockets.rs on npm socket.io, with its defaults. Prints its port, ends when its standard input does.

import { createServer } from "node:http";
import { Server } from "socket.io";

const ROOM = "sala";
const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });

io.on("connection", (socket) => {
  socket.on("unirse", (answer) => {
    socket.join(ROOM);
    answer?.({ ok: true });
  });
  socket.on("eco", (value, answer) => answer?.(value));
  socket.on("difundir", ({ n, bytes, cada }) => broadcast(0, n, "x".repeat(bytes), cada));
});

// `i` stands first: the load generator reads it at a fixed place. All servers send the same bytes.
function broadcast(i, n, t, every) {
  if (!every) {
    for (; i < n; i += 1) io.to(ROOM).emit("difusion", { i, t });
    return;
  }
  const start = performance.now();
  const next = () => {
    io.to(ROOM).emit("difusion", { i, t });
    i += 1;
    if (i < n) setTimeout(next, start + i * every - performance.now());
  };
  next();
}

http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => console.log(`listening on 127.0.0.1:${http.address().port}`));
process.stdin.on("end", () => process.exit(0)).resume();
