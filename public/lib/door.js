// The desk's door: nobody works at a desk without having signed in. What was signed in says who the agent is.

import { accountButton } from './account.js';
import { el } from './dom.js';
import { Problem } from './rest.js';
import { goToLogin, whoAmI } from './session.js';

/**
 * Before the desk begins. Leaves for the sign-in page where nobody is signed in, and does not come back then.
 * A server that cannot be reached says nothing about who one is: the desk shows by itself that it is offline.
 * @param {import('./i18n.js').I18n} i18n
 * @returns {Promise<import('./session.js').Session|null>}
 */
export async function enterDesk(i18n) {
  const session = await whoAmI().catch((error) => {
    if (error instanceof Problem && error.status === 401) return /** @type {const} */ ({ quien: 'nadie', sucursales: [] });
    return null;
  });
  if (session?.quien === 'nadie' || session?.quien === 'dispositivo') {
    goToLogin();
    return new Promise(() => {});
  }
  if (session?.usuario) {
    await i18n.add('access');
    document.head.append(el('link', { rel: 'stylesheet', href: '/css/forms.css' }));
    const place = el('div', { 'data-account': '' });
    document.querySelector('.top')?.append(place);
    accountButton(place, i18n, session);
  }
  return session;
}

/** Once it works: a sign-in that ended, or was revoked, leads to the sign-in page. @param {import('./live.js').LiveState} state */
export function watchDoor({ refusal }) {
  if (refusal?.code === 'not_signed_in') goToLogin();
}
