// An office for one test: the program, and browsers that look at it. Each `open` is a machine of its own (kiosk, desk, display).

import { test as base, expect } from '@playwright/test';
import { TOWN_HALL } from './offices.js';
import { Program } from './program.js';
import { spy } from './spy.js';
import { Wire } from './wire.js';

export { expect };

/** What browsers write to the console by themselves when a connection is lost. */
const LOSS = /WebSocket connection to|WebSocket is already in CLOSING|net::ERR_/;

export class Office {
  program = new Program();
  /** @type {string[]} what went wrong in the pages without anybody looking */ complaints = [];
  #browser;
  /** @type {Set<import('@playwright/test').BrowserContext>} */ #machines = new Set();
  #lossy = false;

  /** @param {import('@playwright/test').Browser} browser */
  constructor(browser) {
    this.#browser = browser;
  }

  /**
   * @param {string} path  of the page, with its query
   * @param {import('@playwright/test').BrowserContextOptions} [options]
   * @returns {Promise<import('@playwright/test').Page>}
   */
  async open(path, options = {}) {
    const page = await (await this.machine(options)).newPage();
    await page.goto(path);
    return page;
  }

  /** As `open`, with a line that the test can cut. @param {string} path */
  async openWired(path) {
    const wire = new Wire();
    this.lossy();
    const context = await this.machine();
    await wire.lay(context);
    const page = await context.newPage();
    await page.goto(path);
    return { page, wire };
  }

  /** @param {import('@playwright/test').BrowserContextOptions} [options] */
  async machine(options = {}) {
    const { origin } = this.program;
    const context = await this.#browser.newContext({ baseURL: origin, locale: 'es-ES', ...options });
    this.#machines.add(context);
    await context.addInitScript(spy);
    context.on('weberror', (error) => this.complaints.push(`error: ${error.error().message}`));
    context.on('console', (message) => {
      if (message.type() !== 'error' || (this.#lossy && LOSS.test(message.text()))) return;
      this.complaints.push(`console: ${message.text()}`);
    });
    context.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) this.complaints.push(`request to another origin: ${url}`);
    });
    return context;
  }

  /** Somebody who speaks the events without a page. */
  async client() {
    const context = await this.machine();
    // A browser asks for an icon where a page names none.
    await context.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
    const page = await context.newPage();
    await page.goto('/health');
    await page.evaluate(async () => {
      const { io } = await import(/** @type {any} */ ('/lib/socket.js'));
      /** @type {any} */ (globalThis).socket = io();
    });
    return new Client(page);
  }

  /** From now on the connection is lost on purpose, and browsers may say so. */
  lossy() {
    this.#lossy = true;
  }

  async stop() {
    this.lossy();
    await this.program.stop();
  }

  async kill() {
    this.lossy();
    await this.program.kill();
  }

  /** What the pages were not allowed to do, and what else they complained about. */
  async violations() {
    const pages = [...this.#machines].flatMap((machine) => machine.pages());
    const violations = await Promise.all(pages.map((page) => page.evaluate(() => /** @type {any} */ (globalThis).seen?.violations ?? []).catch(() => [])));
    return [...this.complaints, ...violations.flat().map((violation) => `not allowed: ${violation}`)];
  }

  async close() {
    await Promise.all([...this.#machines].map((machine) => machine.close()));
    await this.program.dispose();
  }
}

export class Client {
  /** @param {import('@playwright/test').Page} page */
  constructor(page) {
    this.page = page;
  }

  /**
   * Emits and waits for the acknowledgement, whatever it says.
   * @param {string} event @param {object} [payload] @returns {Promise<any>}
   */
  emit(event, payload = {}) {
    return this.page.evaluate(([name, body]) => /** @type {any} */ (globalThis).socket.timeout(8000).emitWithAck(name, body), /** @type {const} */ ([event, payload]));
  }

  /** Emits what must be done. @param {string} event @param {object} [payload] */
  async must(event, payload) {
    const reply = await this.emit(event, payload);
    if (!reply.ok) throw new Error(`${event} was refused: ${JSON.stringify(reply)}`);
    return reply;
  }

  /** Takes numbers of a service. @param {number} count @param {object} [payload] @returns {Promise<string[]>} their codes, in order */
  async take(count, payload = { servicio: 'caja' }) {
    const codes = [];
    for (let i = 0; i < count; i += 1) codes.push((await this.must('siguiente-ticket', payload)).ticket.codigo);
    return codes;
  }

  /** @param {number} desk @returns {Promise<string>} the code of who is called */
  async call(desk) {
    return (await this.must('atender-ticket', { escritorio: desk })).ticket.codigo;
  }

  /** How many people wait. */
  async waiting() {
    return (await this.must('entrar-pantalla')).cola.esperando;
  }
}

/**
 * `settings` is the office to begin with (`test.use({ settings })`), `office` runs it.
 * @type {import('@playwright/test').TestType<import('@playwright/test').PlaywrightTestArgs & import('@playwright/test').PlaywrightTestOptions & {settings: object, office: Office}, import('@playwright/test').PlaywrightWorkerArgs & import('@playwright/test').PlaywrightWorkerOptions>}
 */
export const test = base.extend({
  settings: [TOWN_HALL, { option: true }],
  office: async ({ browser, settings }, use) => {
    const office = new Office(browser);
    await office.program.start(settings);
    try {
      await use(office);
      expect(await office.violations(), 'what the pages complained about').toEqual([]);
      await office.program.stop();
    } finally {
      await office.close();
    }
  },
});
