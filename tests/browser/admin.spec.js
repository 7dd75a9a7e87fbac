// The page from which an office is run, against the real program: what is changed there moves the other screens.

import { expect, test } from './support/office.js';
import { looksRight, SCREENS } from './support/looks.js';
import { TOWN_HALL } from './support/offices.js';

const OPEN = { ...TOWN_HALL, classes: [], screens: 'open_on_local_network' };
const SECTIONS = ['live', 'figures', 'messages', 'audit', 'office', 'services', 'desks', 'hours', 'policy', 'users', 'devices', 'hooks', 'branches'];

test.use({ settings: OPEN });

/** @param {import('./support/office.js').Office} office @param {string} section @param {object} [options] */
async function admin(office, section, options) {
  const page = await office.open(`/admin#${section}`, options);
  await shown(page, section);
  return page;
}

/** @param {import('@playwright/test').Page} page @param {string} section */
async function shown(page, section) {
  await expect(page.locator('#admin')).toHaveAttribute('data-section', section);
  await expect(page.locator('#admin')).not.toHaveAttribute('data-busy');
  await expect(page.locator('#admin [aria-busy="true"]')).toHaveCount(0);
  await expect(page.locator('[data-failed]')).toHaveCount(0);
}

/** @param {import('@playwright/test').Page} page */
async function save(page) {
  await page.locator('[data-do="save"]').click();
  await expect(page.locator('[data-toast]')).toHaveText(/Guardado/);
  await expect(page.locator('[data-save]')).toBeHidden();
}

test('a service is added, saved, seen at the kiosk, and taken back', async ({ office }) => {
  const kiosk = await office.open('/kiosk', { as: null });
  await expect(kiosk.locator('button[data-service]')).toHaveCount(3);
  const page = await admin(office, 'services');
  await page.locator('[data-add="services"]').click();
  const item = page.locator('.items > .item').last();
  await item.getByLabel('Nombre · español').fill('Bodas y registro civil');
  await item.getByLabel('Letra').fill('w');
  await save(page);
  await expect(kiosk.locator('button[data-service="bodas-y-registro-civil"]')).toBeVisible();
  await page.locator('[data-undo]').click();
  await page.locator('[data-yes]').click();
  await expect(kiosk.locator('button[data-service]')).toHaveCount(3);
  await expect(page.locator('.items > .item')).toHaveCount(3);
});

test('what is not saved survives another section and a reload, and can be thrown away and brought back', async ({ office }) => {
  const page = await admin(office, 'office');
  await page.getByLabel('Nombre de la sucursal').fill('Ayuntamiento Nuevo');
  await expect(page.locator('[data-save]')).toBeVisible();
  await page.locator('[data-go="hours"]').click();
  await shown(page, 'hours');
  await page.getByRole('button', { name: 'Poner un horario' }).click();
  await page.getByLabel('Lunes: desde').fill('830');
  await page.getByLabel('Lunes: hasta').fill('13');
  await page.getByLabel('Lunes: hasta').blur();
  await expect(page.getByLabel('Lunes: desde')).toHaveValue('08:30');
  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await shown(page, 'hours');
  await expect(page.getByLabel('Lunes: hasta')).toHaveValue('13:00');
  await expect(page.locator('[data-save-what]')).toHaveText('Nombre, Horario');
  await page.locator('[data-do="discard"]').click();
  await expect(page.locator('[data-save]')).toBeHidden();
  await page.locator('[data-undo]').click();
  await expect(page.locator('[data-save]')).toBeVisible();
  await save(page);
  await page.locator('[data-go="office"]').click();
  await expect(page.getByLabel('Nombre de la sucursal')).toHaveValue('Ayuntamiento Nuevo');
  expect((await office.rest('get', '/branches/1')).data.hours.mon).toEqual([['08:30', '13:00']]);
});

test('a refusal stands at its field, also when that is in another section', async ({ office }) => {
  office.refusing();
  const page = await admin(office, 'services');
  await page.locator('.items > .item > summary').nth(1).click();
  const prefix = page.locator('[data-place="services[1].prefix"]');
  await prefix.fill('A');
  await page.locator('[data-go="desks"]').click();
  await shown(page, 'desks');
  await page.locator('[data-do="save"]').click();
  await shown(page, 'services');
  await expect(prefix).toHaveAttribute('aria-invalid', 'true');
  await expect(prefix).toBeFocused();
  await expect(page.locator('[data-save-error]')).toBeVisible();
  await looksRight(page, 'refused');
  await prefix.fill('Q');
  await save(page);
});

