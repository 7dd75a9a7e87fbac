// The program under test as a child process: started on a port of its own with a database of its own, stopped, killed, frozen, started again.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const PROGRAM = join(resolve(ROOT, process.env.CARGO_TARGET_DIR || 'target'), 'debug', 'siguiente');

const READY_WITHIN = 15_000;
const GONE_WITHIN = 12_000;

export class Program {
  /** @type {import('node:child_process').ChildProcess|null} */ #child = null;
  /** @type {string[]} the last lines that it wrote, for whoever reads a failure */ #said = [];
  #folder = '';
  #port = 0;

  /** Where the pages are, once it has been started. */
  get origin() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /**
   * Starts it and waits until it is ready; after the first time on the same port with the same database.
   * @param {object} [settings]  an office, as in docs/office.md
   * @param {{admin?: {acceso: string, clave: string}, command?: 'serve'|'demo'}} [options]  `admin`: the first one, made as in a container
   */
  async start(settings, { admin, command = 'serve' } = {}) {
    this.#folder ||= await mkdtemp(join(tmpdir(), 'siguiente-'));
    const args = [command, '--bind', `127.0.0.1:${this.#port}`, '--log', 'warn'];
    // A demonstration throws its database away.
    if (command === 'serve') args.push('--data', join(this.#folder, 'data'));
    if (settings) {
      const file = join(this.#folder, 'office.json');
      await writeFile(file, JSON.stringify(settings));
      args.push('--office', file);
    }
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SIGUIENTE_')));
    if (admin) {
      env.SIGUIENTE_ADMIN_LOGIN = admin.acceso;
      env.SIGUIENTE_ADMIN_PASSWORD_FILE = join(this.#folder, 'password');
      await writeFile(env.SIGUIENTE_ADMIN_PASSWORD_FILE, admin.clave);
    }
    const child = spawn(PROGRAM, args, { cwd: this.#folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#port = await this.#address(child);
  }

  /** @param {import('node:child_process').ChildProcess} child @returns {Promise<number>} */
  #address(child) {
    return new Promise((resolve, reject) => {
      const fail = (/** @type {string} */ why) => {
        clearTimeout(deadline);
        reject(new Error(`the program ${why}:\n${this.#said.join('\n')}`));
      };
      const deadline = setTimeout(() => fail(`was not ready within ${READY_WITHIN} ms`), READY_WITHIN);
      child.once('error', (error) => fail(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => fail(`ended with ${signal ?? code} before it was ready`));
      let ready = false;
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: /** @type {import('node:stream').Readable} */ (stream) }).on('line', (line) => {
          this.#said = [...this.#said.slice(-30), line];
          ready ||= line.includes('is ready');
          const port = ready && /http:\/\/[^/]+:(\d+)\/kiosk/.exec(line)?.[1];
          if (!port) return;
          clearTimeout(deadline);
          resolve(Number(port));
        });
      }
    });
  }

  /** What the console says while nobody has set the office up. @returns {Promise<string>} */
  async setupCode() {
    for (const deadline = Date.now() + READY_WITHIN; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const code = this.#said.map((line) => /\/setup with the code (\S+)/.exec(line)?.[1]).find(Boolean);
      if (code) return code;
    }
    throw new Error(`no set-up code within ${READY_WITHIN} ms:\n${this.#said.join('\n')}`);
  }

  /** As an operator stops it: it must end by itself, without an error. */
  async stop() {
    const child = this.#child;
    if (!child || this.#over(child)) return;
    child.kill('SIGTERM');
    await this.#gone(child);
    if (child.exitCode !== 0) throw new Error(`the program ended with ${child.signalCode ?? child.exitCode}:\n${this.#said.join('\n')}`);
  }

  /** As a power cut stops it. */
  async kill() {
    const child = this.#child;
    if (!child || this.#over(child)) return;
    child.kill('SIGKILL');
    await this.#gone(child);
  }

  /** Its connections stay open and nothing comes from it any more. */
  freeze() {
    this.#child?.kill('SIGSTOP');
  }

  thaw() {
    this.#child?.kill('SIGCONT');
  }

  /** Ends it whatever its state and removes its database. */
  async dispose() {
    await this.kill();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  /** @param {import('node:child_process').ChildProcess} child */
  async #gone(child) {
    if (!this.#over(child)) await once(child, 'exit', { signal: AbortSignal.timeout(GONE_WITHIN) }).catch(() => {
      child.kill('SIGKILL');
      throw new Error(`the program did not end within ${GONE_WITHIN} ms:\n${this.#said.join('\n')}`);
    });
  }

  /** @param {import('node:child_process').ChildProcess} child */
  #over(child) {
    return child.exitCode !== null || child.signalCode !== null;
  }
}
