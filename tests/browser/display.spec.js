// The display on its wall: reloads, lost connections, sound that is not allowed yet.

import { expect, test } from './support/office.js';
import { looksRight } from './support/looks.js';
import { CLOSED_NOW, whereItIsMorning, WITHOUT_CLASSES } from './support/offices.js';
import { Display } from './support/screens.js';

test.use({ settings: WITHOUT_CLASSES });

test('a reload shows the calls and announces none of them, only the next one', async ({ office }) => {
  const client = await office.client();
  await client.take(3);
  await client.call(1);
  const display = await Display.open(office, '?servicios=caja');
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
  const { page, wire } = await office.openWired('/display?servicios=caja');
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

test('each service has its zone: its calls, how many wait and how long it takes', async ({ office }) => {
  const client = await office.client();
  await client.must('abrir-puesto', { escritorio: 1 });
  await client.take(4);
  await client.take(2, { servicio: 'padron' });
  const display = await Display.open(office);
  await expect(display.root).toHaveAttribute('data-layout', 'zones');
  await expect(display.zone('caja').locator('.people')).toContainText('4 personas esperando');
  await expect(display.zone('padron').locator('.people b')).toHaveText('2');
  // Six people at five minutes each, one desk.
  await expect(display.zone('informacion').locator('.wait .text')).toHaveText(/^\d+\u2060–\u2060\d+\u00a0min$/);
  await client.call(1);
  await client.must('finalizar', { escritorio: 1 });
  await client.call(1);
  await client.must('finalizar', { escritorio: 1 });
  await client.must('atender-ticket', { escritorio: 1, ticket: 'B-001' });
  await display.announced([1, 2, 3], 20_000);
  await display.zoneCalls('caja', ['A-002', 'A-001']);
  await display.zoneCalls('padron', ['B-001']);
  await display.zoneCalls('informacion', []);
  await expect(display.zone('caja').locator('.people b')).toHaveText('2');
});

test('a display of some services shows and announces only these', async ({ office }) => {
  const client = await office.client();
  const display = await Display.open(office, '?servicios=padron,C');
  await client.take(1);
  await client.take(1, { servicio: 'padron' });
  await expect(display.zone('padron')).toBeVisible();
  await expect(display.zone('informacion')).toBeVisible();
  await expect(display.zone('caja')).toHaveCount(0);
  await client.must('atender-ticket', { escritorio: 1, ticket: 'A-001' });
  await client.must('ausente', { escritorio: 1 });
  await client.must('atender-ticket', { escritorio: 2, ticket: 'B-001' });
  await display.announced([2]);
  await display.calls('B-001', 'Puesto 2');
  await display.zoneCalls('padron', ['B-001']);
  await expect(display.missed).toHaveCount(0);
  await display.page.goto('/display?servicios=informacion');
  await display.live();
  await expect(display.root).toHaveAttribute('data-layout', 'list');
  await expect(display.page.getByText('Bienvenidos')).toBeVisible();
});

test('who did not come is listed, until the ticket is brought back', async ({ office }) => {
  const client = await office.client();
  await client.take(2);
  const display = await Display.open(office);
  await client.must('entrar-puesto', { escritorio: 1 });
  await client.call(1);
  await expect(display.page.locator('[data-missed]')).toBeHidden();
  await client.must('ausente', { escritorio: 1 });
  await client.call(1);
  await client.must('ausente', { escritorio: 1 });
  await expect(display.missed).toHaveText(['A-002', 'A-001']);
  await expect(display.page.getByText('No se presentaron')).toBeVisible();
  await looksRight(display.page, 'missed');
  await client.must('reactivar', { ticket: 'A-001' });
  await expect(display.missed).toHaveText(['A-002']);
  await display.page.reload();
  await display.live();
  await expect(display.missed).toHaveText(['A-002']);
});

test('a call that is undone goes without a sound; the next one is announced', async ({ office }) => {
  const client = await office.client();
  await client.take(3);
  const display = await Display.open(office);
  await display.allowSound();
  await client.must('entrar-puesto', { escritorio: 1 });
  await client.must('abrir-puesto');
  await client.call(1);
  await display.announced([1]);
  await display.calls('A-001', 'Puesto 1');
  await client.must('deshacer');
  await expect(display.page.getByText('Bienvenidos')).toBeVisible();
  await expect(display.root).toHaveAttribute('data-announcing', '');
  await display.zoneCalls('caja', []);
  await expect(display.zone('caja').locator('.people b')).toHaveText('3');
  await client.call(1);
  await display.announced([1, 2]);
  await display.calls('A-001', 'Puesto 1');
  expect(await display.chimes()).toHaveLength(2);
});

test('a call that is undone before its turn is never announced', async ({ office }) => {
  const client = await office.client();
  const other = await office.client();
  await client.take(3);
  const display = await Display.open(office);
  await client.must('entrar-puesto', { escritorio: 1 });
  await client.must('abrir-puesto');
  await other.call(2);
  await client.call(1);
  await other.call(3);
  await expect(display.root).toHaveAttribute('data-queue', '2');
  await client.must('deshacer');
  await expect(display.root).toHaveAttribute('data-queue', '1');
  await display.announced([1, 3], 15_000);
  await expect(display.root).toHaveAttribute('data-announcing', '', { timeout: 10_000 });
  await display.announced([1, 3]);
  await display.zoneCalls('caja', ['A-003', 'A-001']);
});

test('without the branch saying so there are no names', async ({ office }) => {
  const client = await office.client();
  await client.must('siguiente-ticket', { servicio: 'caja', nombre: 'Carmen Ortega' });
  const display = await Display.open(office);
  await client.call(1);
  await display.calls('A-001', 'Puesto 1');
  await display.announced([1]);
  await expect(display.page.locator('[data-person]')).toBeHidden();
  expect(await display.page.content()).not.toContain('Carmen');
});

test.describe('where the branch shows names', () => {
  test.use({ settings: { ...WITHOUT_CLASSES, names_on_display: true } });

  test('a name stands beside the code, as text', async ({ office }) => {
    const client = await office.client();
    const name = '<b>Carmen</b> Ortega 👩🏽‍⚕️';
    await client.must('siguiente-ticket', { servicio: 'caja', nombre: name });
    await client.take(1);
    const display = await Display.open(office);
    await client.call(1);
    await expect(display.page.locator('[data-person]')).toHaveText(name);
    await expect(display.zone('caja').locator('.person').first()).toHaveText(name);
    await expect(display.log).toHaveText(`Turno A-001, ${name}, Puesto 1`);
    await looksRight(display.page, 'names');
    await client.call(2);
    await display.calls('A-002', 'Puesto 2');
    await expect(display.page.locator('[data-person]')).toBeHidden();
  });
});

test.describe('outside of the hours', () => {
  test.use({ settings: CLOSED_NOW });

  test('it says closed, and when it opens, in the reader\'s language', async ({ office }) => {
    const display = await Display.open(office);
    await expect(display.root).toHaveAttribute('data-open', 'closed');
    await expect(display.page.locator('[data-closed]')).toContainText('Cerrado');
    await expect(display.page.locator('[data-opens]')).toHaveText('Abre mañana a las 8:00');
    await looksRight(display.page, 'closed');
    await display.page.goto('/display?lang=en&tema=oscuro');
    await display.live();
    await expect(display.page.locator('[data-opens]')).toHaveText('Opens tomorrow at 8:00');
    await looksRight(display.page, 'closed, dark');
  });
});

test.describe('on a day that is closed by hand', () => {
  test.use({ settings: { ...WITHOUT_CLASSES, time_zone: whereItIsMorning() } });

  test('the calls go, and come with the day again', async ({ office }) => {
    const client = await office.client();
    await client.take(2);
    const display = await Display.open(office);
    await client.must('entrar-puesto', { escritorio: 1 });
    await client.call(1);
    await display.announced([1]);
    await expect(display.root).toHaveAttribute('data-announcing', '', { timeout: 10_000 });
    await client.must('cerrar-jornada');
    await expect(display.root).toHaveAttribute('data-open', 'closed');
    await expect(display.page.locator('[data-closed]')).toBeVisible();
    await client.must('abrir-jornada');
    await expect(display.root).toHaveAttribute('data-open', 'open');
    await client.take(1);
    await client.call(2);
    await display.announced([1, 2]);
  });
});

for (const [count, width, height, layout] of /** @type {const} */ ([[2, 1920, 1080, 'zones'], [4, 3840, 2160, 'zones'], [6, 1080, 1920, 'zones'], [9, 1920, 1080, 'list']])) {
  test.describe(`with ${count} services on ${width}×${height}`, () => {
    test.use({ settings: { ...WITHOUT_CLASSES, services: Array.from({ length: count }, (_, i) => ({ id: i + 1, slug: `s${i}`, prefix: String.fromCharCode(65 + i), name: { es: `Servicio número ${i + 1}`, en: `Service ${i + 1}` } })) } });

    test('codes and desks are read across the hall', async ({ office }) => {
      const client = await office.client();
      for (let i = 0; i < 3; i += 1) await client.take(1, { servicio: `s${i % count}` });
      for (const number of [1, 2, 3]) await client.call(number);
      const display = await Display.open(office, '?tema=oscuro', { viewport: { width, height } });
      await expect(display.root).toHaveAttribute('data-layout', layout);
      await looksRight(display.page, `${count} services`);
      const letters = await display.page.evaluate(() => [...document.querySelectorAll('main :is(.code, .desk)')].filter((node) => node.checkVisibility() && node.textContent)
        .map((node) => parseFloat(getComputedStyle(node).fontSize) / Math.max(innerWidth, innerHeight)));
      expect(letters.length).toBeGreaterThan(4);
      expect(Math.min(...letters)).toBeGreaterThan(0.018);
    });
  });
}