test('what is wrong on the screen is not saved past', async ({ office }) => {
  const page = await admin(office, 'policy');
  await page.locator('[data-place="min_calls"]').fill('2');
  await page.locator('[data-place="deferrals.minutes"]').fill('500');
  await page.locator('[data-do="save"]').click();
  await expect(page.locator('[data-save-error]')).toHaveText('Aquí hay algo que corregir antes de guardar.');
  await expect(page.locator('[data-place="deferrals.minutes"]')).toBeFocused();
  expect((await office.rest('get', '/branches/1')).data.min_calls).toBe(1);
  await page.locator('[data-place="deferrals.minutes"]').fill('15');
  await save(page);
  expect((await office.rest('get', '/branches/1')).data).toMatchObject({ min_calls: 2, deferrals: { minutes: 15 } });
  await page.locator('[data-go="hours"]').click();
  await shown(page, 'hours');
  await page.getByRole('button', { name: 'Poner un horario' }).click();
  await page.getByLabel('Martes: desde').fill('99');
  await page.locator('[data-do="save"]').click();
  await expect(page.getByText('Escriba una hora, como 9:30.')).toBeVisible();
  await expect(page.locator('[data-save]')).toBeVisible();
});

test('a service goes out of its desks, and comes back into them', async ({ office }) => {
  const { data, etag } = await office.rest('get', '/branches/1');
  data.desks[0].services = [1, 2];
  data.desks[1].services = [3];
  await office.rest('put', '/branches/1', data, { 'if-match': etag ?? '' });
  const page = await admin(office, 'services');
  await page.locator('[data-item="services-3"] > summary').click();
  await page.locator('[data-remove="services-3"]').click();
  await expect(page.locator('[data-item="services-3"]')).toContainText('Puesto 2 solo atiende este servicio');
  await page.locator('[data-item="services-2"] > summary').click();
  await page.locator('[data-remove="services-2"]').click();
  await expect(page.locator('[data-save-what]')).toHaveText('Servicios, Puestos');
  await page.locator('[data-undo]').click();
  await expect(page.locator('[data-save]')).toBeHidden();
  await page.locator('[data-remove="services-2"]').click();
  await save(page);
  const after = (await office.rest('get', '/branches/1')).data;
  expect(after.services.map((/** @type {any} */ one) => one.id)).toEqual([1, 3]);
  expect(after.desks[0].services).toEqual([1]);
});

test('two admins: the second one is told what the first one changed, and keeps both', async ({ office }) => {
  office.refusing();
  const page = await admin(office, 'services');
  await page.locator('.items > .item > summary').first().click();
  await page.locator('[data-place="services[0].prefix"]').fill('K');
  const { data, etag } = await office.rest('get', '/branches/1');
  await office.rest('put', '/branches/1', { ...data, name: 'Ayuntamiento de Abajo' }, { 'if-match': etag ?? '' });
  await page.locator('[data-do="save"]').click();
  const asked = page.locator('[data-window="conflict"]');
  await expect(asked).toContainText('Nombre');
  await expect(asked).toContainText(/cambió estos ajustes|han cambiado/);
  await looksRight(page, 'conflict');
  await page.locator('[data-conflict="keep"]').click();
  await save(page);
  const after = (await office.rest('get', '/branches/1')).data;
  expect([after.name, after.services[0].prefix]).toEqual(['Ayuntamiento de Abajo', 'K']);
});

test('the live board moves with the office', async ({ office }) => {
  const page = await admin(office, 'live');
  const tile = (/** @type {string} */ name) => page.locator(`[data-tile="${name}"] .tile-value`);
  await expect(tile('waiting')).toHaveText('0');
  const client = await office.client();
  await client.take(2);
  await expect(tile('waiting')).toHaveText('2');
  await expect(page.locator('[data-tile="waiting"]')).toHaveAttribute('data-pressing', 'late');
  await client.must('abrir-puesto', { escritorio: 2 });
  await client.call(2);
  await expect(tile('waiting')).toHaveText('1');
  await expect(tile('desks')).toHaveText('1 / 3');
  await expect(page.locator('[data-desk="2"]')).toContainText('A-001');
  await looksRight(page, 'live');
  await page.locator('[data-do="day"]').click();
  await expect(page.locator('[data-window="sure"]')).toContainText('Vencen 2 turnos');
  await page.locator('[data-yes]').click();
  await expect(page.locator('[data-do="day"]')).toHaveText('Abrir la jornada…');
  await expect(tile('waiting')).toHaveText('0');
});

