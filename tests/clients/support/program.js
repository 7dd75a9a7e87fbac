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
 * @param {string[]} command  program and arguments; the address of the office, the token to show there, the address of the echo server and the transport follow
 * @param {'polling'|'websocket'|'upgrade'} transport
 * @param {string[]} [steps]  what this client can do, where that is not everything
 */
export function visits(name, [program, ...args], transport, steps = [...STEPS.keys()]) {
  describe(`${name}, ${transport}`, () => {
    const office = new Office();
    const echo = new Echo();
    const reports = new Inbox();
    const said = [];
    let child;
    /** Why there will be no more reports. */
    let end;

    before(async () => {
      await Promise.all([office.start(), echo.start()]);
      child = spawn(program, [...args, office.url, office.token, echo.url, transport], { stdio: ['ignore', 'pipe', 'pipe'] });
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

    const report = async (what, patience) => {
      end ??= await reports.next(what, undefined, patience);
      const line = end;
      if (line.startsWith('ok ')) end = undefined;
      return line;
    };

    for (const step of steps) it(step, async () => assert.equal(await report(step, PATIENCE), `ok ${step}`));

    // It may have warned of something on the way.
    it('ends well', async () => assert.match(await report('its end'), /^ended with 0:/));
  });
}
