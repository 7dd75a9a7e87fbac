// The kiosk in its hall: hasty fingers, lost connections, lost answers.

import { expect, test } from './support/office.js';
import { looksRight, THEMES } from './support/looks.js';
import { CLOSED_NOW, desk, FORTY, GROUPED, service, TOWN_HALL, week, whereItIsMorning, WITHOUT_CLASSES } from './support/offices.js';
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
    await expect(kiosk.page.getByText('11 personas delante de usted', { exact: true })).toBeVisible();
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
  await expect(kiosk.page.getByText('You are first in line', { exact: true })).toBeVisible();
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

test.describe('with services in groups', () => {
  test.use({ settings: GROUPED });

  test('one goes down the tree, back by its trail, and gets a number', async ({ office }) => {
    const kiosk = await Kiosk.open(office);
    await expect(kiosk.page.locator('[data-services] button')).toHaveCount(3);
    await expect(kiosk.group('tributos')).toContainText('3 trámites');
    await kiosk.group('tributos').click();
    await expect(kiosk.page.getByRole('heading', { name: 'Tributos' })).toBeFocused();
    await kiosk.settled();
    await kiosk.group('vehiculos').click();
    await expect(kiosk.root).toHaveAttribute('data-group', 'vehiculos');
    await kiosk.settled();
    await expect(kiosk.page.locator('[data-crumbs] button')).toHaveText(['Inicio', 'Tributos', 'Vehículos']);
    await kiosk.action('up').click();
    await expect(kiosk.root).toHaveAttribute('data-group', 'tributos');
    await kiosk.settled();
    await kiosk.page.locator('[data-crumb=""]').click();
    await expect(kiosk.root).toHaveAttribute('data-group', '');
    await kiosk.settled();
    await kiosk.group('certificados').click();
    await kiosk.settled();
    await kiosk.service('padron').click();
    await kiosk.shows('priority');
    await expect(kiosk.page.locator('[data-chosen-name]')).toHaveText('Padrón municipal');
    // Back from the question is back in the group.
    await kiosk.settled();
    await kiosk.action('back').click();
    await expect(kiosk.root).toHaveAttribute('data-group', 'certificados');
    await kiosk.settled();
    await kiosk.service('padron').click();
    await kiosk.settled();
    await kiosk.priority('').click();
    await kiosk.issued('A-001');
    await kiosk.settled();
    await kiosk.action('done').click();
    await expect(kiosk.root).toHaveAttribute('data-group', '');
  });

  test('by keyboard alone: arrows, enter, escape', async ({ office }) => {
    const kiosk = await Kiosk.open(office);
    const { keyboard } = kiosk.page;
    await keyboard.press('ArrowRight');
    await expect(kiosk.page.locator('[data-services] button').first()).toBeFocused();
    await keyboard.press('ArrowRight');
    await expect(kiosk.group('certificados')).toBeFocused();
    await keyboard.press('Enter');
    await expect(kiosk.root).toHaveAttribute('data-group', 'certificados');
    await kiosk.settled();
    await keyboard.press('Escape');
    await expect(kiosk.root).toHaveAttribute('data-group', '');
    await kiosk.settled();
    await kiosk.service('informacion').focus();
    await keyboard.press('Enter');
    await kiosk.shows('priority');
    await kiosk.settled();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await expect(kiosk.root).toHaveAttribute('data-issued', 'I-001');
  });

  test('goes back to its start by itself', async ({ office }) => {
    const context = await office.machine();
    const page = await context.newPage();
    await page.clock.install();
    await page.goto('/kiosk');
    const kiosk = await new Kiosk(page).ready();
    await kiosk.group('tributos').click();
    await page.clock.runFor(1000);
    await expect(kiosk.root).toHaveAttribute('data-group', 'tributos');
    await page.clock.runFor(31_000);
    await expect(kiosk.root).toHaveAttribute('data-group', '');
  });

  test('a closed service says when it opens, and gives no number', async ({ office }) => {
    const client = await office.client();
    const kiosk = await Kiosk.open(office);
    await kiosk.group('certificados').click();
    await kiosk.settled();
    await expect(kiosk.service('volante')).toHaveAttribute('data-standing', 'closed');
    await expect(kiosk.service('volante')).toContainText('Abre mañana a las 8:00');
    await kiosk.service('volante').click();
    await kiosk.shows('refused');
    await expect(kiosk.root).toHaveAttribute('data-code', 'closed');
    await expect(kiosk.page.getByRole('heading', { name: 'Ahora está cerrado' })).toBeVisible();
    await expect(kiosk.page.locator('[data-refused-opens]')).toHaveText('Abre mañana a las 8:00');
    await expect(kiosk.page.locator('[data-refused-service]')).toContainText('Volante de empadronamiento');
    await kiosk.settled();
    await kiosk.page.getByRole('button', { name: 'English' }).click();
    await expect(kiosk.page.locator('[data-refused-opens]')).toHaveText('Opens tomorrow at 8:00');
    expect(await client.waiting()).toBe(0);
  });

  test('when the last number is gone it says so; who was faster leaves the other friendly words', async ({ office }) => {
    const client = await office.client();
    const kiosk = await Kiosk.open(office);
    await kiosk.group('tributos').click();
    await kiosk.settled();
    await kiosk.group('vehiculos').click();
    await kiosk.settled();
    await expect(kiosk.service('vados')).toContainText('Queda 1 número');
    await kiosk.service('vados').click();
    await kiosk.shows('priority');
    await client.take(1, { servicio: 'vados' });
    await kiosk.settled();
    await kiosk.priority('').click();
    await kiosk.shows('refused');
    await expect(kiosk.root).toHaveAttribute('data-code', 'quota_reached');
    await expect(kiosk.page.getByRole('heading', { name: 'Hoy ya no quedan números' })).toBeVisible();
    await expect(kiosk.page.getByText('Pregunte al personal o vuelva otro día.')).toBeVisible();
    await kiosk.settled();
    await kiosk.action('home').click();
    await kiosk.settled();
    await kiosk.group('tributos').click();
    await kiosk.settled();
    await kiosk.group('vehiculos').click();
    await expect(kiosk.service('vados')).toHaveAttribute('data-standing', 'full');
    await expect(kiosk.service('vados')).toContainText('Hoy ya no quedan números');
    expect(await client.waiting()).toBe(1);
  });

  for (const theme of THEMES) {
    test(`looks right on its way down, ${theme}`, async ({ office }) => {
      for (const viewport of [{ width: 1080, height: 1920 }, { width: 390, height: 844 }]) {
        const kiosk = await Kiosk.open(office, `?tema=${theme}`, { viewport });
        await looksRight(kiosk.page, 'groups');
        await kiosk.group('certificados').click();
        await kiosk.settled();
        await looksRight(kiosk.page, 'a group with a closed service');
        await kiosk.service('volante').click();
        await kiosk.settled();
        await looksRight(kiosk.page, 'refused');
      }
    });
  }
});

