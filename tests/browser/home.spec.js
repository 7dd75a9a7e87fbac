// Home: the doors to the other pages, for the branch that is meant.

import { expect, test } from './support/office.js';
import { looksRight } from './support/looks.js';
import { WITHOUT_CLASSES } from './support/offices.js';

const MARKET = { ...WITHOUT_CLASSES, id: 2, name: 'Oficina del Mercado' };

test.describe('with one branch', () => {
  test.use({ settings: WITHOUT_CLASSES });

  test('there is nothing to choose', async ({ office }) => {
    const page = await office.open('/');
    await expect(page.locator('.link-pill')).toHaveAttribute('data-link', 'live');
    await expect(page.locator('[data-branches]')).toBeHidden();
    await expect(page.getByRole('link', { name: 'Quiosco' })).toHaveAttribute('href', /\/kiosk$/);
  });
});

test.describe('with two branches', () => {
  test.use({ settings: { branches: [{ ...WITHOUT_CLASSES, id: 1 }, MARKET] } });

  test('one is chosen, and every page is of that branch', async ({ office }) => {
    const page = await office.open('/?lang=es');
    await expect(page.locator('[data-branch]')).toHaveText('Ayuntamiento de Villanueva');
    await page.getByLabel('Sucursal').selectOption('Oficina del Mercado');
    await expect(page).toHaveURL(/sucursal=2/);
    await expect(page.locator('[data-branch]')).toHaveText('Oficina del Mercado');
    await looksRight(page, 'home of a branch');
    await page.getByRole('link', { name: 'Quiosco' }).click();
    await expect(page).toHaveURL(/\/kiosk\?.*sucursal=2/);
    await expect(page.locator('[data-branch]')).toHaveText('Oficina del Mercado');
    await page.locator('button[data-service="caja"]').click();
    await expect(page.locator('#kiosk')).toHaveAttribute('data-issued', 'A-001');

    const display = await office.open('/display?sucursal=2');
    await expect(display.locator('[data-zone="caja"] .people b')).toHaveText('1');
    const other = await office.open('/display?sucursal=1');
    await expect(other.locator('[data-zone="caja"] .people b')).toHaveText('0');
    await expect(other.locator('[data-branch]')).toHaveText('Ayuntamiento de Villanueva');
  });

  test('a branch that does not exist is said so, and another one can be chosen', async ({ office }) => {
    office.lossy();
    const page = await office.open('/?sucursal=99');
    await expect(page.getByText('La sucursal de esta dirección no existe. Elija otra.')).toBeVisible();
    await looksRight(page, 'no such branch');
    await page.getByLabel('Sucursal').selectOption('Ayuntamiento de Villanueva');
    await expect(page.locator('[data-branch]')).toHaveText('Ayuntamiento de Villanueva');
  });
});
