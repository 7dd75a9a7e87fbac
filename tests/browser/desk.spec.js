// The desk: quick by keyboard, honest about what it may do, and back at its ticket after a reload.

import { expect, test } from './support/office.js';
import { SPECIALISED, TOWN_HALL, WITHOUT_CLASSES } from './support/offices.js';
import { Desk } from './support/screens.js';

test.use({ settings: WITHOUT_CLASSES });

test('is chosen once and comes back to its ticket after a reload', async ({ office }) => {
  const client = await office.client();
  await client.take(2);
  const desk = await new Desk(await office.open('/desk')).ready();
  await expect(desk.root).toHaveAttribute('data-screen', 'choose');
  await desk.page.locator('[data-choose="2"]').click();
  await expect(desk.page.getByText('Puesto cerrado', { exact: true })).toBeVisible();
  await desk.sit();
  await desk.press('n');
  await desk.holds('A-001', 'llamado');
  await desk.press('i');
  await desk.holds('A-001', 'atendiendo');

  await desk.page.reload();
  await desk.ready();
  await desk.holds('A-001', 'atendiendo');
  await desk.stands('mine');
  await expect(desk.code).toHaveText('A-001');
  // Without its number in the address too: the machine remembers.
  await desk.page.goto('/desk');
  await desk.holds('A-001', 'atendiendo');
  await desk.stands('mine');
  await expect(desk.page.locator('[data-desk-name]')).toHaveText('Puesto 2');
});

test('a desk that does not exist is said so, and another one can be chosen', async ({ office }) => {
  const desk = new Desk(await office.open('/desk?escritorio=77'));
  await expect(desk.page.getByText('El puesto 77 no existe en esta oficina. Elija otro.')).toBeVisible();
  await desk.page.locator('[data-choose="1"]').click();
  await expect(desk.root).toHaveAttribute('data-desk', '1');
  await expect(desk.root).toHaveAttribute('data-screen', 'work');
});

test('desks that call in the same moment never hold the same ticket', async ({ office }) => {
  const client = await office.client();
  const all = await client.take(16);
  const desks = [await Desk.open(office, 1), await Desk.open(office, 2)];
  const called = [];
  for (let round = 0; round < 8; round += 1) {
    await Promise.all(desks.map((desk) => desk.press('n')));
    await Promise.all(desks.map((desk) => expect(desk.root).toHaveAttribute('data-ticket-state', 'llamado')));
    const codes = await Promise.all(desks.map((desk) => desk.code.textContent()));
    called.push(...codes);
    await Promise.all(desks.map((desk) => desk.press('f')));
    await Promise.all(desks.map((desk) => desk.isFree()));
  }
  expect([...called].sort()).toEqual(all);
});

test('two windows of one agent at one desk show the same, and one press is one command', async ({ office }) => {
  const client = await office.client();
  await client.take(2);
  const one = await Desk.open(office, 3);
  const other = new Desk(await one.page.context().newPage());
  const session = await one.page.evaluate(() => sessionStorage.getItem('siguiente.sesion..3') ?? '');
  await other.page.addInitScript((sesion) => sessionStorage.setItem('siguiente.sesion..3', sesion), session);
  await other.page.goto('/desk?escritorio=3');
  await other.ready();
  await other.stands('mine');
  await one.press('n');
  await one.holds('A-001', 'llamado');
  await other.holds('A-001', 'llamado');
  await Promise.all([one.press('f'), other.press('f')]);
  await Promise.all([one.isFree(), other.isFree()]);
  expect(await client.waiting()).toBe(1);
});

test('every command has its key', async ({ office }) => {
  const client = await office.client();
  await client.take(4);
  const desk = await Desk.open(office, 1);

  await desk.press('Space');
  await desk.holds('A-001', 'llamado');
  await expect(desk.message).toHaveText('A-001 llamado');
  await desk.press('n');
  await expect(desk.message).toHaveText('Primero inicie, finalice o marque que no se presenta');
  await desk.press('r');
  await expect(desk.message).toHaveText('A-001 llamado otra vez');
  await desk.press('a');
  await desk.isFree();
  await expect(desk.message).toHaveText('A-001 marcado como ausente');

  await desk.press('n');
  await desk.holds('A-002', 'llamado');
  await desk.press('i');
  await desk.holds('A-002', 'atendiendo');
  await desk.press('a');
  await expect(desk.message).toHaveText('Ya está en atención');
  await desk.press('n');
  await desk.holds('A-003', 'llamado');
  await desk.press('f');
  await desk.isFree();
  await desk.queues(['A-004']);

  await desk.press('?');
  await expect(desk.helpDialog).toBeVisible();
  await desk.press('n');
  await desk.press('Escape');
  await expect(desk.helpDialog).toBeHidden();
  await desk.isFree();

  await desk.press('/');
  await expect(desk.search).toBeFocused();
  await desk.page.keyboard.type('nadie');
  await expect(desk.page.getByText('Ningún turno de esta lista coincide')).toBeVisible();
  await desk.page.keyboard.press('Escape');
  await expect(desk.search).toHaveValue('');
  await desk.queues(['A-004']);
  await desk.isFree();
});

