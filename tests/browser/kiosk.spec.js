// The kiosk in its hall: hasty fingers, lost connections, lost answers.

import { expect, test } from './support/office.js';
import { desk, service, TOWN_HALL, WITHOUT_CLASSES } from './support/offices.js';
import { Kiosk } from './support/screens.js';

test.describe('without priority classes', () => {
  test.use({ settings: WITHOUT_CLASSES });

  test('a double tap issues one number', async ({ office }) => {
    const client = await office.client();
    const kiosk = await Kiosk.open(office);
    await kiosk.service('caja').dblclick();
    await kiosk.issued('A-001');
    // Faster than a hand: all in the same moment.
    await kiosk.action('done').click();
    await kiosk.shows('start');
    await kiosk.settled();
    await kiosk.service('caja').evaluate((button) => { for (let i = 0; i < 20; i += 1) /** @type {HTMLElement} */ (button).click(); });
    await kiosk.issued('A-002');
    expect(await client.waiting()).toBe(2);
  });

  test('two fingers on two services issue one number', async ({ office }) => {
    const client = await office.client();
    const kiosk = await Kiosk.open(office);
    await kiosk.page.evaluate(() => {
      for (const id of ['caja', 'padron']) /** @type {HTMLElement} */ (document.querySelector(`button[data-service="${id}"]`)).click();
    });
    await kiosk.issued('A-001');
    expect(await client.waiting()).toBe(1);
  });

  test('offline it issues nothing and says so; back, it goes on', async ({ office }) => {
    const { page, wire } = await office.openWired('/kiosk');
    const kiosk = await new Kiosk(page).ready();
    const client = await office.client();
    wire.cut();
    await expect(kiosk.root).toHaveAttribute('data-state', 'offline');
    await expect(page.getByText('Fuera de servicio')).toBeVisible();
    await expect(page.locator('[data-name="start"]')).toHaveJSProperty('inert', true);
    await kiosk.service('caja').dispatchEvent('click');
    await kiosk.shows('start');
    wire.mend();
    await kiosk.ready();
    await expect(page.getByText('Fuera de servicio')).toBeHidden();
    expect(await client.waiting()).toBe(0);
    await kiosk.service('caja').click();
    await kiosk.issued('A-001');
  });

  test('when the answer is lost, the visitor gets the number that was issued, not another one', async ({ office }) => {
    const { page, wire } = await office.openWired('/kiosk');
    const kiosk = await new Kiosk(page).ready();
    const client = await office.client();
    wire.loseAnswers();
    await kiosk.service('caja').click();
    await expect.poll(() => client.waiting()).toBe(1);
    await kiosk.shows('issuing');
    wire.cut();
    wire.mend();
    await kiosk.issued('A-001');
    expect(wire.sent.filter((message) => message.includes('siguiente-ticket')).length).toBeGreaterThan(1);
    expect(await client.waiting()).toBe(1);
    expect(await client.take(1)).toEqual(['A-002']);
  });

  test('a reload in the middle of it still brings the one number', async ({ office }) => {
    const { page, wire } = await office.openWired('/kiosk');
    const kiosk = await new Kiosk(page).ready();
    const client = await office.client();
    wire.loseAnswers();
    await kiosk.service('caja').click();
    await expect.poll(() => client.waiting()).toBe(1);
    wire.mend();
    await page.reload();
    await kiosk.issued('A-001');
    expect(await client.waiting()).toBe(1);
  });

  test('a server that dies between the tap and the answer still gives the one number', async ({ office }) => {
    const { page, wire } = await office.openWired('/kiosk?espera=60');
    const kiosk = await new Kiosk(page).ready();
    const client = await office.client();
    wire.loseAnswers();
    await kiosk.service('caja').click();
    await expect.poll(() => client.waiting()).toBe(1);
    await office.kill();
    wire.mend();
    await office.program.start();
    await kiosk.issued('A-001');
    expect(await client.take(1)).toEqual(['A-002']);
  });

  test('goes back to its start, and to its language, by itself', async ({ office }) => {
    const kiosk = await Kiosk.open(office, '?espera=3');
    await kiosk.page.getByRole('button', { name: 'English' }).click();
    await kiosk.service('caja').click();
    await kiosk.issued('A-001');
    await expect(kiosk.page.getByText('Your number', { exact: true })).toBeVisible();
    await kiosk.shows('start');
    await expect(kiosk.page.getByRole('heading', { name: '¿Qué necesita hoy?' })).toBeVisible();
    await expect(kiosk.root).not.toHaveAttribute('data-issued');
    await expect(kiosk.page.locator('html')).toHaveAttribute('lang', 'es');
  });

  test('says how many are ahead, as they come and go', async ({ office }) => {
    const client = await office.client();
    await client.take(12);
    const kiosk = await Kiosk.open(office);
    await expect(kiosk.service('caja')).toContainText('12 personas esperando');
    await client.call(1);
    await expect(kiosk.service('caja')).toContainText('11 personas esperando');
    await kiosk.service('caja').click();
    await kiosk.issued('A-013');
    await expect(kiosk.page.getByText('11 personas delante de usted')).toBeVisible();
  });
});

