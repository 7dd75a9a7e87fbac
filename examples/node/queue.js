// Takes a number and follows the calls until it is called. In one terminal `siguiente demo`, in another:
//
//   cd examples/node && npm ci && npm start            # or: npm start -- http://other-host:8080
//
// Then call the number at http://localhost:8080/desk.

import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';

const socket = io(process.argv[2] ?? 'http://localhost:8080');

// The key makes sure that a repeated try takes no second number.
const clave = randomUUID();

socket.on('connect', async () => {
  try {
    // Live calls go to displays: join them, also after a lost connection.
    await socket.timeout(5_000).emitWithAck('entrar-pantalla', {});
    const { ok, ticket, msg } = await socket.timeout(5_000).emitWithAck('siguiente-ticket', { clave });
    if (!ok) throw new Error(msg);
    console.log(`Your number is ${ticket.codigo}, ${ticket.delante} before you.`);
    socket.off('llamada').on('llamada', ({ codigo, escritorio }) => {
      console.log(`${codigo} to desk ${escritorio}`);
      if (codigo === ticket.codigo) socket.disconnect();
    });
  } catch (error) {
    console.error(error.message);
    socket.disconnect();
  }
});

socket.on('disconnect', (reason) => {
  if (socket.active) console.log(`No connection (${reason}). It comes back by itself.`);
});
socket.on('connect_error', ({ message }) => console.log(`Cannot connect: ${message}`));
