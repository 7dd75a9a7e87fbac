// A visitor's phone: follows the ticket, asks for more time, leaves, loses the connection, shows the wrong token.

import { createRequire } from 'node:module';
import { expect, test } from './support/office.js';
import { looksRight, THEMES } from './support/looks.js';
import { TOWN_HALL, WITHOUT_CLASSES } from './support/offices.js';
import { Kiosk } from './support/screens.js';

const jsQR = createRequire(import.meta.url)('jsqr');

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const SMALL = { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true };

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {import('./support/office.js').Office} Office */

class Phone {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.root = page.locator('#phone');
  }

  /** @param {Office} office @param {string} token @param {string} [query] @param {object} [options] */
  static async open(office, token, query = '', options = PHONE) {
    return new Phone(await office.open(`/t/${token}${query}`, options));
  }

  /** @param {string} state @param {string} [link] */
  async is(state, link = 'live') {
    await expect(this.root).toHaveAttribute('data-state', state);
    await expect(this.root).toHaveAttribute('data-link', link);
    return this;
  }

  /** @param {string} name */
  deed(name) {
    return this.page.locator(`button[data-deed="${name}"]`);
  }

  /** @param {string} text */
  async says(text) {
    await expect(this.page.locator('.stands')).toContainText(text);
  }
}

/** @param {import('./support/office.js').Client} client @param {object} [payload] @returns {Promise<any>} */
async function ticket(client, payload = {}) {
  return (await client.must('siguiente-ticket', { servicio: 'caja', ...payload })).ticket;
}

test('it follows the ticket from the queue to the end', async ({ office }) => {
  const client = await office.client();
  await client.take(2);
  const mine = await ticket(client);
  const phone = await (await Phone.open(office, mine.token)).is('esperando');
  await phone.says('Hay 2 personas delante');
  await expect(phone.page).toHaveTitle('A-003 · Hay 2 personas delante');
  await client.call(1);
  await phone.says('Hay 1 persona delante');
  await expect(phone.page.locator('[data-last]')).toHaveText('Último llamado: A-001');
  await client.call(1);
  await phone.says('Es el siguiente');
  await client.call(2);
  await phone.is('llamado');
  await phone.says('¡Es su turno!');
  await phone.says('Puesto 2');
  await expect(phone.page).toHaveTitle('A-003 · ¡Su turno! · Puesto 2');
  await client.must('iniciar', { escritorio: 2 });
  await phone.is('atendiendo');
  await client.must('finalizar', { escritorio: 2 });
  await phone.is('finalizado');
  await phone.says('Gracias por su visita');
  await expect(phone.page.locator('button[data-deed]')).toHaveCount(0);
});

test('nothing of others is on the wire, and the token in no address but the page’s own', async ({ office }) => {
  const client = await office.client();
  await client.must('siguiente-ticket', { servicio: 'caja', nombre: 'Ana Secreta' });
  const mine = await ticket(client, { nombre: 'Berta' });
  const machine = await office.machine(PHONE);
  const page = await machine.newPage();
  /** @type {string[]} */ const frames = [];
  /** @type {string[]} */ const asked = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
  page.on('request', (request) => asked.push(`${request.url()} ${request.headers().referer ?? ''}`));
  const answer = await page.goto(`/t/${mine.token}`);
  expect(answer?.headers()['x-robots-tag']).toContain('noindex');
  expect(answer?.headers()['referrer-policy']).toBe('no-referrer');
  await new Phone(page).is('esperando');
  await client.call(1);
  await new Phone(page).says('Es el siguiente');
  expect(asked.filter((line) => line.includes(mine.token))).toHaveLength(1);
  expect(frames.filter((frame) => frame.includes('Ana') || frame.includes('instantanea'))).toEqual([]);
  const own = frames.filter((frame) => frame.includes('mi-ticket'));
  expect(own.length).toBeGreaterThan(0);
  expect(own.join()).not.toContain('Berta');
});

test('more time: nobody calls meanwhile, the place is kept, and it is enough at some time', async ({ office }) => {
  const client = await office.client();
  const mine = await ticket(client);
  await client.take(2);
  const phone = await (await Phone.open(office, mine.token)).is('esperando');
  await phone.deed('defer').tap();
  await phone.is('aplazado');
  await phone.says('Le esperamos hasta las');
  expect(await client.waiting()).toBe(2);
  expect(await client.call(1)).toBe('A-002');
  const second = await (await Phone.open(office, mine.token)).is('aplazado');
  await phone.deed('back').tap();
  await phone.is('esperando');
  await second.is('esperando');
  await phone.deed('defer').tap();
  await phone.is('aplazado');
  await expect(phone.deed('defer')).toHaveCount(0);
  await phone.deed('back').tap();
  await phone.is('esperando');
  expect(await client.emit('aplazar-ticket', { token: mine.token })).toMatchObject({ ok: false, code: 'too_often' });
  expect(await client.call(1)).toBe('A-001');
  await phone.is('llamado');
  expect(await client.emit('aplazar-ticket', { token: mine.token })).toMatchObject({ ok: false, code: 'wrong_state' });
});

