// The page from which an office is run: its frame, which section is open, and the bar that says what is not saved. Sections are modules of their own.
//
// For tests: `#admin` has `data-state` (connecting | ready | refused | offline), `data-section` with the section that is shown and `data-busy` while it
// is being fetched. Links to sections are `[data-go="services"]`. While settings are not saved `[data-save]` is visible; its buttons are
// `[data-do="save"]` and `[data-do="discard"]`. Notices are `[data-toast]`, with `[data-undo]` where they can be taken back.
// `?sucursal=2` chooses the branch, `#services` the section.

import { accountButton } from '../lib/account.js';
import { el, find, setAttribute, setText } from '../lib/dom.js';
import { markWrong, showAtField, unmark, whyText } from '../lib/forms.js';
import { I18n, nameIn } from '../lib/i18n.js';
import { branchInAddress, keepChoices, languageSwitch } from '../lib/page.js';
import { all, get, Problem } from '../lib/rest.js';
import { branchesFor, goToLogin, mayIn, whoAmI } from '../lib/session.js';
import { known } from '../lib/time.js';
import { sure } from '../lib/window.js';
import { showConflict } from './conflict.js';
import { icon } from './parts.js';
import { readHash, writeHash } from './router.js';
import { GROUPS, SECTIONS } from './sections.js';
import { isConflict, Settings } from './settings.js';

/** @typedef {import('./sections.js').Section} Section */

const TOAST = 8000;
const AGAIN_AFTER = 3000;

/** What every section is given. */
export class Admin {
  i18n;
  /** @type {import('../lib/session.js').Session} */ session;
  /** @type {import('../lib/session.js').OwnBranch} */ branch;
  /** @type {Settings} */ settings;
  /** @type {Record<string, string>} what the address says beside the section */ params = {};
  /** @type {Promise<Array<{id: string, nombre: string, rol: string}>>|null} */ #users = null;

  /** @param {I18n} i18n @param {import('../lib/session.js').Session} session @param {import('../lib/session.js').OwnBranch} branch */
  constructor(i18n, session, branch) {
    this.i18n = i18n;
    this.session = session;
    this.branch = branch;
    this.settings = new Settings(branch.id);
  }

  /** @param {string} key @param {Record<string, string|number>} [params] */
  t = (key, params) => this.i18n.t(key, params);

  /** @param {Record<string, string>|string|undefined} name */
  name = (name) => nameIn(name, this.i18n.lang);

  /** The time zone in which the branch's clocks go. @returns {string|undefined} */
  get zone() {
    return known(this.settings.base?.time_zone);
  }

  /** Below /api/v1, of this branch. @param {string} path */
  path(path) {
    return `/branches/${this.branch.id}${path}`;
  }

  get mayConfigure() {
    return mayIn(this.session, this.branch.id, 'admin');
  }

