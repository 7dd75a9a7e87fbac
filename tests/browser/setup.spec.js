// The first start: whoever reads the console makes the office in a minute.

import { expect, test } from './support/doors.js';
import { looksRight, SCREENS } from './support/looks.js';

test.use({ settings: null });

test('the office is made with the code of the console, and works', async ({ office }) => {
  office.refusing();
  const code = await office.program.setupCode();
  const page = await office.open('/admin', { as: null });
  await expect(page).toHaveURL(/\/setup$/);
  await page.getByRole('button', { name: 'Crear la oficina' }).click();
  await expect(page.getByLabel('Código de puesta en marcha')).toBeFocused();
  await expect(page.getByText('Falta este dato.').first()).toBeVisible();
  await looksRight(page, 'missing');

  await page.getByLabel('Código de puesta en marcha').fill('0000-0000');
  await page.getByLabel('Nombre de la oficina').fill('Ambulatorio del Puerto');
  await page.getByLabel('Zona horaria').selectOption('Europe/Madrid');
  await page.getByLabel('Puestos de atención').fill('2');
  await page.getByLabel('Quioscos y pantallas').selectOption('abiertas');
  await page.locator('[data-service-row]').first().getByLabel('Servicio').fill('Recetas');
  await page.getByRole('button', { name: 'Añadir servicio' }).click();
  await page.locator('[data-service-row]').nth(1).getByLabel('Letra').fill('x');
  await page.locator('[data-service-row]').nth(1).getByLabel('Servicio').fill('Análisis');
  await page.getByLabel('Su nombre').fill('Ana María Fernández');
  await page.getByLabel('Usuario').fill('ana');
  await page.getByLabel('Contraseña', { exact: true }).fill('una frase bastante larga');
  await page.getByLabel('Otra vez la contraseña').fill('otra frase distinta');
  await page.getByRole('button', { name: 'Crear la oficina' }).click();
  await expect(page.getByText('Las dos contraseñas no son iguales.')).toBeVisible();
  await page.getByLabel('Otra vez la contraseña').fill('una frase bastante larga');
  await page.getByRole('button', { name: 'Crear la oficina' }).click();
  await expect(page.locator('[data-form-error]')).toHaveAttribute('data-code', 'bad_setup_code');

  // What was filled in is there in the other language, too.
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByLabel('Name of the office')).toHaveValue('Ambulatorio del Puerto');
  await page.getByRole('button', { name: 'Español' }).click();
  await page.getByLabel('Código de puesta en marcha').fill(code);
  await page.getByRole('button', { name: 'Crear la oficina' }).click();
  await expect(page).toHaveURL(/\/admin/);
  await expect(page.locator('#admin')).toHaveAttribute('data-state', 'ready');
  await expect(page.locator('[data-branch]')).toHaveText('Ambulatorio del Puerto');

  const kiosk = await office.open('/kiosk', { as: null });
  await kiosk.getByRole('button', { name: 'Análisis' }).click();
  await expect(kiosk.locator('.screen:visible')).toHaveJSProperty('inert', false);
  await kiosk.getByRole('button', { name: 'No, turno normal' }).click();
  await expect(kiosk.locator('#kiosk')).toHaveAttribute('data-issued', 'X-001');

  await page.goto('/setup');
  await expect(page.getByText('Esta oficina ya está en marcha.')).toBeVisible();
  const stranger = await office.open('/setup', { as: null });
  await expect(stranger.locator('#setup')).toHaveAttribute('data-state', 'over');
});

for (const viewport of [SCREENS[0], SCREENS[1]]) {
  test(`how it looks on ${viewport?.width}×${viewport?.height}`, async ({ office }) => {
    const page = await (await office.machine({ as: null, viewport })).newPage();
    for (const [lang, theme] of [['es', 'claro'], ['en', 'oscuro']]) {
      await page.goto(`/setup?lang=${lang}&tema=${theme}`);
      await expect(page.locator('#setup')).toHaveAttribute('data-state', 'form');
      await looksRight(page, `${lang}, ${theme}`);
    }
  });
}