test.describe('how long it takes', () => {
  test.use({ settings: WITHOUT_CLASSES });

  test('is told before and after the number, for whom a desk is open, and not otherwise', async ({ office }) => {
    const client = await office.client();
    await client.take(3);
    const kiosk = await Kiosk.open(office);
    await expect(kiosk.service('caja')).toContainText('3 personas esperando');
    await expect(kiosk.service('caja')).not.toContainText('min');
    await client.must('abrir-puesto', { escritorio: 1 });
    // Three people of five minutes: 12 to 19.5, rounded up to five.
    await expect(kiosk.service('caja')).toContainText('15\u2060–\u206020\u00a0min');
    await kiosk.service('caja').click();
    await kiosk.issued('A-004');
    await expect(kiosk.page.locator('[data-estimate]')).toContainText('15\u2060–\u206020\u00a0min');
    await expect(kiosk.page.locator('[data-said]')).toContainText('Su número es A-004. 3 personas delante de usted. Espera aproximada: 15');
    await client.take(15);
    await kiosk.settled();
    await kiosk.action('done').click();
    await expect(kiosk.service('caja')).toContainText('más de 60\u00a0min');
    await client.must('cerrar-puesto', { escritorio: 1 });
    await expect(kiosk.service('caja')).not.toContainText('min');
    await kiosk.settled();
    await kiosk.service('caja').click();
    await kiosk.issued('A-020');
    await expect(kiosk.page.locator('[data-estimate]')).toBeHidden();
  });
});