  /** Everybody who can sign in, once for all sections. */
  users() {
    this.#users ??= all('/users', 'usuarios').catch((error) => {
      this.#users = null;
      throw error;
    });
    return this.#users;
  }

  /** The staff's snapshot: names of services and desks, the zone. @param {AbortSignal} signal @returns {Promise<import('../lib/types.js').Snapshot>} */
  async queue(signal) {
    const answer = await get(this.path('/queue'), { signal });
    return answer.cola ?? answer;
  }

  forgetUsers() {
    this.#users = null;
  }

  /** @param {string} section @param {Record<string, string|number|null|undefined>} [params] */
  go(section, params) {
    location.hash = writeHash(section, params);
  }

  /** Writes what is chosen into the address without leaving. @param {Record<string, string|number|null|undefined>} params */
  keep(params) {
    const kept = readHash(writeHash(route.section, params), [route.section], route.section).params;
    this.params = kept;
    history.replaceState(null, '', `${location.pathname}${location.search}${writeHash(route.section, kept)}`);
  }

  /** A short notice. @param {string} text @param {{undo?: () => void, bad?: boolean}} [opts] */
  say(text, { undo, bad } = {}) {
    const toast = el('div', { class: `toast${bad ? ' bad' : ''}`, 'data-toast': '' }, el('span', {}, text));
    const away = () => toast.remove();
    if (undo) {
      toast.append(el('button', { type: 'button', class: 'btn small', 'data-undo': '', onclick: () => {
        away();
        undo();
      } }, this.t('admin.undo')));
    }
    find('[data-toasts]').replaceChildren(toast);
    let timer = setTimeout(away, TOAST);
    // Whoever is about to press it is not outrun.
    toast.addEventListener('pointerenter', () => clearTimeout(timer));
    toast.addEventListener('focusin', () => clearTimeout(timer));
    toast.addEventListener('pointerleave', () => (timer = setTimeout(away, TOAST)));
  }

  /** A refusal of something that has no field. @param {unknown} error */
  fail(error) {
    if (error instanceof Problem && error.code === 'not_signed_in') return goToLogin();
    if (!(error instanceof Problem)) console.error(error);
    this.say(whyText(error, this.i18n), { bad: true });
  }

  /** @param {() => Promise<unknown>} work  says its own refusals @returns {Promise<boolean>} */
  async attempt(work) {
    try {
      await work();
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  /** Takes something out of a list of the settings; it can be brought back. @param {string} place @param {number} at @param {() => void} [back]  brings back what went with it */
  takeAway(place, at, back = () => {}) {
    const list = this.settings.at(place);
    const [gone] = list.slice(at, at + 1);
    this.settings.set(place, list.filter((/** @type {unknown} */ _, /** @type {number} */ other) => other !== at));
    this.say(this.t('admin.taken', { name: this.name(gone.name) || gone.date || gone.slug || '' }), { undo: () => {
      const now = this.settings.at(place);
      this.settings.set(place, [...now.slice(0, at), gone, ...now.slice(at)]);
      back();
      void show();
    } });
  }

  /** Draws the section anew. */
  redraw() {
    return show();
  }
}

const root = find('#admin');
const main = find('#main');
const i18n = await new I18n().load('access', 'admin');
/** @type {Admin} */ let admin;
/** @type {{section: string, params: Record<string, string>}} */ let route = { section: '', params: {} };
let shown = new AbortController();

find('[data-menu]').append(icon('menu'));
languageSwitch(i18n);
keepChoices(document);
void begin();

async function begin() {
  try {
    enter(await whoAmI());
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return goToLogin();
    root.dataset.state = 'offline';
    main.replaceChildren(el('div', { class: 'empty' }, el('p', {}, i18n.t('error.offline'))));
    setTimeout(begin, AGAIN_AFTER);
  }
}

/** @param {import('../lib/session.js').Session} session */
function enter(session) {
  if (session.quien === 'nadie' || session.quien === 'dispositivo') return goToLogin();
  accountButton(find('[data-account]'), i18n, session);
  const own = branchesFor(session, 'supervisor');
  const wish = branchInAddress();
  const branch = wish === null ? own[0] : own.find(({ id, nombre }) => String(id) === wish || nombre === wish);
  if (!branch) return refuse(own);
  admin = new Admin(i18n, session, branch);
  const select = /** @type {HTMLSelectElement} */ (find('[data-branch]'));
  select.replaceChildren(...own.map(({ id, nombre }) => el('option', { value: id }, nombre)));
  select.value = String(branch.id);
  select.disabled = own.length < 2;
  select.addEventListener('change', () => {
    const url = new URL(location.href);
    url.searchParams.set('sucursal', select.value);
    location.assign(url);
  });
  root.dataset.state = 'ready';
  admin.settings.onChange(renderSaving);
  i18n.onChange(() => void show());
  addEventListener('hashchange', () => void show(true));
  addEventListener('beforeunload', (event) => {
    // The draft is kept in this tab; whoever closes it is asked.
    if (admin.settings.dirty) event.preventDefault();
  });
  find('[data-skip]').addEventListener('click', (event) => {
    event.preventDefault();
    main.focus();
  });
  find('[data-menu]').addEventListener('click', () => openMenu(!root.classList.contains('menu')));
  find('[data-do="save"]').addEventListener('click', () => void save());
  find('[data-do="discard"]').addEventListener('click', () => void discard());
  document.addEventListener('keydown', (event) => {
    if (event.key === 's' && (event.ctrlKey || event.metaKey) && !event.altKey) {
      event.preventDefault();
      if (admin.settings.dirty && !document.querySelector('dialog[open]')) void save();
    } else if (event.key === 'Escape' && root.classList.contains('menu')) openMenu(false);
  });
  void show().then(fetchSections);
}

/** The others, while nobody waits for them: a server that goes away later takes no section along. */
function fetchSections() {
  for (const { load } of sections()) void load().catch(() => {});
}

/** @param {import('../lib/session.js').OwnBranch[]} own */
function refuse(own) {
  root.dataset.state = 'refused';
  const [first] = own;
  main.replaceChildren(el('div', { class: 'empty' }, el('h1', {}, i18n.t(first ? 'admin.refused.branch' : 'admin.refused')), el('p', {}, i18n.t(first ? 'admin.refused.branch.text' : 'admin.refused.text')),
    first ? el('a', { class: 'btn main', href: `/admin?sucursal=${first.id}` }, first.nombre) : el('a', { class: 'btn main', href: '/desk' }, i18n.t('account.desk'))));
  i18n.onChange(() => refuse(own));
}

/** @param {boolean} open */
function openMenu(open) {
  root.classList.toggle('menu', open);
  find('[data-menu]').setAttribute('aria-expanded', String(open));
}

/** What somebody may see here. */
function sections() {
  return SECTIONS.filter(({ needs }) => mayIn(admin.session, admin.branch.id, needs));
}

/** @param {boolean} [moved]  to another section: the reader begins at its top */
async function show(moved = false) {
  const own = sections();
  const before = route.section;
  route = readHash(location.hash, own.map(({ name }) => name), 'live');
  const section = /** @type {Section} */ (own.find(({ name }) => name === route.section));
  admin.params = route.params;
  shown.abort();
  shown = new AbortController();
  const { signal } = shown;
  renderMenu(own);
  openMenu(false);
  root.dataset.busy = '';
  document.title = `${i18n.t(`section.${section.name}`)} · ${admin.branch.nombre} · siguiente`;
  const scroll = before === section.name ? scrollY : 0;
  try {
    await admin.settings.load();
    const { build } = await section.load().catch((error) => {
      console.warn(error);
      throw new Problem(0, 'offline', '');
    });
    const content = await build(admin, signal);
    if (signal.aborted) return;
    main.replaceChildren(...content);
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof Problem && error.code === 'not_signed_in') return goToLogin();
    if (!(error instanceof Problem)) console.error(error);
    main.replaceChildren(el('div', { class: 'empty', role: 'alert', 'data-failed': '' }, el('h1', { tabindex: -1 }, i18n.t(`section.${section.name}`)), el('p', {}, whyText(error, i18n)),
      el('button', { type: 'button', class: 'btn main', onclick: () => void show() }, i18n.t('admin.again'))));
  }
  root.dataset.section = section.name;
  delete root.dataset.busy;
  renderSaving();
  scrollTo(0, scroll);
  if (moved && before !== section.name) /** @type {HTMLElement|null} */ (main.querySelector('h1'))?.focus({ preventScroll: true });
  if (admin.settings.rebased) {
    admin.settings.rebased = false;
    admin.say(i18n.t('admin.rebased'));
  }
}

