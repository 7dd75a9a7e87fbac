// What the staff write to each other in the desk's message panel, the notes that wait for a user, and the line at the bottom of the displays.

import { LANGUAGES, looksRight, THEMES } from './support/looks.js';
import { AGENTS, expect, test } from './support/office.js';
import { WITHOUT_CLASSES } from './support/offices.js';
import { Desk, Display } from './support/screens.js';

test.use({ settings: WITHOUT_CLASSES });

/** As the panels of the others name who sits there. */
const [ONE, TWO] = AGENTS.map((name, i) => `Puesto ${i + 1} · ${name}`);

/** Longer than any display is wide. */
const LONG = 'Mañana, martes 24, la oficina abre a las 10:30 por trabajos en la red eléctrica; los certificados también se piden en la sede electrónica y por teléfono';

/** The message panel of a desk, by the hooks that talk-panel.js documents. */
class Talk {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.page = desk.page;
    this.root = this.page.locator('aside[data-talk]');
    this.button = this.page.locator('[data-action="talk"]');
    this.unread = this.page.locator('[data-talk-unread]');
    this.people = this.page.locator('[data-talk-people] button');
    this.lines = this.page.locator('[data-talk-lines] > li');
    this.messages = this.page.locator('[data-talk-lines] > li[data-kind="message"]');
    this.notes = this.root.locator('[data-note]');
    this.to = this.page.locator('[data-talk-to]');
    this.text = this.page.locator('[data-talk-text]');
    this.send = this.page.locator('[data-talk-send]');
    this.why = this.page.locator('[data-talk-why]');
    this.user = this.page.locator('[data-talk-user]');
    this.ticker = this.page.locator('[data-ticker-input]');
    this.shown = this.page.locator('[data-ticker-shown]');
  }

  /** With the panel open, and entered in the room. @param {import('./support/office.js').Office} office @param {number} number @param {object} [options] */
  static async open(office, number, options) {
    return new Talk(await Desk.open(office, number, options)).opened();
  }

  async opened() {
    await this.desk.press('m');
    await expect(this.desk.root).toHaveAttribute('data-talk', 'open');
    return this.entered();
  }

  async entered() {
    await expect(this.root).toHaveAttribute('data-entered');
    return this;
  }

  /** @param {string} text */
  async say(text) {
    await this.text.fill(text);
    await this.text.press('Enter');
    await expect(this.text).toHaveValue('');
  }

  /** @param {string} text */
  bubble(text) {
    return this.messages.filter({ has: this.page.getByText(text, { exact: true }) });
  }
}

/** @param {import('./support/office.js').Office} office @param {'get'|'post'|'put'} method @param {string} path @param {object} [data] @returns {Promise<any>} */
async function rest(office, method, path, data) {
  return (await office.rest(method, path, data)).data;
}

test('what a desk says to all is read at every other desk, and it reads its own words as its own', async ({ office }) => {
  const [one, two, three] = [await Talk.open(office, 1), await Talk.open(office, 2), await Talk.open(office, 3)];
  await one.say('Falta papel en la impresora');
  for (const other of [two, three]) {
    await expect(other.bubble('Falta papel en la impresora')).toHaveAttribute('data-reach', 'room');
    await expect(other.bubble('Falta papel en la impresora').locator('.name')).toHaveText(ONE);
    await expect(other.bubble('Falta papel en la impresora').locator('.reach')).toBeHidden();
  }
  await expect(one.bubble('Falta papel en la impresora')).toHaveAttribute('data-own', '');
  await expect(one.bubble('Falta papel en la impresora').locator('.name')).toHaveText('Usted');
  // Once each, and in the order in which they were said.
  await two.say('Voy yo');
  await expect(one.messages.locator('.said')).toHaveText(['Falta papel en la impresora', 'Voy yo']);
  await expect(three.messages.locator('.said')).toHaveText(['Falta papel en la impresora', 'Voy yo']);
});

test('what is written to one is read by that one alone, and the answer comes back privately', async ({ office }) => {
  const [one, two, three] = [await Talk.open(office, 1), await Talk.open(office, 2), await Talk.open(office, 3)];
  await one.people.filter({ hasText: TWO }).click();
  await expect(one.root).toHaveAttribute('data-to', /.+/);
  await expect(one.to.locator('option:checked')).toHaveText(TWO);
  await one.say('¿Me cubres diez minutos?');
  await expect(one.bubble('¿Me cubres diez minutos?').locator('.name')).toHaveText(`Usted a ${TWO}`);
  await expect(two.bubble('¿Me cubres diez minutos?')).toHaveAttribute('data-reach', 'private');
  await expect(two.bubble('¿Me cubres diez minutos?').locator('.reach')).toHaveText('Privado');

  // A click on the name answers that one.
  await two.bubble('¿Me cubres diez minutos?').locator('.name').click();
  await two.say('Sí, claro');
  await expect(one.bubble('Sí, claro')).toHaveAttribute('data-reach', 'private');

  // What is said to all afterwards is the proof that nothing private is still on its way.
  await two.to.selectOption({ label: 'Todo el personal' });
  await two.say('Abro también la ventana');
  await expect(three.messages.locator('.said')).toHaveText(['Abro también la ventana']);
});