test('a double press does one thing', async ({ office }) => {
  const client = await office.client();
  await client.take(3);
  const desk = await Desk.open(office, 1);
  await desk.press('n');
  await desk.page.keyboard.press('n');
  await desk.holds('A-001', 'llamado');
  await desk.press('i');
  await desk.holds('A-001', 'atendiendo');
  // Finish and call the next; the second press must not finish that one as well.
  await desk.press('n');
  await desk.page.keyboard.press('n');
  await desk.holds('A-002', 'llamado');
  await desk.queues(['A-003']);
});

test('puts back where the agent says, and marks who does not come', async ({ office }) => {
  const client = await office.client();
  await client.take(3);
  const desk = await Desk.open(office, 1);
  const putBack = async (/** @type {string} */ key) => {
    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await desk.ask('d', 'back');
    await desk.page.keyboard.press(key);
    await desk.isFree();
    await expect(desk.message).toHaveText('A-001 devuelto a la cola');
  };
  await putBack('1');
  await putBack('2');
  await putBack('3');
  await desk.press('n');
  await desk.holds('A-002', 'llamado');

  await desk.press('d');
  await desk.page.keyboard.press('Escape');
  await expect(desk.backDialog).toBeHidden();
  await desk.holds('A-002', 'llamado');
  await desk.press('a');
  await desk.isFree();
  expect(await client.call(2)).toBe('A-003');
  expect(await client.call(3)).toBe('A-001');
  await expect(desk.page.locator('[data-others] > li')).toContainText(['A-003', 'A-001']);
});

test('calls a chosen one out of the queue, found by its number', async ({ office }) => {
  const client = await office.client();
  await client.take(5);
  const desk = await Desk.open(office, 1);
  await desk.press('/');
  await desk.page.keyboard.type('a-004');
  await desk.queues(['A-004']);
  await desk.settled();
  await desk.callButton('A-004').click();
  await desk.holds('A-004', 'llamado');
  await desk.search.fill('');
  await desk.queues(['A-001', 'A-002', 'A-003', 'A-005']);
  await expect(desk.callButton('A-001')).toHaveAttribute('aria-disabled', 'true');
  await desk.settled();
  await desk.callButton('A-001').click({ force: true });
  await expect(desk.listError).toHaveText('Termine antes con su turno actual');
  await desk.holds('A-004', 'llamado');
});

test('a thousand waiting people can be searched', async ({ office }) => {
  const client = await office.client();
  await client.page.evaluate(() => Promise.all(Array.from({ length: 1000 }, (_, i) =>
    /** @type {any} */ (globalThis).socket.timeout(20_000).emitWithAck('siguiente-ticket', { servicio: i % 2 ? 'padron' : 'caja' }))));
  const desk = await Desk.open(office, 1);
  await expect(desk.count('tickets')).toHaveText(/^1.?000$/);
  await expect(desk.rows).toHaveCount(150);
  await expect(desk.page.getByText('y 850 más: búsquelos por su número')).toBeVisible();
  await desk.search.fill('B-499');
  await desk.queues(['B-499']);
  await desk.settled();
  await desk.callButton('B-499').click();
  await desk.holds('B-499', 'llamado');
});

test('offline it can do nothing, says since when, and does nothing of it later', async ({ office }) => {
  const client = await office.client();
  await client.take(2);
  const { page, wire } = await office.openWired('/desk?escritorio=1');
  const desk = await (await new Desk(page).ready()).sit();
  await desk.press('n');
  await desk.holds('A-001', 'llamado');
  wire.cut();
  await expect(desk.button('start')).toHaveAttribute('aria-disabled', 'true');
  await desk.press('i');
  await expect(desk.message).toHaveText('Sin conexión: espere un momento');
  await desk.settled();
  await desk.button('finish').click({ force: true });
  await expect(page.locator('[data-banner]')).toContainText(/Sin conexión desde las \d/);
  const sent = wire.sent.length;
  wire.mend();
  await desk.ready();
  await expect(desk.button('start')).not.toHaveAttribute('aria-disabled', 'true');
  await expect(page.locator('[data-banner]')).toBeHidden();
  await desk.holds('A-001', 'llamado');
  expect(wire.sent.slice(sent).filter((message) => /iniciar|finalizar/.test(message))).toEqual([]);
  await desk.press('i');
  await desk.holds('A-001', 'atendiendo');
});