test('a double tap on a service does not answer the question that comes next', async ({ office }) => {
  const client = await office.client();
  const kiosk = await Kiosk.open(office);
  const { x, y, width, height } = await kiosk.service('padron').boundingBox() ?? { x: 0, y: 0, width: 0, height: 0 };
  await kiosk.page.mouse.dblclick(x + width / 2, y + height / 2);
  await kiosk.shows('priority');
  await expect(kiosk.page.getByRole('heading', { name: '¿Necesita atención prioritaria?' })).toBeFocused();
  await kiosk.settled();
  await kiosk.shows('priority');
  expect(await client.waiting()).toBe(0);
  await kiosk.action('back').click();
  await kiosk.shows('start');
  expect(await client.waiting()).toBe(0);
});

test('the language is chosen by hand and goes along with the number', async ({ office }) => {
  const client = await office.client();
  const kiosk = await Kiosk.open(office);
  await kiosk.page.getByRole('button', { name: 'English' }).click();
  await expect(kiosk.page.getByRole('heading', { name: 'What do you need today?' })).toBeVisible();
  await expect(kiosk.service('caja')).toContainText('Cashier');
  await expect(kiosk.page.locator('html')).toHaveAttribute('lang', 'en');
  await kiosk.service('caja').click();
  await kiosk.priority('').click();
  await kiosk.issued('A-001');
  await expect(kiosk.page.getByText('You are first in line')).toBeVisible();
  const { cola } = await client.must('entrar-puesto', { escritorio: 1 });
  expect(cola.tickets).toEqual([expect.objectContaining({ codigo: 'A-001', idioma: 'en' })]);
});

test('a service that is closed while one chooses is refused in words, and nothing is issued', async ({ office }) => {
  const kiosk = await Kiosk.open(office);
  const client = await office.client();
  await kiosk.service('informacion').click();
  await kiosk.shows('priority');
  await office.stop();
  await office.program.start({ ...TOWN_HALL, services: TOWN_HALL.services.slice(0, 2) });
  await kiosk.ready();
  await kiosk.priority('').click();
  await kiosk.shows('refused');
  await expect(kiosk.page.getByText('Ese servicio ya no está disponible.')).toBeVisible();
  await expect(kiosk.action('retry')).toHaveCount(0);
  await kiosk.action('home').click();
  await kiosk.shows('start');
  await expect(kiosk.page.locator('[data-services] button')).toHaveCount(2);
  expect(await client.waiting()).toBe(0);
});

test.describe('with names that nobody expects', () => {
  const markup = '<img src=x onerror=alert(1)> & "Ventas"';
  test.use({ settings: {
    ...WITHOUT_CLASSES, name: '<b>Centro</b>', services: [service(1, 'caja', 'A', markup, markup), service(2, 'larga', 'B', 'Ñandú '.repeat(30).trim(), 'x'.repeat(200))],
    desks: [{ ...desk(1), name: { es: 'مكتب ١ 👩‍⚕️', en: '<script>1</script>' } }],
  } });

  test('they are shown as text, and the page stays in its frame', async ({ office }) => {
    const kiosk = await Kiosk.open(office, '', { viewport: { width: 390, height: 844 } });
    await expect(kiosk.service('caja')).toContainText(markup);
    await expect(kiosk.page.locator('[data-branch]')).toHaveText('<b>Centro</b>');
    await expect(kiosk.page.locator('img[src="x"]')).toHaveCount(0);
    expect(await kiosk.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await kiosk.page.getByRole('button', { name: 'English' }).click();
    expect(await kiosk.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
});
