// Every page in both languages and themes on four screens: fits, readable, accessible, and asks nobody else for anything. What pages complain
// about in the console, ask of other origins or are not allowed to do fails every test of this folder (support/office.js).

import { expect, test } from './support/office.js';
import { LANGUAGES, looksRight, SCREENS, THEMES } from './support/looks.js';
import { Desk, Display, Kiosk } from './support/screens.js';

/** Somebody at each desk, some wait, some with priority and a name. @param {import('./support/office.js').Office} office */
async function busy(office) {
  const client = await office.client();
  await client.take(4);
  await client.must('siguiente-ticket', { servicio: 'padron', prioridad: true, nombre: 'Ana María Fernández de la Vega', idioma: 'en' });
  await client.take(3, { servicio: 'informacion' });
  await client.call(1);
  await client.call(2);
  await client.must('iniciar', { escritorio: 1 });
  return client;
}

/** @type {Record<string, {path: string, live: string}>} */
const PAGES = {
  home: { path: '/?', live: '.link-pill[data-link="live"]' },
  kiosk: { path: '/kiosk?', live: '#kiosk[data-state="ready"]' },
  desk: { path: '/desk?escritorio=1&', live: '#desk[data-state="live"]' },
  'choice of a desk': { path: '/desk?', live: '#desk[data-state="live"]' },
  display: { path: '/display?', live: '#display[data-state="live"]' },
};

for (const [name, { path, live }] of Object.entries(PAGES)) {
  for (const viewport of SCREENS) {
    test(`${name} on ${viewport.width}×${viewport.height}`, async ({ office }) => {
      await busy(office);
      const page = await (await office.machine({ viewport })).newPage();
      for (const lang of LANGUAGES) {
        for (const theme of THEMES) {
          await page.goto(`${path}idioma=${lang}&tema=${theme}`);
          await expect(page.locator(live)).toBeVisible();
          await expect(page.locator('html')).toHaveAttribute('lang', lang);
          await looksRight(page, `${lang}, ${theme}`);
        }
      }
    });
  }
}

for (const [theme, viewport] of /** @type {const} */ ([['claro', SCREENS[0]], ['oscuro', SCREENS[3]]])) {
  test(`kiosk, each of its screens, ${theme} on ${viewport?.width}×${viewport?.height}`, async ({ office }) => {
    const { page, wire } = await office.openWired(`/kiosk?espera=60&tema=${theme}`);
    if (viewport) await page.setViewportSize(viewport);
    const kiosk = await new Kiosk(page).ready();
    await kiosk.service('caja').click();
    await kiosk.shows('priority');
    await kiosk.settled();
    await looksRight(page, 'priority');
    // Looking at it took the page's time, and with that perhaps its connection.
    await kiosk.ready();
    wire.loseAnswers();
    await kiosk.priority('prioridad').click();
    await kiosk.shows('issuing');
    await kiosk.settled();
    await looksRight(page, 'issuing');
    wire.cut();
    wire.mend();
    await kiosk.issued('A-001');
    await kiosk.settled();
    await looksRight(page, 'ticket');
    await kiosk.action('done').click();
    wire.cut();
    await expect(kiosk.root).toHaveAttribute('data-state', 'offline');
    await looksRight(page, 'out of service');
  });

  test(`desk, each of its states, ${theme} on ${viewport?.width}×${viewport?.height}`, async ({ office }) => {
    await busy(office);
    const page = await office.open(`/desk?escritorio=3&tema=${theme}`, { viewport });
    const desk = await new Desk(page).ready();
    await looksRight(page, 'closed');
    await desk.sit();
    await expect(desk.root).not.toHaveAttribute('data-next', '');
    await looksRight(page, 'who is next');
    await desk.press('p');
    await desk.stands('paused');
    await looksRight(page, 'paused');
    await desk.press('o');
    await desk.stands('mine');
    await desk.settled();
    await desk.callButton('B-001').click();
    await desk.holds('B-001', 'llamado');
    await looksRight(page, 'called');
    await desk.press('n');
    await expect(desk.message).not.toHaveText('');
    await looksRight(page, 'why not');
    for (const [key, name] of /** @type {const} */ ([['d', 'back'], ['t', 'transfer'], ['e', 'note'], ['?', 'help']])) {
      await desk.ask(key, name);
      await looksRight(page, name);
      await desk.page.keyboard.press('Escape');
      await expect(desk.dialog(name)).toBeHidden();
    }
  });

  test(`desk, its lists and whoever else wants it, ${theme} on ${viewport?.width}×${viewport?.height}`, async ({ office }) => {
    const client = await busy(office);
    const { page, wire } = await office.openWired(`/desk?escritorio=3&tema=${theme}`);
    if (viewport) await page.setViewportSize(viewport);
    const desk = await (await new Desk(page).ready()).sit();
    await desk.settled();
    await desk.callButton('B-001').click();
    await desk.holds('B-001', 'llamado');
    await client.must('entrar-puesto', { escritorio: 2 });
    await client.must('anotar', { ticket: 'B-001', nota: 'Viene con intérprete.\n'.repeat(12) });
    await desk.press('i');
    await desk.holds('B-001', 'atendiendo');
    await looksRight(page, 'serving');
    await desk.press('h');
    await desk.isFree();
    await desk.press('2');
    await desk.queues(['B-001']);
    await looksRight(page, 'held');
    await desk.sheet('B-001');
    await looksRight(page, 'sheet');
    await desk.page.keyboard.press('Escape');
    await desk.press('1');
    await desk.press('n');
    await expect(desk.root).toHaveAttribute('data-ticket-state', 'llamado');
    await desk.press('a');
    await desk.isFree();
    await desk.press('3');
    await expect(desk.rows).toHaveCount(1);
    await looksRight(page, 'missed');
    await desk.search.fill('nobody');
    await looksRight(page, 'nothing found');
    await desk.page.keyboard.press('Escape');
    const other = await Desk.look(office, 3);
    await other.take();
    await desk.stands('taken');
    await looksRight(page, 'taken');
    await desk.ask('o', 'take');
    await looksRight(page, 'take over');
    await desk.page.keyboard.press('Escape');
    wire.cut();
    await expect(page.locator('[data-banner]')).toBeVisible();
    await looksRight(page, 'offline');
  });

  test(`display, each of its states, ${theme} on ${viewport?.width}×${viewport?.height}`, async ({ office }) => {
    const { page, wire } = await office.openWired(`/display?tema=${theme}`);
    if (viewport) await page.setViewportSize(viewport);
    const display = await new Display(page).live();
    await looksRight(page, 'welcome');
    const client = await busy(office);
    await display.announced([1], 8000);
    await looksRight(page, 'announcing');
    await client.call(3);
    await display.allowSound();
    await display.announced([1, 2, 3], 20_000);
    await looksRight(page, 'three calls');
    wire.cut();
    await display.is('offline');
    await looksRight(page, 'offline');
  });
}
