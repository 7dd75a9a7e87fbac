// Signing in and out: the way there and back, what is said when it goes wrong, one's own account.

import { ADMIN, expect, test } from './support/office.js';
import { LANGUAGES, looksRight, SCREENS, THEMES } from './support/looks.js';

/** @param {import('@playwright/test').Page} page @param {{acceso: string, clave: string}} account */
async function signIn(page, { acceso, clave }) {
  await page.getByLabel('Usuario').fill(acceso);
  await page.getByLabel('Contraseña', { exact: true }).fill(clave);
  await page.getByRole('button', { name: 'Entrar' }).click();
}

test('a desk asks who one is, goes on where one wanted to be, and ends with signing out', async ({ office }) => {
  const page = await office.open('/desk?escritorio=2', { as: null });
  await expect(page).toHaveURL(/\/login\?volver=%2Fdesk%3Fescritorio%3D2$/);
  await signIn(page, ADMIN);
  await expect(page).toHaveURL(/\/desk\?escritorio=2$/);
  await expect(page.locator('#desk')).toHaveAttribute('data-state', 'live');
  await page.locator('[data-account] button').click();
  await expect(page.locator('[data-window="account"]')).toContainText(ADMIN.acceso);
  await page.locator('[data-do="sign-out"]').click();
  await expect(page).toHaveURL(/\/login/);
  await page.goto('/admin');
  await expect(page).toHaveURL(/\/login\?volver=%2Fadmin$/);
});

test('a wrong password and an unknown name are told alike, and nothing is given away', async ({ office }) => {
  office.refusing();
  const page = await office.open('/login', { as: null });
  const error = page.locator('[data-form-error]');
  await signIn(page, { ...ADMIN, clave: 'no es esta frase' });
  await expect(error).toHaveAttribute('data-code', 'bad_login');
  const text = await error.textContent();
  await expect(page.getByLabel('Contraseña', { exact: true })).toBeFocused();
  await looksRight(page, 'wrong password');
  await signIn(page, { acceso: 'nadie', clave: 'no es esta frase' });
  await expect(error).toBeVisible();
  await expect(error).toHaveText(text ?? '');
  await expect(page.locator('#login')).toHaveAttribute('data-state', 'form');
});

test('nobody is sent to another place than this server', async ({ office }) => {
  const page = await office.open('/login?volver=https%3A%2F%2Fevil.example%2F', { as: null });
  await signIn(page, ADMIN);
  await expect(page).toHaveURL(/^http:\/\/127\.0\.0\.1:\d+\/admin$/);
  await page.goto('/login?volver=%2F%2Fevil.example%2F');
  await expect(page).toHaveURL(/^http:\/\/127\.0\.0\.1:\d+\/admin$/);
});

test('who tries too often waits, and is told how long', async ({ office }) => {
  office.refusing();
  const page = await office.open('/login', { as: null });
  const error = page.locator('[data-form-error]');
  for (let tries = 0; tries < 30; tries += 1) {
    await signIn(page, { ...ADMIN, clave: `no es esta frase ${tries}` });
    await expect(page.locator('[data-login]')).not.toHaveAttribute('data-busy');
    if ((await error.getAttribute('data-code')) === 'too_many_attempts') break;
  }
  await expect(error).toHaveText(/Demasiados intentos/);
  await expect(page.getByRole('button', { name: 'Entrar' })).toBeDisabled();
  await expect(page.locator('#login')).toHaveAttribute('data-state', 'waiting');
});

test('the password is shown for a look, and fields say what password managers need', async ({ office }) => {
  const page = await office.open('/login', { as: null });
  const password = page.getByLabel('Contraseña', { exact: true });
  await expect(password).toHaveAttribute('autocomplete', 'current-password');
  await expect(page.getByLabel('Usuario')).toHaveAttribute('autocomplete', 'username');
  await password.fill('secreta de verdad');
  await page.getByRole('button', { name: 'Mostrar la contraseña' }).click();
  await expect(password).toHaveAttribute('type', 'text');
  await page.getByRole('button', { name: 'Mostrar la contraseña' }).click();
  await expect(password).toHaveAttribute('type', 'password');
  await page.getByRole('button', { name: 'Entrar' }).click();
  await expect(page.getByText('Falta este dato.')).toBeVisible();
});

test('a new password ends the other sign-ins, and the next one needs it', async ({ office }) => {
  office.refusing();
  const account = await office.user('Ana Ruiz', { rol: 'supervisor' });
  const here = await office.open('/admin#messages', { as: account });
  const there = await office.open('/admin#live', { as: account });
  await expect(there.locator('#admin')).toHaveAttribute('data-section', 'live');
  await expect(here.locator('#admin')).toHaveAttribute('data-section', 'messages');
  await here.locator('[data-account] button').click();
  await here.getByText('Cambiar la contraseña').first().click();
  await here.getByLabel('Contraseña actual').fill(account.clave);
  await here.getByLabel('Contraseña nueva').fill('una tercera frase larga');
  await here.getByLabel('Otra vez la contraseña').fill('una cuarta frase larga');
  await here.getByRole('button', { name: 'Cambiar la contraseña' }).click();
  await expect(here.getByText('Las dos contraseñas no son iguales.')).toBeVisible();
  await here.getByLabel('Otra vez la contraseña').fill('una tercera frase larga');
  await here.getByRole('button', { name: 'Cambiar la contraseña' }).click();
  await expect(here.getByText('Contraseña cambiada.', { exact: false })).toBeVisible();
  await there.reload();
  await expect(there).toHaveURL(/\/login/);
  await signIn(there, account);
  await expect(there.locator('[data-form-error]')).toHaveAttribute('data-code', 'bad_login');
  await signIn(there, { ...account, clave: 'una tercera frase larga' });
  await expect(there.locator('#admin')).toHaveAttribute('data-state', 'ready');
});

test('another machine is signed out from here', async ({ office }) => {
  office.refusing();
  const account = await office.user('Luis Ortega');
  const there = await office.open('/desk?escritorio=1', { as: account });
  await expect(there.locator('#desk')).toHaveAttribute('data-state', 'live');
  const here = await office.open('/desk?escritorio=2', { as: account });
  await here.locator('[data-account] button').click();
  await here.getByText('Dónde está abierta mi cuenta').click();
  await here.locator('[data-end]').first().click();
  await expect(here.locator('[data-end]')).toHaveCount(0);
  // It is cut off at once, without a request of its own.
  await expect(there).toHaveURL(/\/login/);
});

for (const viewport of [SCREENS[0], SCREENS[2]]) {
  test(`how it looks on ${viewport?.width}×${viewport?.height}`, async ({ office }) => {
    const page = await (await office.machine({ as: null, viewport })).newPage();
    for (const lang of LANGUAGES) {
      for (const theme of THEMES) {
        await page.goto(`/login?lang=${lang}&tema=${theme}`);
        await expect(page.locator('html')).toHaveAttribute('lang', lang);
        await looksRight(page, `${lang}, ${theme}`);
      }
    }
  });
}
