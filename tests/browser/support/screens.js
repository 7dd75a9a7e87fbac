// The pages as their users see them, by the hooks that each page's script documents.

import { expect } from './office.js';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {import('./office.js').Office} Office */

export class Kiosk {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.root = page.locator('#kiosk');
    this.code = page.locator('[data-name="ticket"] [data-code]');
  }

  /** @param {Office} office @param {string} [query] @param {object} [options] */
  static async open(office, query = '', options) {
    return new Kiosk(await office.open(`/kiosk${query}`, options)).ready();
  }

  async ready() {
    await expect(this.root).toHaveAttribute('data-state', 'ready');
    return this;
  }

  /** @param {string} id */
  service(id) {
    return this.page.locator(`button[data-service="${id}"]`);
  }

  /** @param {string} id  empty for none */
  priority(id) {
    return this.page.locator(`button[data-class="${id}"]`);
  }

  /** @param {string} name */
  action(name) {
    return this.page.locator(`[data-action="${name}"]:visible`);
  }

  /** @param {string} name */
  async shows(name) {
    await expect(this.root).toHaveAttribute('data-screen', name);
  }

  /** Until the screen can be touched: for a moment after a change it overlooks the second tap of a double one. */
  async settled() {
    await expect(this.page.locator('.screen:visible')).toHaveJSProperty('inert', false);
  }

  /** @param {string} code */
  async issued(code) {
    await expect(this.root).toHaveAttribute('data-issued', code);
    await expect(this.code).toHaveText(code);
  }
}

export class Desk {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.root = page.locator('#desk');
    this.code = page.locator('[data-ticket] [data-code]');
    this.message = page.locator('[data-message]');
    this.error = page.locator('[data-error]');
    this.listError = page.locator('[data-list-error]');
    this.search = page.locator('[data-search]');
    this.rows = page.locator('[data-rows] > li');
    this.backDialog = this.dialog('back');
    this.helpDialog = this.dialog('help');
  }

  /** The page of a desk, as it is. @param {Office} office @param {number} number @param {object} [options] */
  static async look(office, number, options) {
    return new Desk(await office.open(`/desk?escritorio=${number}`, options)).ready();
  }

  /** An agent sits down: the desk is open. @param {Office} office @param {number} number @param {object} [options] */
  static async open(office, number, options) {
    return (await Desk.look(office, number, options)).sit();
  }

  async ready() {
    await expect(this.root).toHaveAttribute('data-state', 'live');
    return this;
  }

  async sit() {
    await expect(this.root).toHaveAttribute('data-screen', 'work');
    await this.stands('free');
    await this.press('o');
    await this.stands('mine');
    return this;
  }

  /** Takes the desk from whoever has it. */
  async take() {
    await this.stands('taken');
    await this.ask('o', 'take');
    await this.page.keyboard.press('Enter');
    await this.stands('mine');
    return this;
  }

  /** @param {'mine'|'paused'|'taken'|'free'} standing */
  async stands(standing) {
    await expect(this.root).toHaveAttribute('data-standing', standing);
  }

  /** Until the desk takes the next command: for a moment after each it overlooks the second press of a double one. */
  async settled() {
    await this.page.waitForFunction(() => {
      const { seen } = /** @type {any} */ (globalThis);
      return !document.querySelector('#desk')?.hasAttribute('data-busy') && performance.now() - seen.busyAt > 450;
    }, undefined, { timeout: 10_000 });
  }

  /** Presses a key, once the desk is ready for it. @param {string} key */
  async press(key) {
    await this.settled();
    await this.page.keyboard.press(key);
  }

  /** @param {string} name */
  dialog(name) {
    return this.page.locator(`[data-dialog="${name}"]`);
  }

  /** Presses a key that opens a dialog, and waits until that takes keys: for a moment it overlooks the second press of a double one. @param {string} key @param {string} name */
  async ask(key, name) {
    await this.press(key);
    await this.opened(name);
  }

  /** @param {string} name */
  async opened(name) {
    const dialog = this.dialog(name);
    await expect(dialog).toBeVisible();
    await expect(dialog).toHaveAttribute('data-ready');
  }

  /** @param {string} name */
  button(name) {
    return this.page.locator(`button[data-do="${name}"]`);
  }

  /** @param {string} code */
  row(code) {
    return this.page.locator(`[data-rows] > li[data-code="${code}"]`);
  }

  /** @param {string} code */
  callButton(code) {
    return this.page.locator(`button[data-call="${code}"]`);
  }

  /** @param {string} list */
  count(list) {
    return this.page.locator(`[data-count="${list}"]`);
  }

  /** @param {string} service  `mine`, `all` or its id */
  async filter(service) {
    await this.page.locator('[data-filter]').selectOption(service);
  }

  /** The sheet of a ticket of the list. @param {string} code */
  async sheet(code) {
    await this.settled();
    await this.page.locator(`[data-pick="${code}"]`).click();
    await this.opened('sheet');
  }

  /** @param {string} code @param {string} state */
  async holds(code, state) {
    await expect(this.root).toHaveAttribute('data-code', code);
    await expect(this.root).toHaveAttribute('data-ticket-state', state);
  }

  async isFree() {
    await this.holds('', '');
  }

  /** @param {string[]} codes  who is in the list, in the order of the screen */
  async queues(codes) {
    await expect(this.rows.locator('.code')).toHaveText(codes);
  }
}

