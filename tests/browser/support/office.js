// An office for one test: the program, and browsers that look at it. Each `open` is a machine of its own (kiosk, desk, display), at which
// somebody is signed in unless the test says otherwise: at a desk its agent, elsewhere the admin.

import { test as base, expect } from '@playwright/test';
import { TOWN_HALL } from './offices.js';
import { Program } from './program.js';
import { spy } from './spy.js';
import { Wire } from './wire.js';

export { expect };

/** What browsers write to the console by themselves when a connection is lost. */
const LOSS = /WebSocket connection to|WebSocket is already in CLOSING|net::ERR_/;
/** What they write when a request is refused. */
const REFUSED = /Failed to load resource: the server responded with a status of 4\d\d/;

/** @typedef {{acceso: string, clave: string}} Account */
/** `as`: who is signed in; null is nobody. @typedef {import('@playwright/test').BrowserContextOptions & {as?: Account|null}} MachineOptions */

/** The first admin, made by the settings of the program. @type {Account} */
export const ADMIN = { acceso: 'jefa', clave: 'una frase bastante larga' };

/** Who sits at desk 1, 2 and so on; all of them may close the day. */
export const AGENTS = ['Nuria Soler', 'Tomás Rey', 'Irene Vidal', 'Pablo Cano', 'Marta León', 'Hugo Prat'];

export class Office {
  program = new Program();
  /** @type {string[]} what went wrong in the pages without anybody looking */ complaints = [];
  #browser;
  /** @type {Set<import('@playwright/test').BrowserContext>} */ #machines = new Set();
  /** @type {Map<number, Promise<Account>>} by desk */ #agents = new Map();
  /** One sign-in each, for all their machines. @type {Map<Account, Promise<string>>} */ #tokens = new Map();
  /** Nobody needs to sign in. */ #demo = false;
  #lossy = false;
  #refusing = false;

  /** @param {import('@playwright/test').Browser} browser */
  constructor(browser) {
    this.#browser = browser;
  }

  /** @param {object|null} settings  null: a new database that waits to be set up */
  async start(settings) {
    await this.program.start(settings ?? undefined, settings ? { admin: ADMIN } : {});
  }

  /** As `siguiente demo`, where everybody may do everything. @param {object} settings */
  async demonstrate(settings) {
    this.#demo = true;
    await this.program.start(settings, { command: 'demo' });
  }

