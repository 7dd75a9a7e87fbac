// The client of Rust, as published, on each transport.

import { fileURLToPath } from 'node:url';
import { visits } from './support/program.js';
import { STEPS } from './support/visit.js';

const PROGRAM = fileURLToPath(new URL('../../target/clients/rust/debug/siguiente-rust-client', import.meta.url));

// The crate does not say which transport it is on (for the upgrade: without one it does not connect), and cannot ask for an acknowledgement of
// bytes: it sends such an event as a BINARY_ACK.
const BYTES = 'gets its bytes back, in an event and in an acknowledgement';
const steps = [...STEPS.keys()].filter((step) => step !== 'is on the transport that it was told to use');
steps[steps.indexOf(BYTES)] = 'gets its bytes back in an event';

for (const transport of ['polling', 'websocket', 'upgrade']) visits('rust_socketio', [PROGRAM], transport, steps);
