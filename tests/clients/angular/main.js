// An Angular application of the kind that the tests need: the example as it is, and three more sockets for what the example does not do.

import '@angular/compiler';
import { ApplicationRef } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { Socket, provideSocketIo } from 'ngx-socket-io';
import { Queue } from '../../../examples/angular/src/app/queue.ts';

const EVENTS = ['saludo', 'ultimo-ticket', 'cola', 'usuario-conectado', 'enviar-mensaje', 'message-back'];

/** What the page lets the tests call. `heard` is theirs. */
window.start = async (url, auth, transports) => {
  const options = { reconnectionDelay: 50, reconnectionDelayMax: 250, ...(transports && { transports }) };
  const application = await bootstrapApplication(Queue, { providers: [provideSocketIo({ url, options: { ...options, auth } })] });
  const appRef = application.injector.get(ApplicationRef);
  const sockets = new Map();
  // As applications with several servers do it: a Socket with a configuration of its own.
  window.connect = (name, url, auth) => {
    const socket = new Socket({ url, options: { ...options, auth, forceNew: true } }, appRef);
    for (const event of EVENTS) socket.fromEvent(event).subscribe((payload) => window.heard(name, event, plain(payload)));
    sockets.set(name, socket);
  };
  window.id = (name) => sockets.get(name).id;
  window.transport = (name) => sockets.get(name).ioSocket.io.engine.transport.name;
  window.ask = async (name, event, payload) => plain(await sockets.get(name).emitWithAck(event, typed(payload)));
  window.emit = (name, event, payload) => void sockets.get(name).emit(event, typed(payload));
  window.disconnect = (name) => void sockets.get(name).disconnect();
};

// Bytes go to the tests and back as arrays of numbers.
const plain = (value) => (value instanceof ArrayBuffer ? { bytes: [...new Uint8Array(value)] } : value);
const typed = (value) => (value?.bytes ? Uint8Array.from(value.bytes) : value);
