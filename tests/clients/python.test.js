// The client of Python, as published: the kind with threads and the kind of asyncio, on each transport.

import { fileURLToPath } from 'node:url';
import { visits } from './support/program.js';

// The interpreter of the environment that tests/clients/run makes.
const PYTHON = fileURLToPath(new URL('../../target/clients/python/bin/python', import.meta.url));

for (const kind of ['sync', 'asyncio']) {
  for (const transport of ['polling', 'websocket', 'upgrade']) {
    const program = fileURLToPath(new URL(`python/${kind}_client.py`, import.meta.url));
    visits(`python-socketio ${kind}`, [PYTHON, program], transport);
  }
}