test('when the answer to a call is lost, one ticket is called', async ({ office }) => {
  const client = await office.client();
  await client.take(3);
  const { page, wire } = await office.openWired('/desk?escritorio=1');
  const desk = await (await new Desk(page).ready()).sit();
  wire.loseAnswers();
  await desk.press('n');
  await expect.poll(() => client.waiting()).toBe(2);
  wire.cut();
  wire.mend();
  await expect(desk.root).not.toHaveAttribute('data-busy', { timeout: 15_000 });
  await desk.holds('A-001', 'llamado');
  expect(await client.waiting()).toBe(2);
});

test('what another one did meanwhile is shown, and an order that it overtook is refused in words', async ({ office }) => {
  const client = await office.client();
  await client.take(2);
  const { page, wire } = await office.openWired('/desk?escritorio=1');
  const desk = await (await new Desk(page).ready()).sit();
  await desk.press('n');
  await desk.holds('A-001', 'llamado');
  const sesion = await page.evaluate(() => sessionStorage.getItem('siguiente.sesion..1'));
  // The same agent at another machine: the desk does not hear of it and still shows A-001.
  wire.loseAnswers();
  await client.must('abrir-puesto', { escritorio: 1, sesion });
  await client.call(1);
  await desk.press('f');
  await expect.poll(() => wire.sent.some((message) => message.includes('finalizar'))).toBe(true);
  wire.cut();
  wire.mend();
  await expect(desk.error).toHaveAttribute('data-error-code', 'wrong_ticket', { timeout: 15_000 });
  await expect(desk.error).toHaveText('El puesto tiene ahora otro turno. Mire el que se muestra.');
  await desk.holds('A-002', 'llamado');
});

test.describe('with a pause between recalls', () => {
  test.use({ settings: { ...TOWN_HALL, recall_after: 3_600_000 } });

  test('a recall too soon is refused in words', async ({ office }) => {
    const client = await office.client();
    await client.take(1);
    const desk = await Desk.open(office, 1);
    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await desk.press('r');
    await expect(desk.error).toHaveAttribute('data-error-code', 'too_soon');
    await expect(desk.error).not.toBeEmpty();
    await desk.press('Escape');
    await expect(desk.error).toBeHidden();
    await desk.holds('A-001', 'llamado');
  });
});

test.describe('with one service for each desk', () => {
  test.use({ settings: SPECIALISED });

  test('a desk sees its own people first and calls nobody else', async ({ office }) => {
    const client = await office.client();
    await client.take(1, { servicio: 'caja' });
    await client.take(2, { servicio: 'padron' });
    const desk = await Desk.open(office, 2);
    await desk.queues(['B-001', 'B-002']);
    await desk.filter('all');
    await desk.queues(['A-001', 'B-001', 'B-002']);
    await expect(desk.callButton('A-001')).toHaveAttribute('aria-disabled', 'true');
    await desk.settled();
    await desk.callButton('A-001').click({ force: true });
    await expect(desk.listError).toHaveText('Este puesto no atiende ese servicio');
    await desk.press('n');
    await desk.holds('B-001', 'llamado');
  });
});

const NAMES = {
  markup: '<img src=x onerror="document.title=1"><script>document.title=2</script>',
  template: '${7*7} {{7*7}} %s \\u003cb\\u003e',
  rtl: 'محمد بن عبد الله',
  override: 'Ana \u202Eoirauqes',
  emoji: '👩🏽‍⚕️ José 🇪🇸',
  long: 'Ñ'.repeat(200),
};

for (const [kind, name] of Object.entries(NAMES)) {
  test(`a name with ${kind} is shown as text`, async ({ office }) => {
    const client = await office.client();
    await client.must('siguiente-ticket', { servicio: 'caja', nombre: name });
    const desk = await Desk.open(office, 1);
    await expect(desk.row('A-001').locator('.person')).toHaveText(name);
    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await expect(desk.page.locator('[data-person]')).toHaveText(name);
    await expect(desk.page.locator('[data-person] *, .rows .person *')).toHaveCount(0);
    await expect(desk.page).toHaveTitle('A-001 · Puesto 1 · siguiente');
    expect(await desk.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
}

test('a name of 10,000 characters is refused and changes nothing', async ({ office }) => {
  const client = await office.client();
  const desk = await Desk.open(office, 1);
  const reply = await client.emit('siguiente-ticket', { servicio: 'caja', nombre: 'x'.repeat(10_000) });
  expect(reply).toEqual({ ok: false, code: 'bad_request', msg: expect.any(String) });
  expect(await client.take(1)).toEqual(['A-001']);
  await desk.queues(['A-001']);
});