test('a user is added, works, is disabled and is out at once', async ({ office }) => {
  office.refusing();
  const page = await admin(office, 'users');
  await page.locator('[data-do="add-user"]').click();
  const form = page.locator('[data-window="user"]');
  await form.getByLabel('Nombre', { exact: true }).fill('Begoña Zubizarreta');
  await form.getByLabel('Usuario').fill('jefa');
  await form.locator('[data-do="generate"]').click();
  const clave = await form.getByLabel('Contraseña').inputValue();
  expect(clave).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
  await form.getByRole('button', { name: 'Guardar' }).click();
  await expect(form.locator('[data-form-error], .ask-error').filter({ visible: true })).not.toHaveCount(0);
  await form.getByLabel('Usuario').fill('bego');
  await form.getByRole('button', { name: 'Guardar' }).click();
  await expect(page.getByRole('row', { name: /Begoña/ })).toContainText('bego');

  const desk = await office.open('/desk?escritorio=1', { as: { acceso: 'bego', clave } });
  await expect(desk.locator('#desk')).toHaveAttribute('data-state', 'live');
  await desk.goto('/admin');
  await expect(desk.locator('#admin')).toHaveAttribute('data-state', 'refused');
  await desk.goto('/desk?escritorio=1');
  await expect(desk.locator('#desk')).toHaveAttribute('data-state', 'live');

  await page.getByRole('button', { name: 'Editar Begoña Zubizarreta' }).click();
  await form.getByLabel('Puede entrar').uncheck();
  await form.getByRole('button', { name: 'Guardar' }).click();
  await expect(page.getByRole('row', { name: /Begoña/ })).toContainText('desactivado');
  await expect(desk).toHaveURL(/\/login/);
});

test('the line on the displays is put up and taken down, and comes back', async ({ office }) => {
  const display = await office.open('/display', { as: null });
  const page = await admin(office, 'messages');
  await page.locator('[data-ticker]').fill('Hoy cerramos\na las 14 h');
  await page.getByRole('button', { name: 'Mostrar', exact: true }).click();
  await expect(display.getByText('Hoy cerramos a las 14 h').first()).toBeVisible();
  await page.locator('[data-do="ticker-down"]').click();
  await expect(display.getByText('Hoy cerramos a las 14 h')).toHaveCount(0);
  await page.locator('[data-undo]').click();
  await expect(display.getByText('Hoy cerramos a las 14 h').first()).toBeVisible();
});

test('a web hook: its secret is shown once, it is stopped and deleted', async ({ office }) => {
  const page = await admin(office, 'hooks');
  await page.locator('[data-do="add-hook"]').click();
  await page.locator('[data-window="hook"]').getByLabel('Dirección').fill('https://avisos.example/siguiente');
  await page.locator('[data-window="hook"]').getByLabel('Para qué es').fill('Panel de la web');
  await page.locator('[data-window="hook"]').getByRole('button', { name: 'Guardar' }).click();
  await expect(page.locator('[data-secret]')).toHaveText(/.{20,}/);
  await looksRight(page, 'secret');
  await page.locator('[data-do="kept"]').click();
  await expect(page.locator('[data-secret]')).toHaveCount(0);
  const row = page.getByRole('row', { name: /avisos\.example/ });
  await row.locator('[data-hook]').click();
  await expect(page.locator('[data-window="hook"]').getByLabel('Para qué es')).toHaveValue('Panel de la web');
  await page.locator('[data-window="hook"]').getByLabel('Activo').uncheck();
  await page.locator('[data-window="hook"]').getByRole('button', { name: 'Guardar' }).click();
  await expect(row).toContainText('parado');
  await expect(row).toContainText('Panel de la web');
  await row.locator('[data-deliveries]').click();
  await expect(page.locator('[data-window="deliveries"]')).toContainText('Todavía no se ha entregado nada.');
  await page.keyboard.press('Escape');
  await row.locator('[data-hook]').click();
  await page.locator('[data-do="delete-hook"]').click();
  await page.locator('[data-yes]').click();
  await expect(page.getByText('Ningún programa recibe avisos.')).toBeVisible();
});

