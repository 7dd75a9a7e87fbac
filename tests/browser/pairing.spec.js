// Screens that nobody knows show a code; who administers types it; from then on they work, until they are revoked.

import { expect, test } from './support/doors.js';
import { looksRight, SCREENS } from './support/looks.js';

/** @param {import('@playwright/test').Page} screen @returns {Promise<string>} */
async function codeOn(screen) {
  await expect(screen.locator('[data-pairing]')).toHaveAttribute('data-state', 'showing');
  return ((await screen.locator('[data-pairing-code]').textContent()) ?? '').replace(/\D/g, '');
}

/** @param {import('@playwright/test').Page} admin @param {string} code @param {string} name */
async function pair(admin, code, name) {
  await admin.getByLabel('Código').fill(code);
  await admin.locator('[data-pair]').getByLabel('Nombre').fill(name);
  await admin.locator('[data-pair]').getByRole('button', { name: 'Vincular' }).click();
}

test('a display and a kiosk are paired by their codes and work; revoked, they ask again', async ({ office }) => {
  office.refusing();
  const display = await office.open('/display', { as: null });
  const kiosk = await office.open('/kiosk', { as: null });
  const admin = await office.open('/admin#devices');
  await expect(admin.getByText('Todavía no hay ningún equipo vinculado a esta sucursal.')).toBeVisible();

  const code = await codeOn(display);
  const wrong = code === '111111' ? '222222' : '111111';
  await pair(admin, wrong, 'Nada');
  await expect(admin.locator('[data-pair] [data-form-error]')).toHaveAttribute('data-code', 'unknown_pairing');
  await pair(admin, code, 'Pantalla de la sala');
  await expect(admin.locator('[data-device]')).toContainText('Pantalla de la sala');
  await expect(display.locator('#display')).toHaveAttribute('data-state', 'live');
  await expect(display.locator('[data-pairing]')).toHaveCount(0);

  await pair(admin, await codeOn(kiosk), 'Quiosco de la entrada');
  await expect(kiosk.locator('#kiosk')).toHaveAttribute('data-state', 'ready');
  await kiosk.locator('button[data-service="caja"]').click();
  await kiosk.locator('[data-name="priority"]').waitFor();
  await expect(kiosk.locator('.screen:visible')).toHaveJSProperty('inert', false);
  await kiosk.locator('button[data-class=""]').click();
  await expect(kiosk.locator('#kiosk')).toHaveAttribute('data-issued', 'A-001');

  await admin.locator('[data-device]', { hasText: 'Pantalla de la sala' }).getByRole('button', { name: 'Cambiar nombre' }).click();
  await admin.locator('[data-window="rename"]').getByLabel('Nombre').fill('Pantalla grande');
  await admin.locator('[data-window="rename"]').getByRole('button', { name: 'Guardar' }).click();
  await admin.locator('[data-device]', { hasText: 'Pantalla grande' }).getByRole('button', { name: 'Desvincular' }).click();
  await admin.locator('[data-no]').click();
  await expect(admin.locator('[data-device]')).toHaveCount(2);
  await admin.locator('[data-device]', { hasText: 'Pantalla grande' }).getByRole('button', { name: 'Desvincular' }).click();
  await admin.locator('[data-yes]').click();
  await expect(admin.locator('[data-device]')).toHaveCount(1);
  expect(await codeOn(display)).toMatch(/^\d{6}$/);
});

test('a paired screen stays paired over a restart of the server and of the machine', async ({ office }) => {
  office.refusing();
  office.lossy();
  const display = await office.open('/display', { as: null });
  const admin = await office.open('/admin#devices');
  await pair(admin, await codeOn(display), 'Pantalla');
  await expect(display.locator('#display')).toHaveAttribute('data-state', 'live');
  await office.program.stop();
  await expect(display.locator('#display')).toHaveAttribute('data-state', 'offline');
  await office.program.start();
  await expect(display.locator('#display')).toHaveAttribute('data-state', 'live', { timeout: 20_000 });
  await display.reload();
  await expect(display.locator('#display')).toHaveAttribute('data-state', 'live');
  await expect(display.locator('[data-pairing]')).toHaveCount(0);
});

for (const viewport of SCREENS) {
  test(`the code can be read on ${viewport.width}×${viewport.height}`, async ({ office }) => {
    office.refusing();
    for (const [path, lang, theme] of [['/kiosk', 'es', 'claro'], ['/display', 'en', 'oscuro']]) {
      const page = await office.open(`${path}?lang=${lang}&tema=${theme}`, { as: null, viewport });
      await codeOn(page);
      await looksRight(page, `${path}, ${lang}, ${theme}`);
    }
  });
}
