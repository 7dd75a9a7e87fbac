// From the kiosk over the desk to the display, each in a browser of its own.

import { expect, test } from './support/office.js';
import { TOWN_HALL, WITHOUT_CLASSES } from './support/offices.js';
import { Desk, Display, Kiosk } from './support/screens.js';

test('a visitor takes A-001, desk 2 calls it by keyboard, the display shows and announces it', async ({ office }) => {
  const [kiosk, desk, display] = await Promise.all([Kiosk.open(office), Desk.open(office, 2), Display.open(office)]);
  await display.allowSound();
  await expect(display.page.getByText('Bienvenidos')).toBeVisible();

  await kiosk.service('caja').click();
  await kiosk.shows('priority');
  await kiosk.priority('').click();
  await kiosk.issued('A-001');
  await expect(kiosk.page.locator('[data-ahead]')).toHaveText('Es la primera persona de la fila');
  await expect(display.zone('caja').locator('.people b')).toHaveText('1');
  await desk.queues(['A-001']);

  await desk.press('n');
  await desk.holds('A-001', 'llamado');
  await display.calls('A-001', 'Puesto 2');
  await display.announced([1]);
  await expect(display.log).toHaveText('Turno A-001, Puesto 2');
  await expect(display.log).toHaveAttribute('data-chimed', 'true');
  expect(await display.chimes()).toHaveLength(1);
  await expect(display.zone('caja').locator('.people b')).toHaveText('0');
  await desk.queues([]);

  await desk.press('r');
  await display.announced([1, 2]);
  await expect(display.page.getByText('Repetimos la llamada')).toBeVisible();
  await expect(desk.page.locator('[data-calls]')).toHaveText('2');
  expect(await display.chimes()).toHaveLength(2);

  await desk.press('i');
  await desk.holds('A-001', 'atendiendo');
  await desk.press('f');
  await desk.isFree();
  await expect(desk.page.locator('[data-idle-text]')).toHaveText('Nadie espera');
  await display.calls('A-001', 'Puesto 2');
});

test.describe('where priority weighs', () => {
  test.use({ settings: { ...TOWN_HALL, policy: { kind: 'accumulating', factor: 100 } } });

  test('who asks for priority is told so, seen so at the desk and called first', async ({ office }) => {
    const [kiosk, desk] = await Promise.all([Kiosk.open(office), Desk.open(office, 1)]);
    await kiosk.service('padron').click();
    await kiosk.priority('').click();
    await kiosk.issued('B-001');
    await kiosk.action('done').click();
    await kiosk.service('padron').click();
    await kiosk.priority('prioridad').click();
    await kiosk.issued('B-002');
    await expect(kiosk.page.locator('[data-name="ticket"]').getByText('Atención prioritaria')).toBeVisible();

    await expect(desk.row('B-002').getByText('Atención prioritaria')).toBeVisible();
    await expect(desk.row('B-001').getByText('Atención prioritaria')).toBeHidden();
    await desk.press('n');
    await desk.holds('B-002', 'llamado');
    await expect(desk.page.locator('[data-priority]')).toHaveText('Atención prioritaria');
  });
});

test.describe('in a rush', () => {
  test.use({ settings: WITHOUT_CLASSES });

  test('several calls at once are announced one after the other, each once, in order', async ({ office }) => {
    const client = await office.client();
    await client.take(3);
    const display = await Display.open(office, '?servicios=caja');
    await display.allowSound();
    const codes = await Promise.all([1, 2, 3].map((number) => client.call(number)));
    expect([...codes].sort()).toEqual(['A-001', 'A-002', 'A-003']);

    await display.announced([1]);
    await expect(display.root).toHaveAttribute('data-queue', '2');
    await expect(display.recent).toHaveCount(0);
    await display.announced([1, 2, 3], 20_000);
    await expect(display.root).toHaveAttribute('data-announcing', '', { timeout: 10_000 });
    await display.announced([1, 2, 3]);
    expect(await display.announcing()).toEqual(['1', '2', '3']);
    await expect(display.recent).toHaveCount(2);

    const chimes = await display.chimes();
    expect(chimes).toHaveLength(3);
    // One chime lasts 1.6 s: none begins before the one before it has ended.
    for (let i = 1; i < chimes.length; i += 1) expect(chimes[i] - chimes[i - 1]).toBeGreaterThan(1600);
  });

  test('a display in Spanish reads a call out in the language of who took the number', async ({ office }) => {
    const kiosk = await Kiosk.open(office);
    const display = await Display.open(office, '?voz=1');
    await kiosk.page.getByRole('button', { name: 'English' }).click();
    await kiosk.service('caja').click();
    await kiosk.issued('A-001');
    const client = await office.client();
    await client.call(3);
    await display.calls('A-001', 'Puesto 3');
    await expect.poll(() => display.said()).toEqual([{ text: 'Ticket A 1, Desk 3', lang: 'en' }]);
  });
});