test.describe('outside of the hours', () => {
  test.use({ settings: CLOSED_NOW });

  test('nothing is offered but the next opening, in both languages', async ({ office }) => {
    const kiosk = await Kiosk.open(office);
    await kiosk.shows('closed');
    await expect(kiosk.page.getByRole('heading', { name: 'Ahora está cerrado' })).toBeVisible();
    await expect(kiosk.page.locator('[data-closed-opens]')).toHaveText('Abre mañana a las 8:00');
    await expect(kiosk.service('caja')).toBeHidden();
    await looksRight(kiosk.page, 'closed');
    await kiosk.page.getByRole('button', { name: 'English' }).click();
    await expect(kiosk.page.locator('[data-closed-opens]')).toHaveText('Opens tomorrow at 8:00');
  });
});

test.describe('when the last numbers are given', () => {
  // It is between ten and eleven: open until noon, and the time of the last ticket has come.
  test.use({ settings: { ...WITHOUT_CLASSES, time_zone: whereItIsMorning(), hours: week([['08:00', '12:00']]), last_tickets: 179 } });

  test('who waits is served on, and who comes is told when to come', async ({ office }) => {
    const client = await office.client();
    const kiosk = await Kiosk.open(office);
    await kiosk.shows('closed');
    await expect(kiosk.page.locator('[data-closed-opens]')).toHaveText('Abre mañana a las 8:00');
    const refused = await client.emit('siguiente-ticket', { servicio: 'caja' });
    expect(refused).toMatchObject({ ok: false, code: 'closed' });
  });
});

test.describe('on a day that is closed by hand', () => {
  test.use({ settings: { ...WITHOUT_CLASSES, time_zone: whereItIsMorning() } });

  test('the kiosk closes at once, and opens with the day', async ({ office }) => {
    const client = await office.client();
    const kiosk = await Kiosk.open(office);
    await kiosk.shows('start');
    await client.must('entrar-puesto', { escritorio: 1 });
    await client.must('cerrar-jornada');
    await kiosk.shows('closed');
    await expect(kiosk.page.getByRole('heading', { name: 'Hoy ya no damos más números' })).toBeVisible();
    await client.must('abrir-jornada');
    await kiosk.shows('start');
    await kiosk.settled();
    await kiosk.service('caja').click();
    await kiosk.issued('A-001');
  });
});

test.describe('with forty services', () => {
  test.use({ settings: FORTY });

  for (const [width, height] of /** @type {const} */ ([[1080, 1920], [1920, 1080]])) {
    test(`all are on one screen, large enough to touch and to read, on ${width}×${height}`, async ({ office }) => {
      const kiosk = await Kiosk.open(office, '', { viewport: { width, height } });
      const buttons = await kiosk.page.locator('[data-services] button').evaluateAll((all) => all.map((button) => {
        const { top, bottom, left, right } = button.getBoundingClientRect();
        const name = /** @type {HTMLElement} */ (button.querySelector('.name'));
        const letters = ['.name', '.note'].map((part) => parseFloat(getComputedStyle(/** @type {HTMLElement} */ (button.querySelector(part))).fontSize));
        return { inside: top >= 0 && bottom <= innerHeight && left >= 0 && right <= innerWidth, height: bottom - top, cut: name.scrollHeight > name.clientHeight + 3, letters: Math.min(...letters) };
      }));
      expect(buttons).toHaveLength(40);
      for (const button of buttons) {
        expect(button).toMatchObject({ inside: true, cut: false });
        expect(button.height).toBeGreaterThanOrEqual(56);
        expect(button.letters).toBeGreaterThanOrEqual(15);
      }
      await looksRight(kiosk.page, 'forty');
      await kiosk.service('s40').click();
      await kiosk.issued('AN-001');
    });
  }
});

test('a branch that does not exist is said so, and leads to where one is chosen', async ({ office }) => {
  office.lossy();
  const page = await office.open('/kiosk?sucursal=99');
  await expect(page.getByText('Esta pantalla no tiene sucursal')).toBeVisible();
  await page.getByRole('link', { name: 'Elegir sucursal' }).click();
  await expect(page).toHaveURL(/\/$/);
});