test('who comes and goes is seen, and a private text waits for somebody who left', async ({ office }) => {
  const one = await Talk.open(office, 1);
  await expect(one.page.getByText('Nadie más del personal está conectado.')).toBeVisible();
  // Somebody else's closed panel is present as well, at a desk that nobody holds.
  const two = await Desk.look(office, 2);
  await expect(one.people).toHaveText([TWO]);
  await expect(one.lines.filter({ hasText: `${TWO} ha entrado` })).toHaveAttribute('data-kind', 'joined');
  await one.people.click();
  await one.text.fill('Solo para ti');

  await two.page.close();
  await expect(one.people).toHaveCount(0);
  await expect(one.lines.last()).toHaveText(new RegExp(`^${TWO} ha salido · \\d\\d:\\d\\d$`));
  await expect(one.why).toHaveText(`${TWO} ya no está. Elija para quién es.`);
  await expect(one.send).toHaveAttribute('aria-disabled', 'true');
  await one.text.press('Enter');
  await expect(one.messages).toHaveCount(0);
  await expect(one.text).toHaveValue('Solo para ti');

  // Back under the same name: the text finds its way.
  const again = await Talk.open(office, 2);
  await expect(one.send).not.toHaveAttribute('aria-disabled');
  await one.text.press('Enter');
  await expect(again.bubble('Solo para ti')).toHaveAttribute('data-reach', 'private');
});

test('messages of others: to this room, to all, to another room', async ({ office }) => {
  const desk = await Talk.open(office, 1);
  await rest(office, 'post', '/messages', { mensaje: 'A otra sala', sala: 'almacen', de: 'Central' });
  await rest(office, 'post', '/messages', { mensaje: 'Reunión a las 14:00', sala: 'personal', de: 'Central' });
  await rest(office, 'post', '/messages', { mensaje: 'Simulacro de incendio', de: 'Central' });
  await expect(desk.messages.locator('.said')).toHaveText(['Reunión a las 14:00', 'Simulacro de incendio']);
  await expect(desk.bubble('Reunión a las 14:00')).toHaveAttribute('data-reach', 'room');
  await expect(desk.bubble('Simulacro de incendio')).toHaveAttribute('data-reach', 'all');
  await expect(desk.bubble('Simulacro de incendio').locator('.reach')).toHaveText('Para todos');
  // Nobody is behind the name who could be answered.
  await expect(desk.bubble('Simulacro de incendio').locator('button')).toHaveCount(0);
});

test('what comes while the panel is closed is counted until somebody looks', async ({ office }) => {
  const desk = await Desk.open(office, 1);
  const talk = await new Talk(desk).entered();
  const other = await Talk.open(office, 2);
  await other.say('Uno');
  await other.say('Dos');
  await expect(desk.root).toHaveAttribute('data-unread', '2');
  await expect(talk.unread).toHaveText('2');
  await expect(desk.page.locator('[data-talk-unread-text]')).toHaveText('2 mensajes sin leer');
  await talk.opened();
  await expect(desk.root).toHaveAttribute('data-unread', '0');
  await expect(talk.unread).toBeHidden();
  await expect(talk.messages.locator('.said')).toHaveText(['Uno', 'Dos']);
  // By keyboard: writing calls nobody, Escape closes and gives the focus back.
  await expect(talk.text).toBeFocused();
  await desk.page.keyboard.type('nnn');
  await expect(talk.text).toHaveValue('nnn');
  await desk.page.keyboard.press('Escape');
  await expect(desk.root).toHaveAttribute('data-talk', 'closed');
  await expect(talk.button).toBeFocused();
});

test('a message is text, line breaks and all, and one that is too long stays', async ({ office }) => {
  const [one, two] = [await Talk.open(office, 1), await Talk.open(office, 2)];
  const markup = '<img src=x onerror="document.title=1">\n{{7*7}} \u202Eodicul 👩🏽‍⚕️';
  await one.text.fill(markup);
  await one.send.click();
  await expect(two.messages.locator('.said')).toHaveText(markup, { useInnerText: true });
  await expect(two.messages.locator('.said *')).toHaveCount(0);

  await one.text.fill('ñ'.repeat(2001));
  await expect(one.why).toHaveText('Demasiado largo: 2001 de 2000');
  await one.text.press('Enter');
  await expect(one.text).toHaveValue('ñ'.repeat(2001));
  await one.say('ñ'.repeat(2000));
  await expect(two.messages).toHaveCount(2);
});

