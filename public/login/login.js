// Sign-in: asks for name and password and goes back to where one came from, a path of this server.
//
// For tests: `#login` has `data-state` (form | waiting | leaving), `[data-form-error]` has `data-code`. `?volver=/admin` is where it goes afterwards.

import { find, setText } from '../lib/dom.js';
import { complete, submit } from '../lib/forms.js';
import { I18n } from '../lib/i18n.js';
import { keepChoices, languageSwitch } from '../lib/page.js';
import { get, Problem } from '../lib/rest.js';
import { branchesFor, signIn, wayBack, whoAmI } from '../lib/session.js';

const root = find('#login');
const form = /** @type {HTMLFormElement} */ (find('[data-login]'));
const name = /** @type {HTMLInputElement} */ (find('#acceso'));
const password = /** @type {HTMLInputElement} */ (find('#clave'));
const show = find('[data-show]');
const button = /** @type {HTMLButtonElement} */ (find('[type="submit"]'));
const i18n = await new I18n().load('access');

languageSwitch(i18n);
keepChoices(document);
i18n.onChange(render);
render();
(name.value ? password : name).focus();
void whoIsHere();

show.addEventListener('click', () => {
  password.type = password.type === 'password' ? 'text' : 'password';
  render();
  password.focus();
});

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (root.dataset.state === 'leaving' || !complete(form, i18n)) return;
  // What a password manager keeps is what was sent, and as a password.
  password.type = 'password';
  render();
  const done = await submit(form, i18n, async () => {
    try {
      leave(await signIn(name.value.trim(), password.value));
    } catch (error) {
      if (error instanceof Problem && error.retryAfter > 0 && error.status === 429) wait(error.retryAfter);
      throw error;
    }
  });
  if (!done) password.select();
});

/** Who is signed in has nothing to do here, and an office that was not set up yet is set up first. */
async function whoIsHere() {
  const session = await whoAmI().catch(() => null);
  if (session?.quien === 'usuario' || session?.quien === 'demostracion') return leave(session);
  const setup = await get('/setup').catch(() => null);
  if (setup?.pendiente) location.replace('/setup');
}

/** @param {import('../lib/session.js').Session} session */
function leave(session) {
  root.dataset.state = 'leaving';
  const home = branchesFor(session, 'supervisor').length ? '/admin' : '/desk';
  location.replace(wayBack(new URLSearchParams(location.search).get('volver'), location.origin, home));
}

/** After too many attempts the next one is not worth sending. @param {number} seconds */
function wait(seconds) {
  root.dataset.state = 'waiting';
  button.disabled = true;
  setTimeout(() => {
    root.dataset.state = 'form';
    button.disabled = false;
    find('[data-form-error]').hidden = true;
  }, Math.min(seconds, 600) * 1000);
}

function render() {
  const shown = password.type === 'text';
  setText(show, i18n.t(shown ? 'login.hide' : 'login.show'));
  show.setAttribute('aria-pressed', String(shown));
  show.setAttribute('aria-label', i18n.t('login.showLong'));
}
