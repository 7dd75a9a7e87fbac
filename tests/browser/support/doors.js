// An office whose doors are kept: an admin is there from the start, and every machine is signed in as somebody unless it says otherwise.

import { expect, Office, test as base } from './office.js';
import { TOWN_HALL } from './offices.js';

export { expect };

/** @typedef {{acceso: string, clave: string}} Account */

/** The first admin, made by the settings of the program. @type {Account} */
export const ADMIN = { acceso: 'jefa', clave: 'una frase bastante larga' };

/** What browsers write to the console by themselves when a request is refused. */
const REFUSED = /Failed to load resource: the server responded with a status of 4\d\d/;

export class KeptOffice extends Office {
  #refusals = false;

  /** From now on the test is about requests that are refused, and browsers may say so. */
  refusing() {
    this.#refusals = true;
  }

  /** @param {import('@playwright/test').BrowserContextOptions & {as?: Account|null}} [options]  as: who is signed in; null is nobody */
  async machine({ as = ADMIN, ...options } = {}) {
    const context = await super.machine(options);
    if (as) await this.signIn(context, as);
    return context;
  }

  /** @param {import('@playwright/test').BrowserContext} context @param {Account} account */
  async signIn(context, account) {
    const answer = await context.request.post(`${this.program.origin}/api/v1/session`, { data: account });
    if (answer.status() !== 201) throw new Error(`${account.acceso} was not let in: ${answer.status()} ${await answer.text()}`);
  }

  /** Over REST, as the admin. @param {'get'|'post'|'put'|'delete'} method @param {string} path @param {object} [data] @param {Record<string, string>} [headers] */
  async rest(method, path, data, headers = {}) {
    const context = await this.machine();
    const { origin } = this.program;
    const answer = await context.request[method](`${origin}/api/v1${path}`, { ...(data ? { data } : {}), headers: { origin, ...headers } });
    if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
    const text = await answer.text();
    return { data: text ? JSON.parse(text) : null, etag: answer.headers().etag ?? null };
  }

  /** Somebody who may work here. @param {string} nombre @param {object} [more] @returns {Promise<Account>} */
  async user(nombre, more = {}) {
    const account = { acceso: nombre.toLowerCase().replace(/\W/g, '.'), clave: 'otra frase bastante larga' };
    await this.rest('post', '/users', { nombre, rol: 'agente', ...account, ...more });
    return account;
  }

  async violations() {
    const found = await super.violations();
    return this.#refusals ? found.filter((one) => !REFUSED.test(one)) : found;
  }
}

/**
 * `settings` is the office to begin with; null is a new database that waits to be set up.
 * @type {import('@playwright/test').TestType<import('@playwright/test').PlaywrightTestArgs & import('@playwright/test').PlaywrightTestOptions & {settings: object|null, office: KeptOffice}, import('@playwright/test').PlaywrightWorkerArgs & import('@playwright/test').PlaywrightWorkerOptions>}
 */
export const test = /** @type {any} */ (base).extend({
  settings: [TOWN_HALL, { option: true }],
  office: async (/** @type {any} */ { browser, settings }, /** @type {(office: KeptOffice) => Promise<void>} */ use) => {
    const office = new KeptOffice(browser);
    await office.program.start(settings ?? undefined, settings ? { admin: ADMIN } : {});
    try {
      await use(office);
      expect(await office.violations(), 'what the pages complained about').toEqual([]);
      await office.program.stop();
    } finally {
      await office.close();
    }
  },
});