/** @param {Section[]} own */
function renderMenu(own) {
  find('[data-side]').replaceChildren(...GROUPS.flatMap((group) => {
    const links = own.filter((section) => section.group === group);
    if (!links.length) return [];
    return [el('h2', { id: `group-${group}` }, i18n.t(`group.${group}`)), el('ul', { 'aria-labelledby': `group-${group}` }, ...links.map(({ name }) => el('li', {},
      el('a', { href: writeHash(name), 'data-go': name, 'aria-current': name === route.section ? 'page' : undefined }, icon(name), el('span', {}, i18n.t(`section.${name}`))))))];
  }));
}

function renderSaving() {
  const { settings } = admin;
  const { changes } = settings;
  const bar = find('[data-save]');
  const comes = bar.hidden && changes.length > 0;
  bar.hidden = changes.length === 0;
  root.classList.toggle('unsaved', changes.length > 0);
  // It must not cover what is being typed.
  if (comes && main.contains(document.activeElement)) document.activeElement?.scrollIntoView({ block: 'nearest' });
  if (!changes.length) find('[data-save-error]').hidden = true;
  setText(find('[data-save-count]'), i18n.t('admin.changes', { n: changes.length }));
  setText(find('[data-save-what]'), [...new Set(changes.map(({ key }) => i18n.t(`setting.${key}`)))].join(', '));
}