test('the audit log tells what was done, by whom, filtered and as CSV', async ({ office }) => {
  await office.user('Ana Ruiz', { rol: 'supervisor' });
  const page = await admin(office, 'audit');
  await page.locator('[name="donde"]').selectOption('todo');
  await expect(page.locator('[data-action="user_created"]').first()).toContainText('Ana Ruiz');
  await page.locator('[name="accion"]').selectOption('sign_*');
  await expect(page.locator('[data-action="user_created"]')).toHaveCount(0);
  await expect(page.locator('[data-action="sign_in"]').first()).toBeVisible();
  await expect(page).toHaveURL(/accion=sign_\*|accion=sign_%2A/);
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('[data-csv="audit"]').click()]);
  expect(file.suggestedFilename()).toMatch(/^audit-.*\.csv$/);
});

test('statistics of a day’s work, as charts and as numbers', async ({ office }) => {
  const client = await office.client();
  await client.take(3);
  await client.must('abrir-puesto', { escritorio: 1 });
  await client.call(1);
  await client.must('iniciar', { escritorio: 1 });
  await client.must('finalizar', { escritorio: 1 });
  const page = await admin(office, 'figures');
  await expect(page.locator('[data-tile="issued"] .tile-value')).toHaveText('3');
  for (const name of ['hours', 'heat', 'level', 'desks', 'services']) await expect(page.locator(`[data-card="${name}"] svg[role="img"]`)).toBeVisible();
  await page.locator('[data-card="services"]').getByText('Ver los números').click();
  await expect(page.locator('[data-card="services"]').getByRole('row', { name: /Caja/ })).toContainText('3');
  await looksRight(page, 'figures');
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('[data-csv="servicio"]').click()]);
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
});

test('a supervisor sees the day and no settings; an agent sees neither', async ({ office }) => {
  const account = await office.user('Ana Ruiz', { rol: 'supervisor' });
  const page = await admin(office, 'figures', { as: account });
  await expect(page.locator('[data-go]')).toHaveCount(4);
  await page.goto('/admin#services');
  await shown(page, 'live');
  const agent = await office.user('Luis Ortega');
  const other = await office.open('/admin', { as: agent });
  await expect(other.locator('#admin')).toHaveAttribute('data-state', 'refused');
  await looksRight(other, 'refused');
});

test('another branch begins as this one is', async ({ office }) => {
  const page = await admin(office, 'branches');
  await page.locator('[data-do="add-branch"]').click();
  await page.locator('[data-window="branch"]').getByLabel('Nombre de la sucursal').fill('Oficina del Mercado');
  await page.locator('[data-window="branch"]').getByRole('button', { name: 'Añadir sucursal' }).click();
  await expect(page).toHaveURL(/sucursal=2/);
  await shown(page, 'office');
  await expect(page.getByLabel('Nombre de la sucursal')).toHaveValue('Oficina del Mercado');
  await expect(page.locator('[data-branch]')).toHaveValue('2');
});

test('all of it by keyboard', async ({ office }) => {
  const page = await admin(office, 'office');
  await page.keyboard.press('Tab');
  await expect(page.locator('.skip')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Nombre de la sucursal')).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.type(' 2');
  await page.keyboard.press('Control+s');
  await expect(page.locator('[data-toast]')).toHaveText(/Guardado/);
  await page.locator('[data-go="users"]').focus();
  await page.keyboard.press('Enter');
  await shown(page, 'users');
  await expect(page.locator('h1')).toBeFocused();
});

// Each language in each theme, on one of the two: words decide whether it fits, themes whether it can be read.
for (const [viewport, looks] of /** @type {const} */ ([[SCREENS[0], [['es', 'claro'], ['en', 'oscuro']]], [SCREENS[2], [['es', 'oscuro'], ['en', 'claro']]]])) {
  for (const section of SECTIONS) {
    test(`${section} on ${viewport?.width}×${viewport?.height}`, async ({ office }) => {
      const client = await office.client();
      await client.take(2);
      await office.user('Ana María Fernández de la Vega y Álvarez de Toledo', { rol: 'supervisor' });
      const page = await (await office.machine({ viewport })).newPage();
      for (const [lang, theme] of looks) {
        await page.goto(`/admin?lang=${lang}&tema=${theme}#${section}`);
        await shown(page, section);
        await expect(page.locator('html')).toHaveAttribute('lang', lang);
        await looksRight(page, `${lang}, ${theme}`);
      }
    });
  }
}
