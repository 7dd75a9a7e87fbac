// A client in another language: a program that goes through the steps and reports each, on lines of its standard output.
//
//   ok STEP            the step went well
//   failed STEP: why   it did not, and the program ends
//   restart stop|kill  the server has to be restarted; the program sees for itself when its clients are back

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { Echo, Office } from './server.js';
import { STEPS } from './visit.js';
import { Inbox, within } from './wait.js';

// A program waits itself, and says what for.
const PATIENCE = 60_000;

/**
 * @param {string} name  of the suite
 * @param {string[]} command  program and arguments; the addresses of the office and of the echo server and the transport follow
 * @param {'polling'|'websocket'|'upgrade'} transport
 */
export function visits(name, [program, ...args], transport) {
  describe(`${name}, ${transport}`, () => {
    const office = new Office();
    const echo = new Echo();
    const reports = new Inbox();
    const said = [];
    let child;

    before(async () => {
      await Promise.all([office.start(), echo.start()]);
      child = spawn(program, [...args, office.url, echo.url, transport], { stdio: ['ignore', 'pipe', 'pipe'] });
      child.once('error', (error) => reports.put(`could not be started: ${error.message}`));
      child.once('close', (code, signal) => reports.put(`ended with ${signal ?? code}:\n${said.join('\n')}`));
      createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (!line.startsWith('restart ')) return reports.put(line);
        office.restart(line.slice('restart '.length)).catch((error) => reports.put(`failed to restart: ${error.message}`));
      });
    });

    after(async () => {
      if (child?.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'close');
      }
      await Promise.all([office.dispose(), echo.dispose()]);
    });

    for (const step of STEPS.keys()) it(step, async () => assert.equal(await reports.next(step, undefined, PATIENCE), `ok ${step}`));

    it('ends well', async () => assert.equal(await reports.next('its end'), 'ended with 0:\n'));
  });
}