  /**
   * @param {string} path  of the page, with its query
   * @param {MachineOptions} [options]
   * @returns {Promise<import('@playwright/test').Page>}
   */
  async open(path, options = {}) {
    const page = await (await this.machine({ as: await this.#usual(path, options), ...options })).newPage();
    await page.goto(path);
    return page;
  }

  /** As `open`, with a line that the test can cut. @param {string} path @param {MachineOptions} [options] */
  async openWired(path, options = {}) {
    const wire = new Wire();
    this.lossy();
    const context = await this.machine({ as: await this.#usual(path, options), ...options });
    await wire.lay(context);
    const page = await context.newPage();
    await page.goto(path);
    return { page, wire };
  }

  /** @param {MachineOptions} [options] */
  async machine({ as = ADMIN, ...options } = {}) {
    const { origin } = this.program;
    const context = await this.#browser.newContext({ baseURL: origin, locale: 'es-ES', ...options });
    this.#machines.add(context);
    if (as && !this.#demo) await this.signIn(context, as);
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

  /** Agents and the admin have one sign-in for all their machines, others one for each. @param {import('@playwright/test').BrowserContext} context @param {Account} account */
  async signIn(context, account) {
    const known = account === ADMIN || this.#tokens.has(account);
    const value = await (known ? this.token(account) : this.#enter(account));
    await context.addCookies([{ name: 'siguiente', value, url: this.program.origin, httpOnly: true, sameSite: 'Strict' }]);
  }

  /** Who sits at a desk, made when somebody first does: whoever is signed in is the agent, and at one desk only. @param {number} desk @returns {Promise<Account>} */
  agent(desk) {
    const known = this.#agents.get(desk) ?? this.user(AGENTS[desk - 1] ?? `Agente ${desk}`, { rol: 'supervisor' }).then((account) => {
      void this.token(account).catch(() => {});
      return account;
    });
    this.#agents.set(desk, known);
    return known;
  }

  /** @param {Account} account @returns {Promise<string>} */
  token(account) {
    const known = this.#tokens.get(account) ?? this.#enter(account);
    this.#tokens.set(account, known);
    return known;
  }

  /** What an agent of that desk shows at the connection; nothing where nobody asks. @param {number} desk */
  async pass(desk) {
    return this.#demo ? {} : { token: await this.token(await this.agent(desk)) };
  }

  /** Somebody who may work here. @param {string} nombre @param {object} [more] @returns {Promise<Account & {id: string}>} */
  async user(nombre, more = {}) {
    const account = { acceso: nombre.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\W/g, '.'), clave: 'otra frase bastante larga' };
    const { data } = await this.rest('post', '/users', { nombre, rol: 'agente', ...account, ...more });
    return { ...account, id: data.id };
  }

  /** Over REST, as the admin. @param {'get'|'post'|'put'|'delete'} method @param {string} path @param {object} [data] @param {Record<string, string>} [headers] */
  async rest(method, path, data, headers = {}) {
    const who = this.#demo ? {} : { authorization: `Bearer ${await this.token(ADMIN)}` };
    return this.#ask(method, path, data, { ...who, ...headers });
  }

  /** @param {Account} account @returns {Promise<string>} */
  async #enter({ acceso, clave }) {
    return (await this.#ask('post', '/session', { acceso, clave, portador: true }, {})).data.token;
  }

  /** @param {string} method @param {string} path @param {object} [data] @param {Record<string, string>} [headers] */
  async #ask(method, path, data, headers) {
    const response = await fetch(`${this.program.origin}/api/v1${path}`, {
      method: method.toUpperCase(), headers: { ...(data ? { 'content-type': 'application/json' } : {}), ...headers }, ...(data ? { body: JSON.stringify(data) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return { data: text ? JSON.parse(text) : null, etag: response.headers.get('etag') };
  }

  /** @param {string} path @param {MachineOptions} options @returns {Promise<Account|null>} */
  async #usual(path, { as }) {
    if (as !== undefined) return as;
    const desk = !this.#demo && /^\/desk\?.*\bescritorio=(\d+)/.exec(path)?.[1];
    return desk ? this.agent(Number(desk)) : ADMIN;
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
      Object.assign(globalThis, { io, socket: io(), desks: [] });
    });
    return new Client(page, this);
  }

  /** From now on the connection is lost on purpose, and browsers may say so. */
  lossy() {
    this.#lossy = true;
  }

  /** From now on the test is about requests that are refused, and browsers may say so. */
  refusing() {
    this.#refusing = true;
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
    const complaints = this.#refusing ? this.complaints.filter((one) => !REFUSED.test(one)) : this.complaints;
    return [...complaints, ...violations.flat().map((violation) => `not allowed: ${violation}`)];
  }

  async close() {
    await Promise.all([...this.#machines].map((machine) => machine.close()));
    await this.program.dispose();
  }
}

/** The admin by events; what is about a desk is said by the desk's agent, as is everything else once a desk was entered. */
export class Client {
  #office;
  /** 0: none */ #entered = 0;

  /** @param {import('@playwright/test').Page} page @param {Office} office */
  constructor(page, office) {
    this.page = page;
    this.#office = office;
  }

  /**
   * Emits and waits for the acknowledgement, whatever it says.
   * @param {string} event @param {{escritorio?: number} & Record<string, unknown>} [payload] @returns {Promise<any>}
   */
  async emit(event, payload = {}) {
    const desk = payload.escritorio ?? this.#entered;
    const auth = desk ? await this.#office.pass(desk) : null;
    if (event === 'entrar-puesto') this.#entered = desk;
    return this.page.evaluate(async ([name, body, number, pass]) => {
      const here = /** @type {any} */ (globalThis);
      if (pass && !here.desks[number]) here.desks[number] = here.io({ auth: pass, forceNew: true });
      return (pass ? here.desks[number] : here.socket).timeout(8000).emitWithAck(name, body);
    }, /** @type {const} */ ([event, payload, desk, auth]));
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
 * `settings` is the office to begin with (`test.use({ settings })`), null a new database that waits to be set up; `office` runs it, open to everybody
 * where `open` says so.
 * @type {import('@playwright/test').TestType<import('@playwright/test').PlaywrightTestArgs & import('@playwright/test').PlaywrightTestOptions & {settings: object|null, open: boolean, office: Office}, import('@playwright/test').PlaywrightWorkerArgs & import('@playwright/test').PlaywrightWorkerOptions>}
 */
export const test = base.extend({
  settings: [/** @type {object|null} */ (TOWN_HALL), { option: true }],
  open: [false, { option: true }],
  office: async ({ browser, settings, open }, use) => {
    const office = new Office(browser);
    try {
      await (open && settings ? office.demonstrate(settings) : office.start(settings));
      await use(office);
      expect(await office.violations(), 'what the pages complained about').toEqual([]);
      await office.program.stop();
    } finally {
      await office.close();
    }
  },
});