test('without a line nothing is sent, the text stays, and back again it goes', async ({ office }) => {
  const other = await Talk.open(office, 2);
  const { page, wire } = await office.openWired('/desk?escritorio=1');
  const talk = await new Talk(await new Desk(page).ready()).opened();
  await talk.text.fill('¿Se oye?');
  wire.cut();
  await expect(talk.why).toHaveText('Sin conexión: su texto se queda aquí.');
  await talk.text.press('Enter');
  await expect(talk.text).toHaveValue('¿Se oye?');
  wire.mend();
  await talk.entered();
  await talk.text.press('Enter');
  await expect(other.messages.locator('.said')).toHaveText(['¿Se oye?']);
  await expect(other.people).toHaveText([ONE]);
});

test('a note waits for its user, is counted, read once and gone everywhere', async ({ office }) => {
  const user = await office.user('Ana Ruiz');
  await rest(office, 'post', `/users/${user.id}/notes`, { from: 'Jefatura', asunto: 'Turno de tarde', mensaje: '¿Puedes quedarte el viernes?' });

  const desk = await new Desk(await office.open('/desk?escritorio=1', { as: user })).ready();
  const talk = await new Talk(desk).entered();
  await expect(desk.root).toHaveAttribute('data-unread', '1');
  await talk.opened();
  // Whoever is signed in is nobody else.
  await expect(talk.user).toBeHidden();
  await expect(talk.notes).toContainText(['Turno de tarde¿Puedes quedarte el viernes?']);
  await expect(talk.notes.getByText('De Jefatura')).toBeVisible();

  // The same user at another desk: one comes while both are there.
  const elsewhere = await new Talk(await new Desk(await office.open('/desk?escritorio=2', { as: user })).ready()).opened();
  await expect(talk.people).toHaveText(['Puesto 2 · Ana Ruiz']);
  await rest(office, 'post', `/users/${user.id}/notes`, { from: 'Jefatura', mensaje: 'Gracias' });
  await expect(talk.notes).toHaveCount(2);
  await expect(elsewhere.notes).toHaveCount(2);

  await talk.notes.first().getByRole('button', { name: 'Marcar como leída la nota de Jefatura' }).click();
  await expect(talk.notes).toHaveCount(1);
  await expect(elsewhere.notes).toHaveCount(1);
  await desk.page.reload();
  await talk.entered();
  await talk.opened();
  await expect(talk.notes.locator('.said')).toHaveText(['Gracias']);
  expect((await rest(office, 'get', `/users/${user.id}/notes`)).correos).toHaveLength(1);
});

test.describe('where nobody signs in', () => {
  test.use({ open: true });

  test('who has no notes becomes a user in the panel, and stays it over a reload', async ({ office }) => {
    const talk = await Talk.open(office, 1);
    await expect(talk.user).toBeHidden();
    const user = await rest(office, 'post', '/users', { nombre: 'Luis Gil', rol: 'supervisor' });
    await expect(talk.lines.last()).toContainText('Nuevo usuario: Luis Gil');
    await talk.user.selectOption({ label: 'Luis Gil' });
    await talk.entered();
    await rest(office, 'post', `/users/${user.id}/notes`, { from: 'RR. HH.', mensaje: 'Firme su parte' });
    await expect(talk.notes.locator('.said')).toHaveText(['Firme su parte']);
    await talk.page.reload();
    await talk.entered();
    await talk.opened();
    await expect(talk.notes.locator('.said')).toHaveText(['Firme su parte']);
    await expect(talk.user.locator('option:checked')).toHaveText('Luis Gil');
  });
});

