// Takes the pictures of the README from a busy office: `npm run screenshots`. With a folder as argument (`npm run screenshots -- /tmp/pictures`)
// it also takes every page on every screen, in both themes, to look at, and leaves the README's pictures alone.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { launchOptions } from './support/chromium.js';
import { SCREENS, THEMES } from './support/looks.js';
import { Office } from './support/office.js';
import { service, TOWN_HALL, whereItIsMorning } from './support/offices.js';
import { picture } from './support/picture.js';
import { Desk, Display, Kiosk } from './support/screens.js';

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));
const [folder] = process.argv.slice(2);

const OFFICE = {
  ...TOWN_HALL,
  time_zone: whereItIsMorning(),
  services: [
    service(1, 'padron', 'A', 'Padrón y certificados', 'Certificates'),
    service(2, 'tributos', 'B', 'Tributos y pagos', 'Taxes and payments'),
    service(3, 'urbanismo', 'C', 'Urbanismo y licencias', 'Planning and licences'),
    service(4, 'informacion', 'D', 'Información y registro', 'Information'),
  ],
  desks: [1, 2, 3, 4, 5, 6].map((id) => ({ id, name: { es: `Mesa ${id}`, en: `Desk ${id}` } })),
};

/** Visitors of a morning: which service, and how many of them. */
const ARRIVALS = /** @type {const} */ ([['padron', 17], ['tributos', 9], ['urbanismo', 6], ['informacion', 23]]);

const browser = await chromium.launch(launchOptions());
const office = new Office(browser);
try {
  await office.start(OFFICE);
  const client = await fill();
  if (folder) await contactSheet(folder, client);
  else await forReadme(client);
} finally {
  await office.close();
  await browser.close();
}

/** Everybody is served in turn until the hall is as full as on a usual morning. */
async function fill() {
  const client = await office.client();
  for (let i = 0; i < 23; i += 1) {
    for (const [servicio, count] of ARRIVALS) if (i < count) await client.must('siguiente-ticket', { servicio });
  }
  await client.must('siguiente-ticket', { servicio: 'tributos', prioridad: true, nombre: 'Carmen Ortega', idioma: 'es' });
  for (let i = 0; i < 30; i += 1) await client.call(1 + (i % 6));
  for (const desk of [1, 3, 4]) await client.must('iniciar', { escritorio: desk });
  return client;
}

/** @param {import('./support/office.js').Client} client */
async function forReadme(client) {
  const display = await Display.open(office, '?tema=claro', { viewport: { width: 1920, height: 1080 } });
  await display.allowSound();
  // What appears with the pointer goes with it.
  await display.root.and(display.page.locator(':not(.pointed)')).waitFor();
  await client.call(5);
  await display.announced([await latest(client)]);
  await picture(display.page, join(DOCS, 'display.png'));

  const kiosk = await Kiosk.open(office, '?tema=claro', { viewport: { width: 768, height: 1024 } });
  await picture(kiosk.page, join(DOCS, 'kiosk.png'));
  const desk = await Desk.open(office, 3, { viewport: { width: 1366, height: 900 } });
  await picture(desk.page, join(DOCS, 'desk.png'));
}

/** @param {string} into @param {import('./support/office.js').Client} client */
async function contactSheet(into, client) {
  await mkdir(into, { recursive: true });
  for (const viewport of SCREENS) {
    for (const theme of THEMES) {
      const name = (/** @type {string} */ page) => join(into, `${page}-${viewport.width}-${theme}.png`);
      const home = await office.open(`/?tema=${theme}`, { viewport });
      await home.locator('.link-pill[data-link="live"]').waitFor();
      await picture(home, name('home'));
      await picture(await office.open(`/login?tema=${theme}`, { as: null, viewport }), name('login'));

      const kiosk = await Kiosk.open(office, `?tema=${theme}&espera=60`, { viewport });
      await picture(kiosk.page, name('kiosk-1'));
      await kiosk.service('padron').click();
      await kiosk.settled();
      await picture(kiosk.page, name('kiosk-2'));
      await kiosk.priority('prioridad').click();
      await kiosk.shows('ticket');
      await picture(kiosk.page, name('kiosk-3'));

      const desk = await new Desk(await office.open(`/desk?escritorio=3&tema=${theme}`, { viewport })).ready();
      await (theme === THEMES[0] && viewport === SCREENS[0] ? desk.sit() : desk.take());
      await picture(desk.page, name('desk-serving'));
      const free = await new Desk(await office.open(`/desk?tema=${theme}`, { viewport })).ready();
      await picture(free.page, name('desk-choice'));

      const display = await Display.open(office, `?tema=${theme}`, { viewport });
      await client.call(5);
      await display.announced([await latest(client)]);
      await picture(display.page, name('display'));
    }
  }
}

/** @param {import('./support/office.js').Client} client @returns {Promise<number>} the number of the last call */
async function latest(client) {
  return (await client.must('entrar-pantalla')).cola.llamadas[0].llamada;
}
