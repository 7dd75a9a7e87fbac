// The display on its wall: reloads, lost connections, sound that is not allowed yet.

import { expect, test } from './support/office.js';
import { WITHOUT_CLASSES } from './support/offices.js';
import { Display } from './support/screens.js';

test.use({ settings: WITHOUT_CLASSES });

test('a reload shows the calls and announces none of them, only the next one', async ({ office }) => {
  const client = await office.client();
  await client.take(3);
  await client.call(1);
  const display = await Display.open(office);
  await display.calls('A-001', 'Puesto 1');
  await client.call(2);
  await display.announced([2]);

  await display.page.reload();
  await display.live();
  await display.calls('A-002', 'Puesto 2');
  await expect(display.recent.locator('.code')).toHaveText(['A-001']);
  await display.allowSound();
  await client.call(3);
  await display.announced([3]);
  expect(await display.announcing()).toEqual(['3']);
  expect(await display.chimes()).toHaveLength(1);
});

test('what was called while the line was down is shown and not announced', async ({ office }) => {
  const client = await office.client();
  await client.take(4);
  const { page, wire } = await office.openWired('/display');
  const display = await new Display(page).live();
  await display.allowSound();
  await client.call(1);
  await display.announced([1]);

  wire.cut();
  await display.is('offline', 5000);
  await client.call(2);
  await client.call(3);
  await expect(display.hero.locator('[data-code]')).toHaveText('A-001');
  wire.mend();
  await display.is('live', 15_000);
  await display.calls('A-003', 'Puesto 3');
  await expect(display.recent.locator('.code')).toHaveText(['A-002', 'A-001']);

  await client.must('finalizar', { escritorio: 1 });
  await client.call(1);
  await display.announced([1, 4]);
  expect(await display.chimes()).toHaveLength(2);
});

test('a blink of the line is not shown, and the call that came meanwhile neither lost nor announced', async ({ office }) => {
  const client = await office.client();
  await client.take(2);
  const { page, wire } = await office.openWired('/display');
  const display = await new Display(page).live();
  wire.cut();
  await client.call(1);
  wire.mend();
  await display.calls('A-001', 'Puesto 1');
  await client.call(2);
  await display.announced([2]);
  await display.is('live');
});

test('says when its sound is not allowed yet; a click allows it', async ({ office }) => {
  const client = await office.client();
  await client.take(2);
  const display = await Display.open(office);
  await expect(display.root).toHaveAttribute('data-sound', 'blocked');
  await expect(display.allow).toHaveText('Toque la pantalla para activar el sonido');
  await client.call(1);
  await display.announced([1]);
  await expect(display.log).toHaveAttribute('data-chimed', 'false');
  expect(await display.chimes()).toEqual([]);

  await display.hero.click();
  await expect(display.allow).toBeHidden();
  await client.call(2);
  await display.announced([1, 2]);
  await expect(display.log.last()).toHaveAttribute('data-chimed', 'true');
});

test('a mute display asks for nothing and plays nothing', async ({ office }) => {
  const client = await office.client();
  await client.take(1);
  const display = await Display.open(office, '?sonido=0');
  await display.hero.click();
  await expect(display.allow).toBeHidden();
  await client.call(1);
  await display.announced([1]);
  await expect(display.root).toHaveAttribute('data-sound', 'off');
  expect(await display.chimes()).toEqual([]);
});

test('without the server it says within five seconds since when, and comes back with what it missed, silently', async ({ office }) => {
  const client = await office.client();
  await client.take(3);
  const context = await office.machine({ timezoneId: 'America/Lima' });
  const page = await context.newPage();
  await page.goto('/display');
  const display = await new Display(page).live();
  await client.call(1);
  await display.announced([1]);

  await office.stop();
  await display.is('offline', 5000);
  await expect(display.lost).toBeVisible();
  await expect(display.lost).toContainText('Sin conexión.');
  // The time of the branch, not of the machine.
  const now = new Intl.DateTimeFormat('es', { timeZone: 'Europe/Madrid', hour: '2-digit', minute: '2-digit' });
  const moments = [0, 60_000].map((ago) => now.format(Date.now() - ago));
  await expect(display.lost).toContainText(new RegExp(`Desde las (${moments.join('|')}) `));

  // Its own line stays down until others have worked on with the new server.
  await context.setOffline(true);
  await office.program.start();
  await client.call(2);
  await expect(display.hero.locator('[data-code]')).toHaveText('A-001');
  await context.setOffline(false);
  await display.is('live', 15_000);
  await expect(display.lost).toBeHidden();
  await display.calls('A-002', 'Puesto 2');
  await client.call(3);
  await display.announced([1, 3]);
});

test('a server that hangs makes the display stale within five seconds; what it says then is shown', async ({ office }) => {
  const client = await office.client();
  await client.take(1);
  const display = await Display.open(office);
  office.program.freeze();
  try {
    await display.is('stale', 5000);
    await expect(display.lost).toContainText('Sin noticias del servidor.');
  } finally {
    office.program.thaw();
  }
  await display.is('live', 15_000);
  await client.call(1);
  await display.calls('A-001', 'Puesto 1');
  await display.announced([1]);
});