test('a notice is put on the display, seen by a display that comes later, replaced and taken down', async ({ office }) => {
  const [talk, display] = [await Talk.open(office, 1), await Display.open(office, '', { viewport: { width: 1920, height: 1080 } })];
  const line = display.page.locator('[data-ticker]');
  await expect(line).toBeHidden();
  await expect(talk.shown).toHaveText('Ningún aviso');

  await talk.ticker.fill('Hoy cerramos a las 14 h');
  await talk.ticker.press('Enter');
  await expect(talk.ticker).toHaveValue('');
  await expect(talk.shown).toHaveText('Hoy cerramos a las 14 h');
  await expect(line).toBeVisible();
  await expect(line).toHaveText('Hoy cerramos a las 14 h');
  await expect(line).toHaveAttribute('data-mode', 'still');
  const later = await Display.open(office);
  await expect(later.page.locator('[data-ticker]')).toHaveText('Hoy cerramos a las 14 h');

  // Another desk sees it too, and takes it down; it survives a restart until then.
  await office.stop();
  await office.program.start();
  await display.is('live', 15_000);
  await expect(line).toHaveText('Hoy cerramos a las 14 h');
  const other = await Talk.open(office, 2);
  await expect(other.shown).toHaveText('Hoy cerramos a las 14 h');
  await other.page.locator('[data-ticker-clear]').click();
  for (const screen of [display, later]) await expect(screen.page.locator('[data-ticker]')).toBeHidden();
  await expect(talk.shown).toHaveText('Ningún aviso');
  await expect(other.page.locator('[data-ticker-clear]')).toBeHidden();
});

test('a notice that does not fit passes by; where motion is not wanted it turns its parts, every word of them', async ({ office }) => {
  await rest(office, 'put', '/ticker', { mensaje: LONG });
  const moving = (await Display.open(office)).page.locator('[data-ticker]');
  await expect(moving).toHaveAttribute('data-mode', 'moving');
  await expect(moving.locator('[data-ticker-text]')).toHaveText(LONG);
  await expect(moving.locator('[data-ticker-copy]')).toHaveAttribute('aria-hidden', 'true');

  const calm = await office.machine({ reducedMotion: 'reduce', viewport: { width: 1280, height: 720 } });
  const page = await calm.newPage();
  await page.clock.install();
  await page.goto('/display');
  const turning = page.locator('[data-ticker]');
  await expect(turning).toHaveAttribute('data-mode', 'turning');
  const seen = [];
  for (let part = 1; ; part += 1) {
    await expect(turning).toHaveAttribute('data-part', String(part));
    const text = page.locator('[data-ticker-text]');
    seen.push(await text.textContent());
    expect(await text.evaluate((node) => node.getBoundingClientRect().right <= innerWidth)).toBe(true);
    if (seen.join(' ') === LONG) break;
    expect(LONG.startsWith(seen.join(' '))).toBe(true);
    await page.clock.fastForward(4000 + 60 * String(seen.at(-1)).length + 10);
  }
  expect(seen.length).toBeGreaterThan(1);
  await page.clock.fastForward(4000 + 60 * String(seen.at(-1)).length + 10);
  await expect(turning).toHaveAttribute('data-part', '1');
});

test('a notice that is too long is said so and not sent', async ({ office }) => {
  const talk = await Talk.open(office, 1);
  await talk.ticker.fill('x'.repeat(301));
  await expect(talk.page.locator('[data-ticker-why]')).toHaveText('Demasiado largo: 301 de 300');
  await talk.ticker.press('Enter');
  await expect(talk.ticker).toHaveValue('x'.repeat(301));
  await expect(talk.shown).toHaveText('Ningún aviso');
  await talk.ticker.fill('<b>x</b>'.padEnd(300, 'x'));
  await talk.ticker.press('Enter');
  await expect(talk.shown).toHaveText('<b>x</b>'.padEnd(300, 'x'));
});

for (const [width, height] of /** @type {const} */ ([[1366, 900], [390, 844]])) {
  for (const theme of THEMES) {
    test(`the panel looks right with messages, notes and a notice on ${width}×${height}, ${theme}`, async ({ office }) => {
      const user = await office.user('Ana Ruiz Fernández de la Vega');
      await rest(office, 'post', `/users/${user.id}/notes`, { from: 'Jefatura de Servicio', asunto: 'Turno de tarde', mensaje: '¿Puedes quedarte el viernes?\nGracias' });
      await rest(office, 'put', '/ticker', { mensaje: LONG });
      const other = await Talk.open(office, 2);
      for (const lang of LANGUAGES) {
        const page = await (await office.machine({ as: user, viewport: { width, height } })).newPage();
        await page.goto(`/desk?escritorio=1&idioma=${lang}&tema=${theme}`);
        const talk = await new Talk(await new Desk(page).ready()).opened();
        await talk.to.selectOption({ label: TWO });
        await talk.say('Privado, con una palabra larguísima: desoxirribonucleicoesternocleidomastoideo');
        await rest(office, 'post', '/messages', { mensaje: 'Simulacro de incendio a las 12', de: 'Central' });
        await other.say('Entendido');
        await expect(talk.messages).toHaveCount(3);
        await looksRight(page, lang);
        await page.close();
      }
    });
  }
}