export class Display {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.root = page.locator('#display');
    this.hero = page.locator('[data-hero]');
    this.log = page.locator('[data-log] > p');
    this.recent = page.locator('[data-recent] > li');
    this.allow = page.locator('[data-allow]');
    this.lost = page.locator('[data-lost]');
  }

  /** @param {Office} office @param {string} [query] @param {object} [options] */
  static async open(office, query = '', options) {
    return new Display(await office.open(`/display${query}`, options)).live();
  }

  async live() {
    await this.is('live');
    return this;
  }

  /** @param {string} state @param {number} [within] ms */
  async is(state, within) {
    await expect(this.root).toHaveAttribute('data-state', state, { timeout: within });
  }

  /** A click lets the browser play sounds. */
  /** By a touch, where the browser does not allow it by itself: now and then it does. That it is asked for has a test of its own. */
  async allowSound() {
    await expect(this.root).toHaveAttribute('data-sound', /^(blocked|ready)$/);
    if ((await this.root.getAttribute('data-sound')) === 'blocked') await this.allow.click();
    await expect(this.root).toHaveAttribute('data-sound', 'ready');
  }

  /** @param {string} code @param {string} desk */
  async calls(code, desk) {
    await expect(this.hero.locator('[data-code]')).toHaveText(code);
    await expect(this.hero.locator('[data-desk]')).toHaveText(desk);
  }

  /** Numbers of the calls that were announced since the page was opened. @param {number[]} numbers @param {number} [within] ms */
  async announced(numbers, within) {
    await expect.poll(() => this.log.evaluateAll((items) => items.map((item) => Number(item.dataset.call))), { timeout: within }).toEqual(numbers);
  }

  /** When each chime began: its first tone's lowest partial. @returns {Promise<number[]>} ms */
  chimes() {
    return this.page.evaluate(() => /** @type {any} */ (globalThis).seen.tones.filter((tone) => Math.abs(tone.hertz - 783.99) < 0.01).map((tone) => tone.at));
  }

  /** What was read out. @returns {Promise<Array<{text: string, lang: string}>>} */
  said() {
    return this.page.evaluate(() => /** @type {any} */ (globalThis).seen.said);
  }

  /** Which calls were on the screen as current, one after the other. @returns {Promise<string[]>} */
  announcing() {
    return this.page.evaluate(() => /** @type {any} */ (globalThis).seen.announcing);
  }
}