test('a desk may call who is away on purpose', async ({ office }) => {
  const client = await office.client();
  const mine = await ticket(client);
  const phone = await (await Phone.open(office, mine.token)).is('esperando');
  await phone.deed('defer').tap();
  await phone.is('aplazado');
  expect(await client.emit('atender-ticket', { escritorio: 1 })).toMatchObject({ ok: false, code: 'empty_queue' });
  const desk = await client.must('entrar-puesto', { escritorio: 1 });
  expect(desk.cola.aplazados.map((/** @type {any} */ one) => [one.codigo, typeof one.aplazado])).toEqual([['A-001', 'number']]);
  await client.must('atender-ticket', { escritorio: 1, ticket: 'A-001' });
  await phone.is('llamado');
});

test('who leaves is asked whether it is meant', async ({ office }) => {
  const client = await office.client();
  const mine = await ticket(client);
  const phone = await (await Phone.open(office, mine.token)).is('esperando');
  await phone.deed('leave').tap();
  await phone.page.getByRole('button', { name: 'No, seguir esperando' }).tap();
  await phone.is('esperando');
  await phone.deed('leave').tap();
  await phone.page.locator('[data-sure]').tap();
  await phone.is('cancelado');
  expect(await client.waiting()).toBe(0);
});

test('who was missed comes back', async ({ office }) => {
  const client = await office.client();
  const mine = await ticket(client);
  const phone = await (await Phone.open(office, mine.token)).is('esperando');
  await client.call(1);
  await client.must('ausente', { escritorio: 1 });
  await phone.is('ausente');
  await phone.says('puede volver a la cola');
  await phone.deed('back').tap();
  await phone.is('esperando');
  expect(await client.waiting()).toBe(1);
});

test('it survives a reload, a lost connection and a restart of the server, and says since when it knows nothing', async ({ office }) => {
  const client = await office.client();
  const mine = await ticket(client);
  const { page, wire } = await office.openWired(`/t/${mine.token}`);
  const phone = await new Phone(page).is('esperando');
  wire.cut();
  await phone.is('esperando', 'lost');
  await expect(page.locator('[data-stale]')).toContainText('Sin conexión: así estaba a las');
  await expect(phone.deed('defer')).toBeDisabled();
  await client.call(2);
  wire.mend();
  await phone.is('llamado');
  await expect(page.locator('[data-stale]')).toBeHidden();
  await page.reload();
  await phone.is('llamado');
  await office.stop();
  await phone.is('llamado', 'lost');
  await office.program.start();
  await phone.is('llamado');
});

test('a silent line is noticed when the phone is looked at again', async ({ office }) => {
  const client = await office.client();
  const mine = await ticket(client);
  const { page, wire } = await office.openWired(`/t/${mine.token}`);
  const phone = await new Phone(page).is('esperando');
  wire.loseAnswers();
  await page.evaluate(() => dispatchEvent(new Event('pageshow')));
  await phone.is('esperando', 'lost');
  wire.mend();
  await page.evaluate(() => dispatchEvent(new Event('pageshow')));
  await phone.is('esperando');
});

test('a call shakes the phone and sounds, once it was touched', async ({ office }) => {
  const client = await office.client();
  const mine = await ticket(client);
  const machine = await office.machine(PHONE);
  await machine.addInitScript(() => {
    const shaken = /** @type {any} */ (globalThis).shaken = [];
    navigator.vibrate = (/** @type {any} */ pattern) => shaken.push(pattern) > 0;
  });
  const page = await machine.newPage();
  await page.goto(`/t/${mine.token}`);
  const phone = await new Phone(page).is('esperando');
  await page.locator('[data-sound]').tap();
  await expect(page.locator('[data-sound]')).toHaveAttribute('aria-pressed', 'true');
  await client.call(1);
  await phone.is('llamado');
  await expect.poll(() => page.evaluate(() => /** @type {any} */ (globalThis).shaken.length)).toBe(1);
  await page.waitForFunction((since) => Date.now() > since + 2600, Date.now());
  await client.must('rellamar', { escritorio: 1 });
  await expect.poll(() => page.evaluate(() => /** @type {any} */ (globalThis).shaken.length)).toBe(2);
});

test('a wrong token is told kindly, and is no error', async ({ office }) => {
  for (const token of ['0'.repeat(32), 'x', '%3Cscript%3E', `${'0'.repeat(31)}g`]) {
    const phone = await Phone.open(office, token);
    await expect(phone.root).toHaveAttribute('data-link', 'unknown');
    await expect(phone.page.getByRole('heading', { name: 'No encontramos este turno' })).toBeVisible();
  }
});

