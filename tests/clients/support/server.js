// The servers under test as child processes: each on a port that the system chose, and after a restart on the same one.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from './wait.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BUILT = join(resolve(ROOT, process.env.CARGO_TARGET_DIR || 'target'), 'debug');

class Server {
  #child;
  #said = [];
  port = 0;

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /**
   * @param {string} program
   * @param {string[]} args
   * @param {Record<string, string>} settings  the environment's part of them
   * @param {RegExp} ready  the line that tells the port
   */
  async launch(program, args, settings, ready) {
    const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('SIGUIENTE_'));
    const child = spawn(program, args, { env: { ...Object.fromEntries(clean), ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const port = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`${program} ended with ${signal ?? code}:\n${this.#said.join('\n')}`)));
      for (const input of [child.stdout, child.stderr]) {
        createInterface({ input }).on('line', (line) => {
          this.#said = [...this.#said.slice(-30), line];
          const found = ready.exec(line)?.[1];
          if (found) resolve(Number(found));
        });
      }
    });
    this.port = await within(`${program} to be ready`, port);
  }

  async end(signal) {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    try {
      await within(`the server to end after ${signal}`, gone, 12_000);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }
}

const LOGIN = 'jefa';

/** `siguiente` with a database of its own, in which an admin has signed in. */
export class Office extends Server {
  #folder = '';
  #password = randomBytes(16).toString('hex');
  #more;
  /** What a client shows at the connection; good for as long as the database, over restarts. */
  token = '';

  /** @param {string[]} more  settings */
  constructor(...more) {
    super();
    this.#more = more;
  }

  async start() {
    this.#folder ||= await mkdtemp(join(tmpdir(), 'siguiente-'));
    const password = join(this.#folder, 'password');
    await writeFile(password, this.#password);
    const args = ['--bind', `127.0.0.1:${this.port}`, '--data', join(this.#folder, 'data'), '--log', 'warn', ...this.#more];
    args.push('--admin-login', LOGIN, '--admin-password-file', password);
    await this.launch(join(BUILT, 'siguiente'), args, {}, /http:\/\/[^/]+:(\d+)\/kiosk/);
    this.token ||= await this.#signIn();
    return this;
  }

  async #signIn() {
    const body = JSON.stringify({ acceso: LOGIN, clave: this.#password, portador: true });
    const answer = await fetch(`${this.url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (answer.status !== 201) throw new Error(`the admin was not let in: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).token;
  }

  /** `stop`: as an operator does; `kill`: as a power cut does. */
  async restart(how) {
    await this.end(how === 'stop' ? 'SIGTERM' : 'SIGKILL');
    await this.start();
  }

  async dispose() {
    await this.end('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The real-time layer with the application that echoes. */
export class Echo extends Server {
  async start() {
    const settings = { BIND: '127.0.0.1:0', PING_INTERVAL: '25000', PING_TIMEOUT: '20000', CONNECT_TIMEOUT: '10000' };
    await this.launch(join(BUILT, 'examples', 'conformance'), [], settings, /listening on .*:(\d+)/);
    return this;
  }

  dispose() {
    return this.end('SIGKILL');
  }
}