async function discard() {
  const thrown = admin.settings.discard();
  await show();
  admin.say(i18n.t('admin.discarded'), { undo: () => {
    admin.settings.restore(thrown);
    void show();
  } });
}

async function save() {
  const { settings } = admin;
  const button = find('[data-do="save"]');
  if (button.dataset.running !== undefined) return;
  const error = find('[data-save-error]');
  error.hidden = true;
  unmark(main);
  // What is wrong on the screen is not in the draft: saving would drop it unseen.
  if (sections().find(({ name }) => name === route.section)?.settings && markWrong(settingControls(), i18n)) {
    setText(error, i18n.t('admin.wrong'));
    error.hidden = false;
    return;
  }
  setAttribute(button, 'data-running', true);
  try {
    await settings.save();
    // What the server made of it is what is shown.
    await show();
    admin.say(i18n.t('admin.saved'), { undo: () => void undo() });
  } catch (problem) {
    if (isConflict(problem)) return void (await showConflict(admin, () => void show()));
    if (problem instanceof Problem && problem.code === 'not_signed_in') return goToLogin();
    if (!(problem instanceof Problem)) console.error(problem);
    if (!showAtField(main, problem, i18n)) await tellWhere(problem);
    setText(error, whyText(problem, i18n));
    error.hidden = false;
  } finally {
    delete button.dataset.running;
  }
}

/** The fields on the screen that are settings; what is asked in a form of its own is not. @returns {import('../lib/forms.js').Control[]} */
function settingControls() {
  const controls = /** @type {NodeListOf<import('../lib/forms.js').Control>} */ (main.querySelectorAll('input, select, textarea'));
  return [...controls].filter((control) => !control.form);
}

/** A refusal about something in another section leads there. @param {unknown} problem */
async function tellWhere(problem) {
  const key = problem instanceof Problem ? /^\w+/.exec(problem.place)?.[0] : undefined;
  const home = key && sections().find((section) => section.settings?.includes(key));
  if (!home || home.name === route.section) return;
  history.pushState(null, '', `${location.pathname}${location.search}${writeHash(home.name)}`);
  await show(true);
  showAtField(main, problem, i18n);
}

async function undo() {
  const yes = await sure({ title: i18n.t('admin.undo.title'), text: i18n.t('admin.undo.text'), yes: i18n.t('admin.undo'), no: i18n.t('admin.cancel'), danger: false });
  if (!yes) return;
  try {
    await admin.settings.undo();
    await show();
    admin.say(i18n.t('admin.undone'));
  } catch (problem) {
    if (isConflict(problem)) return void (await showConflict(admin, () => void show()));
    admin.fail(problem);
  }
}