test('it speaks the language of the ticket, or the one that is asked for', async ({ office }) => {
  const client = await office.client();
  const english = await ticket(client, { idioma: 'en' });
  const spanish = await ticket(client, { idioma: 'es' });
  await (await Phone.open(office, english.token, '', { ...PHONE, locale: 'es-ES' })).says('You are next');
  await (await Phone.open(office, spanish.token, '', { ...PHONE, locale: 'en-GB' })).says('Hay 1 persona delante');
  const asked = await Phone.open(office, spanish.token, '?idioma=en');
  await asked.says('1 person ahead');
  await expect(asked.page.locator('html')).toHaveAttribute('lang', 'en');
  await asked.page.getByRole('button', { name: 'Español' }).tap();
  await asked.says('Hay 1 persona delante');
});

for (const theme of THEMES) {
  test(`it fits every phone in every state, ${theme}`, async ({ office }) => {
    const client = await office.client();
    const mine = await ticket(client);
    for (const [size, options] of /** @type {const} */ ([['phone', PHONE], ['small', SMALL]])) {
      const phone = await (await Phone.open(office, mine.token, `?tema=${theme}`, options)).is('esperando');
      await looksRight(phone.page, `${size} waiting`);
      await phone.deed('leave').tap();
      await looksRight(phone.page, `${size} leaving`);
      await phone.page.locator('[data-stay]').tap();
      await phone.deed('defer').tap();
      await phone.is('aplazado');
      await looksRight(phone.page, `${size} away`);
      await phone.deed('back').tap();
      await phone.is('esperando');
      await client.call(1);
      await phone.is('llamado');
      await looksRight(phone.page, `${size} called`);
      await client.must('ausente', { escritorio: 1 });
      await phone.is('ausente');
      await looksRight(phone.page, `${size} missed`);
      await phone.deed('back').tap();
      await phone.is('esperando');
    }
  });
}

test.describe('the kiosk', () => {
  test.use({ settings: WITHOUT_CLASSES });

  test('shows no code that leads nowhere', async ({ office }) => {
    const kiosk = await Kiosk.open(office);
    await kiosk.service('caja').click();
    await kiosk.issued('A-001');
    await expect(kiosk.page.locator('[data-follow]')).toBeHidden();
  });

  test('shows the code that leads to the phone’s page', async ({ office }) => {
    const machine = await office.machine({ viewport: { width: 1080, height: 1920 } });
    const module = "export const SOCKET_PATH = '/socket.io/';\nexport const PUBLIC_URL = 'https://turnos.example.org';\n";
    await machine.route('**/lib/socket-path.js', (route) => route.fulfill({ contentType: 'text/javascript', body: module }));
    const page = await machine.newPage();
    await page.goto('/kiosk?espera=60');
    const reachable = await new Kiosk(page).ready();
    await reachable.service('caja').click();
    await reachable.issued('A-001');
    const code = page.locator('[data-follow] svg');
    await expect(code).toBeVisible();
    await looksRight(page, 'kiosk with its code');
    const address = await readCode(page, await code.screenshot());
    expect(address).toMatch(/^https:\/\/turnos\.example\.org\/t\/[0-9a-f]{32}\?sucursal=1$/);
    const phone = await Phone.open(office, new URL(address).pathname.slice(3), new URL(address).search);
    await phone.is('esperando');
    await expect(phone.page.locator('[data-code]')).toHaveText('A-001');
  });
});

test.describe('a branch that does not want it', () => {
  test.use({ settings: { ...TOWN_HALL, classes: [], follow_on_phone: false, deferrals: { times: 0 } } });

  test('offers neither the code nor more time', async ({ office }) => {
    const client = await office.client();
    const mine = await ticket(client);
    const phone = await (await Phone.open(office, mine.token)).is('esperando');
    await expect(phone.deed('leave')).toBeVisible();
    await expect(phone.deed('defer')).toHaveCount(0);
    expect(await client.emit('aplazar-ticket', { token: mine.token })).toMatchObject({ ok: false, code: 'too_often' });
  });
});

/** What a phone's camera would read. @param {Page} page @param {Buffer} picture */
async function readCode(page, picture) {
  const { pixels, width, height } = await page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    // A letter a pixel: a list of numbers takes far longer from the browser to here.
    let letters = '';
    for (let i = 0; i < data.length; i += 4) letters += (data[i] ?? 0) < 128 ? '#' : ' ';
    return { pixels: letters, width: image.width, height: image.height };
  }, picture.toString('base64'));
  const grey = new Uint8ClampedArray(4 * pixels.length).fill(255);
  for (let i = 0; i < pixels.length; i += 1) if (pixels[i] === '#') grey.fill(0, 4 * i, 4 * i + 3);
  return jsQR(grey, width, height)?.data ?? '';
}
