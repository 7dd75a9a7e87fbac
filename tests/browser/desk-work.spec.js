// An agent's day at the desk: the desk itself is opened, paused, taken over and closed; tickets are held, sent on, put back, noted, brought back, undone.

import { expect, test } from './support/office.js';
import { LANGUAGES, looksRight, THEMES } from './support/looks.js';
import { WITHOUT_CLASSES, WORKING } from './support/offices.js';
import { Desk } from './support/screens.js';

test.use({ settings: WORKING });

test.describe('the desk itself', () => {
  test('is opened, paused for a reason, gone on with and closed, and the others see it', async ({ office }) => {
    const client = await office.client();
    await client.take(1);
    const other = await Desk.open(office, 2);
    const at = other.page.locator('[data-others] > li').filter({ hasText: 'Puesto 1' });
    await expect(at).toHaveAttribute('data-desk-state', 'cerrado');
    await expect(other.page.locator('[data-office-line]')).toContainText('1 de 3 puestos abiertos');

    const desk = await Desk.look(office, 1);
    await desk.stands('free');
    await desk.press('n');
    await expect(desk.message).toHaveText('El puesto está cerrado: ábralo primero');
    await desk.isFree();
    await desk.sit();
    await expect(at).toHaveAttribute('data-desk-state', 'abierto');
    await expect(other.page.locator('[data-office-line]')).toContainText('2 de 3 puestos abiertos');

    await desk.ask('p', 'pause');
    await expect(desk.dialog('pause').locator('button[data-word]')).toHaveText([/Comida/, /Gestiones internas/]);
    await desk.page.keyboard.press('1');
    await desk.stands('paused');
    await expect(desk.page.locator('[data-idle-hint]')).toHaveText(/^Comida · 00:0\d$/);
    await expect(at).toContainText('En pausa · Comida');
    await desk.press('n');
    await expect(desk.message).toHaveText('El puesto está en pausa: continúe primero');
    await desk.isFree();

    await desk.press('p');
    await desk.stands('mine');
    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await desk.press('x');
    await expect(desk.message).toHaveText('Termine antes con su turno');
    await desk.press('a');
    await desk.isFree();
    await desk.press('x');
    await desk.stands('free');
    await expect(at).toHaveAttribute('data-desk-state', 'cerrado');
    expect(await desk.page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  test('belongs to one page at a time, also over a reload, and is taken over only on purpose', async ({ office }) => {
    const client = await office.client();
    await client.take(2);
    const one = await Desk.open(office, 1);
    await one.press('n');
    await one.holds('A-001', 'llamado');
    await one.page.reload();
    await one.ready();
    await one.stands('mine');

    const other = await Desk.look(office, 1);
    await other.stands('taken');
    await other.holds('A-001', 'llamado');
    await other.press('i');
    await expect(other.message).toHaveText('Otra sesión tiene el puesto: tómelo primero');
    await other.ask('o', 'take');
    await other.page.keyboard.press('Escape');
    await other.stands('taken');
    await one.stands('mine');
    await other.take();
    await expect(other.message).toHaveText('El puesto es suyo');

    await one.stands('taken');
    await one.press('i');
    await expect(one.message).toHaveText('Otra sesión tiene el puesto: tómelo primero');
    await one.holds('A-001', 'llamado');
    await other.press('i');
    await one.holds('A-001', 'atendiendo');
    await one.take();
    await other.stands('taken');
    expect(await client.waiting()).toBe(1);
  });

  test.describe('with a short wait for lost connections', () => {
    test.use({ settings: { ...WORKING, lease_grace: 1500 } });

    test('is closed when its page is gone, and keeps its ticket for whoever opens it next', async ({ office }) => {
      const client = await office.client();
      await client.take(1);
      const gone = await Desk.open(office, 1);
      await gone.press('n');
      await gone.holds('A-001', 'llamado');
      const next = await Desk.look(office, 1);
      await next.stands('taken');
      await gone.page.context().close();
      await next.stands('free');
      await next.holds('A-001', 'llamado');
      await next.sit();
      await next.press('i');
      await next.holds('A-001', 'atendiendo');
    });
  });

  test('is kept over a restart of the program', async ({ office }) => {
    const client = await office.client();
    await client.take(2);
    const desk = await Desk.open(office, 1);
    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await office.stop();
    await expect(desk.button('start')).toHaveAttribute('aria-disabled', 'true');
    await office.program.start();
    await expect(desk.button('start')).not.toHaveAttribute('aria-disabled', 'true', { timeout: 20_000 });
    await desk.stands('mine');
    await desk.press('i');
    await desk.holds('A-001', 'atendiendo');
  });

  test('is its agent\'s who is signed in, and takes that person from another desk only on purpose', async ({ office }) => {
    const ana = await office.user('Ana Belén');
    const one = await Desk.open(office, 1, { as: ana });
    await expect(one.page.locator('[data-sitter]')).toBeHidden();
    await expect(one.page.locator('[data-seat-text]')).toHaveText('Abierto · Ana Belén');
    const two = await Desk.look(office, 2, { as: ana });
    await expect(two.page.locator('[data-others] > li').filter({ hasText: 'Puesto 1' })).toContainText('Ana Belén');
    await two.press('o');
    await two.opened('take');
    await expect(two.dialog('take')).toContainText('Ana Belén atiende ya en otro puesto');
    await two.page.keyboard.press('Enter');
    await two.stands('mine');
    await one.stands('free');
  });

  test.describe('where nobody signs in', () => {
    test.use({ open: true });

    test('says who sits there, and takes that person from another desk only on purpose', async ({ office }) => {
      const { id } = (await office.rest('post', '/users', { nombre: 'Ana Belén', rol: 'agente' })).data;
      const one = await Desk.look(office, 1);
      await one.page.locator('[data-sitter-select]').selectOption(id);
      await one.sit();
      await expect(one.page.locator('[data-seat-text]')).toHaveText('Abierto · Ana Belén');

      const two = await Desk.look(office, 2);
      await expect(two.page.locator('[data-others] > li').filter({ hasText: 'Puesto 1' })).toContainText('Ana Belén');
      await two.page.locator('[data-sitter-select]').selectOption(id);
      await two.press('o');
      await two.opened('take');
      await expect(two.dialog('take')).toContainText('Ana Belén atiende ya en otro puesto');
      await two.page.keyboard.press('Enter');
      await two.stands('mine');
      await one.stands('free');
    });
  });
});

test.describe('who is next', () => {
  test.use({ settings: { ...WORKING, policy: { kind: 'accumulating', factor: 100 } } });

  test('is said with the reason, in the language of the agent, and told anew when it changes', async ({ office }) => {
    const client = await office.client();
    const desk = await Desk.open(office, 1);
    const why = desk.page.locator('[data-upcoming-why]');
    await expect(desk.root).toHaveAttribute('data-next', '');
    await client.take(1);
    await expect(desk.root).toHaveAttribute('data-next', 'A-001');
    await expect(desk.page.locator('[data-upcoming-code]')).toHaveText('A-001');
    await expect(why).not.toBeEmpty();
    const alone = await why.textContent();
    await client.take(1, { servicio: 'padron', prioridad: true });
    await expect(desk.root).toHaveAttribute('data-next', 'B-001');
    await expect(why).not.toHaveText(alone ?? '');
    const spanish = await why.textContent();
    await desk.page.getByRole('button', { name: 'English' }).click();
    await expect(why).not.toHaveText(spanish ?? '');
    await expect(desk.row('B-001')).toHaveAttribute('data-next');

    await desk.press('n');
    await desk.holds('B-001', 'llamado');
    await expect(desk.page.locator('[data-coming-code]')).toHaveText('A-001');
    await expect(desk.page.locator('[data-live]')).toHaveText('Next: A-001');
    await client.must('cancelar-ticket', { token: (await client.must('siguiente-ticket', { servicio: 'caja' })).ticket.token });
    await expect(desk.root).toHaveAttribute('data-next', 'A-001');
  });
});

test.describe('a ticket in service', () => {
  test('is held, found in its list, resumed, and put back behind others', async ({ office }) => {
    const client = await office.client();
    await client.take(3);
    const desk = await Desk.open(office, 1);
    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await desk.press('i');
    await desk.holds('A-001', 'atendiendo');
    await desk.press('h');
    await desk.isFree();
    await expect(desk.message).toHaveText('A-001 retenido');
    await expect(desk.count('retenidos')).toHaveText('1');
    await desk.press('n');
    await desk.holds('A-002', 'llamado');
    await desk.press('2');
    await desk.queues(['A-001']);
    await desk.settled();
    await desk.row('A-001').locator('[data-quick="resume"]').click({ force: true });
    await expect(desk.listError).toHaveText('Termine antes con su turno actual');
    await desk.press('a');
    await desk.isFree();
    await desk.settled();
    await desk.row('A-001').locator('[data-quick="resume"]').click();
    await desk.holds('A-001', 'atendiendo');
    await expect(desk.count('retenidos')).toHaveText('0');

    await desk.press('h');
    await desk.isFree();
    await client.take(2);
    await desk.sheet('A-001');
    await desk.page.keyboard.press('d');
    await desk.opened('back');
    await desk.page.keyboard.press('4');
    await desk.page.keyboard.type('2');
    await desk.page.keyboard.press('Enter');
    await expect(desk.count('retenidos')).toHaveText('0');
    await desk.press('1');
    await desk.queues(['A-001', 'A-003', 'A-004', 'A-005']);
    for (const code of ['A-003', 'A-004', 'A-001']) expect(await client.call(2).then((called) => client.must('ausente', { escritorio: 2 }).then(() => called))).toBe(code);
  });

  test('is sent on to another service, and to one desk alone', async ({ office }) => {
    const client = await office.client();
    await client.take(2);
    const [desk, other] = [await Desk.open(office, 1), await Desk.open(office, 2)];
    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await desk.press('i');
    await desk.holds('A-001', 'atendiendo');
    await desk.ask('t', 'transfer');
    const transfer = desk.dialog('transfer');
    await expect(transfer.locator('[data-submit]')).toHaveAttribute('aria-disabled', 'true');
    await transfer.getByRole('radio', { name: 'Padrón y certificados' }).check();
    await transfer.getByRole('radio', { name: 'Puesto 2' }).check();
    await expect(transfer.getByRole('radio', { name: 'Puesto 3' })).toBeDisabled();
    await desk.page.keyboard.press('Enter');
    await expect(transfer).toBeHidden();
    await desk.isFree();
    await expect(desk.message).toHaveText('A-001 derivado');
    await expect(desk.row('A-001')).toContainText('Puesto 2');
    await desk.settled();
    await desk.callButton('A-001').click({ force: true });
    await expect(desk.listError).toHaveText('Espera a otro puesto');
    await expect(desk.root).toHaveAttribute('data-next', 'A-002');
    await expect(other.root).toHaveAttribute('data-next', 'A-001');
    await other.press('n');
    await other.holds('A-001', 'llamado');
    await expect(other.page.locator('[data-service]')).toHaveText('Padrón y certificados');
    await expect(other.page.locator('[data-segment]')).toHaveText('2.ª etapa');
  });

  test('is sent on to a desk that closes meanwhile: the dialog says so and stays', async ({ office }) => {
    const client = await office.client();
    await client.take(1);
    const { page, wire } = await office.openWired('/desk?escritorio=1');
    const desk = await (await new Desk(page).ready()).sit();
    const other = await Desk.open(office, 2);
    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await desk.ask('t', 'transfer');
    await desk.dialog('transfer').getByRole('radio', { name: 'Puesto 2' }).check();
    wire.loseAnswers();
    await other.press('x');
    await other.stands('free');
    await desk.page.keyboard.press('Enter');
    await expect.poll(() => wire.sent.some((message) => message.includes('derivar'))).toBe(true);
    wire.cut();
    wire.mend();
    await expect(desk.dialog('transfer').locator('[data-dialog-error]')).toHaveAttribute('data-error-code', 'desk_closed', { timeout: 15_000 });
    await expect(desk.dialog('transfer')).toBeVisible();
    await desk.holds('A-001', 'llamado');
    await desk.page.keyboard.press('Escape');
    await desk.holds('A-001', 'llamado');
  });

  test('ends with an outcome and a note, or with neither by the same key', async ({ office }) => {
    const client = await office.client();
    await client.take(3);
    const desk = await Desk.open(office, 1);
    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await desk.ask('e', 'note');
    await desk.page.keyboard.type('Falta firma <b>aquí</b> 🙂');
    await desk.page.keyboard.press('Enter');
    await desk.page.keyboard.type('n: no es una orden');
    await desk.page.keyboard.press('Control+Enter');
    await expect(desk.dialog('note')).toBeHidden();
    await expect(desk.page.locator('[data-note]')).toHaveText('Falta firma <b>aquí</b> 🙂\nn: no es una orden');
    await expect(desk.page.locator('[data-note] *')).toHaveCount(0);

    await desk.ask('f', 'finish');
    await expect(desk.page.locator('[data-finish-note]')).toHaveValue(/^Falta firma/);
    await desk.page.keyboard.press('2');
    await desk.isFree();
    await expect(desk.dialog('finish')).toBeHidden();

    await desk.press('n');
    await desk.holds('A-002', 'llamado');
    await desk.press('i');
    await desk.holds('A-002', 'atendiendo');
    await desk.ask('n', 'finish');
    await desk.page.keyboard.press('n');
    await desk.holds('A-003', 'llamado');
    await desk.ask('f', 'finish');
    await desk.page.keyboard.press('f');
    await desk.isFree();
    await expect(desk.page.locator('[data-figure="served"] dd')).toHaveText('3');
  });

  for (const [lang, theme] of LANGUAGES.flatMap((one) => THEMES.map((other) => [one, other]))) {
    test(`is asked about in words that fit, ${lang}, ${theme}`, async ({ office }) => {
      const client = await office.client();
      await client.must('siguiente-ticket', { servicio: 'caja', nombre: 'محمد بن عبد الله 👩🏽‍⚕️ ' + 'Ñ'.repeat(100) });
      const page = await office.open(`/desk?escritorio=1&idioma=${lang}&tema=${theme}`, { viewport: { width: 1366, height: 768 } });
      const desk = await (await new Desk(page).ready()).sit();
      await desk.ask('p', 'pause');
      await looksRight(page, 'pause');
      await desk.page.keyboard.press('Escape');
      await desk.press('n');
      await desk.holds('A-001', 'llamado');
      await looksRight(page, 'a long name');
      await desk.ask('f', 'finish');
      await looksRight(page, 'finish');
    });
  }

  test('a double press of the key that asks finishes nothing', async ({ office }) => {
    const client = await office.client();
    await client.take(1);
    const desk = await Desk.open(office, 1);
    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await desk.press('f');
    await desk.page.keyboard.press('f');
    await desk.opened('finish');
    await desk.page.keyboard.press('Escape');
    await desk.holds('A-001', 'llamado');
  });
});

test.describe('what was done', () => {
  test('can be undone for a while, one command at a time, and is as it was', async ({ office }) => {
    const client = await office.client();
    await client.take(3);
    const desk = await Desk.open(office, 1);
    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await expect(desk.button('undo')).toContainText(/Deshacer \((10|9|8) s\)/);
    await desk.press('z');
    await desk.isFree();
    await expect(desk.message).toHaveText('Deshecho: A-001 está como antes');
    await desk.queues(['A-001', 'A-002', 'A-003']);
    await expect(desk.button('undo')).toBeHidden();
    await desk.press('z');
    await expect(desk.message).toHaveText('No hay nada que deshacer');

    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await desk.press('i');
    await desk.holds('A-001', 'atendiendo');
    await desk.ask('f', 'finish');
    await desk.page.keyboard.press('f');
    await desk.isFree();
    await desk.settled();
    await desk.button('undo').click();
    await desk.holds('A-001', 'atendiendo');
    await expect(desk.page.locator('[data-calls]')).toHaveText('1');
  });

  test.describe('with little time', () => {
    test.use({ settings: { ...WORKING, undo_within: 1500 } });

    test('cannot be undone any more when the time is over', async ({ office }) => {
      const client = await office.client();
      await client.take(1);
      const desk = await Desk.open(office, 1);
      await desk.press('n');
      await expect(desk.button('undo')).toBeVisible();
      await expect(desk.button('undo')).toBeHidden();
      await desk.press('z');
      await expect(desk.message).toHaveText('No hay nada que deshacer');
      await desk.holds('A-001', 'llamado');
    });
  });
});

test.describe('the lists', () => {
  test('bring back who was missed or cancelled', async ({ office }) => {
    const client = await office.client();
    await client.take(3);
    const desk = await Desk.open(office, 1);
    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await desk.press('a');
    await desk.isFree();
    await desk.sheet('A-003');
    await desk.page.keyboard.press('c');
    await expect(desk.dialog('sheet')).toBeHidden();
    await expect(desk.count('tickets')).toHaveText('1');
    await desk.press('3');
    await desk.queues(['A-003', 'A-001']);
    await expect(desk.row('A-001')).toContainText('Ausente');
    await expect(desk.row('A-003')).toContainText(/hasta las \d\d:\d\d/);
    await desk.settled();
    await desk.row('A-001').locator('[data-quick="reactivate"]').click();
    await expect(desk.message).toHaveText('A-001 espera otra vez');
    await desk.queues(['A-003']);
    await expect(desk.count('tickets')).toHaveText('2');
  });

  test('know who is booked, and who of them has come', async ({ office }) => {
    const client = await office.client();
    await client.must('siguiente-ticket', { servicio: 'padron', nombre: 'Rosa', cita: Date.now() + 3_600_000 });
    const desk = await Desk.open(office, 1);
    await expect(desk.count('tickets')).toHaveText('0');
    await desk.press('4');
    await desk.queues(['B-001']);
    await expect(desk.row('B-001').locator('.since')).toHaveText(/^\d\d:\d\d$/);
    await desk.settled();
    await desk.row('B-001').locator('[data-quick="checkIn"]').click();
    await desk.queues([]);
    await expect(desk.page.getByText('No quedan citas hoy')).toBeVisible();
    await desk.press('1');
    await desk.queues(['B-001']);
    await desk.press('n');
    await desk.holds('B-001', 'llamado');
  });

  test('are searched by code, name and service, and walked through by keyboard', async ({ office }) => {
    const client = await office.client();
    await client.take(1, { servicio: 'caja', nombre: 'José Núñez' });
    await client.take(1, { servicio: 'padron', nombre: 'Ana' });
    await client.take(2, { servicio: 'caja' });
    const desk = await Desk.open(office, 1);
    await desk.press('/');
    await desk.page.keyboard.type('nunez');
    await desk.queues(['A-001']);
    await expect(desk.count('tickets')).toHaveText('1');
    await desk.search.fill('certificados');
    await desk.queues(['B-001']);
    await desk.search.fill('a00');
    await desk.queues(['A-001', 'A-002', 'A-003']);

    await desk.page.keyboard.press('ArrowDown');
    await desk.page.keyboard.press('ArrowDown');
    await expect(desk.page.locator('[data-pick="A-002"]')).toBeFocused();
    await desk.page.keyboard.press('ArrowRight');
    await expect(desk.callButton('A-002')).toBeFocused();
    await desk.page.keyboard.press('ArrowLeft');
    await desk.page.keyboard.press('Enter');
    await desk.opened('sheet');
    await expect(desk.dialog('sheet').locator('[data-sheet-code]')).toHaveText('A-002');
    await desk.page.keyboard.press('Enter');
    await desk.holds('A-002', 'llamado');
    await expect(desk.dialog('sheet')).toBeHidden();
    // Whoever is somewhere in the list stays there when the row goes.
    await expect(desk.page.locator('[data-pick="A-003"]')).toBeFocused();
    await desk.press('i');
    await desk.holds('A-002', 'atendiendo');
  });

  test('no key acts while somebody writes', async ({ office }) => {
    const client = await office.client();
    await client.take(2);
    const desk = await Desk.open(office, 1);
    await desk.press('/');
    await desk.page.keyboard.type('nifrahdtezopx1234? ');
    await desk.isFree();
    await desk.stands('mine');
    await expect(desk.page.locator('dialog[open]')).toHaveCount(0);
    await desk.page.keyboard.press('Escape');
    await desk.press('n');
    await desk.holds('A-001', 'llamado');
    await desk.ask('e', 'note');
    await desk.page.keyboard.type('nifrahdtzopx1234?');
    await desk.page.keyboard.press('Escape');
    await desk.holds('A-001', 'llamado');
    await desk.stands('mine');
    await desk.page.locator('[data-filter]').focus();
    await desk.page.keyboard.press('f');
    await expect(desk.page.locator('dialog[open]')).toHaveCount(0);
    await desk.holds('A-001', 'llamado');
  });
});

test('a day that is closed by hand is said, and a day that goes on, too', async ({ office }) => {
  const client = await office.client();
  await client.take(1);
  const desk = await Desk.open(office, 1);
  const notice = desk.page.locator('[data-notice]');
  await expect(notice).toBeHidden();
  await client.must('entrar-puesto', { escritorio: 3 });
  await client.must('cerrar-jornada');
  await expect(notice).toHaveText('La jornada está cerrada: hoy no se dan más números ni se llama a nadie.');
  await desk.stands('free');
  await client.must('abrir-jornada');
  await expect(notice).toBeHidden();
  await desk.press('3');
  await desk.queues(['A-001']);
});

test('the day is closed and opened again from the desk, after a question', async ({ office }) => {
  const client = await office.client();
  await client.take(3);
  const desk = await Desk.open(office, 1);
  await desk.press('n');
  await desk.holds('A-001', 'llamado');
  await desk.press('i');
  await desk.holds('A-001', 'atendiendo');
  const day = desk.page.locator('[data-action="day"]');
  const ask = desk.dialog('day');
  await expect(day).toHaveText('Cerrar la jornada…');
  await desk.settled();
  await day.click();
  await desk.opened('day');
  await expect(ask).toContainText('Vencen 2 turnos que todavía no se atendieron. Se da por finalizado 1 que está en atención.');
  await looksRight(desk.page, 'closing the day');
  // Enter is on the way out.
  await desk.page.keyboard.press('Enter');
  await expect(ask).toBeHidden();
  await desk.holds('A-001', 'atendiendo');

  await day.click();
  await desk.opened('day');
  await ask.locator('[data-submit]').click();
  await expect(ask).toBeHidden();
  await expect(desk.page.locator('[data-notice]')).toHaveText('La jornada está cerrada: hoy no se dan más números ni se llama a nadie.');
  await desk.stands('free');
  await desk.isFree();
  await expect(client.must('siguiente-ticket', { servicio: 'caja' })).rejects.toThrow('closed');

  await expect(day).toHaveText('Abrir la jornada…');
  await desk.settled();
  await day.click();
  await desk.opened('day');
  await desk.page.keyboard.press('Enter');
  await expect(desk.page.locator('[data-notice]')).toBeHidden();
  await client.take(1);
});

test('a question about the day goes when another desk has answered it', async ({ office }) => {
  const client = await office.client();
  await client.must('entrar-puesto', { escritorio: 3 });
  const desk = await Desk.open(office, 1);
  await desk.page.locator('[data-action="day"]').click();
  await desk.opened('day');
  await client.must('cerrar-jornada');
  await expect(desk.dialog('day')).toBeHidden();
});

test('above the waiting ones stands how long it takes', async ({ office }) => {
  const client = await office.client();
  const desk = await Desk.open(office, 1);
  await expect(desk.page.locator('[data-waits]')).toBeHidden();
  await client.take(3);
  // Three before, five minutes each, one desk.
  await expect(desk.page.locator('[data-wait] .text')).toHaveText(/15\D+20\D+$/);
  await desk.press('2');
  await expect(desk.page.locator('[data-waits]')).toBeHidden();
});

test.describe('two branches', () => {
  test.use({ settings: { branches: [{ id: 1, ...WORKING, name: 'Centro' }, { id: 2, ...WORKING, name: 'Norte' }] } });

  test('are told apart by the address, and one that does not exist is said', async ({ office }) => {
    const client = await office.client();
    await client.take(1);
    const north = await (await new Desk(await office.open('/desk?escritorio=1&sucursal=2')).ready()).sit();
    await expect(north.page.locator('[data-branch]')).toHaveText('Norte');
    await expect(north.count('tickets')).toHaveText('0');
    const centre = await Desk.look(office, 1);
    await expect(centre.page.locator('[data-branch]')).toHaveText('Centro');
    await centre.stands('free');
    await expect(centre.count('tickets')).toHaveText('1');
    const nowhere = await office.open('/desk?sucursal=9');
    await expect(nowhere.locator('[data-choose-error]')).toHaveText('Esa sucursal no existe.');
  });
});

test.describe('an office that does not open', () => {
  test.use({ settings: { ...WITHOUT_CLASSES, hours: onlyOn('sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat') } });

  test('is closed, and says when it opens', async ({ office }) => {
    const desk = await Desk.open(office, 1);
    await expect(desk.page.locator('[data-notice]')).toContainText('La oficina está cerrada y no da números hasta:');
  });
});

/** Open for a minute, on the weekday that is farthest away. @param {...string} days  Sunday first */
function onlyOn(...days) {
  return { [days[(new Date().getUTCDay() + 4) % 7] ?? 'mon']: [['03:00', '03:01']] };
}

test('who may not close the day or write on the displays is not offered it', async ({ office }) => {
  const agent = await office.user('Luis Ortega');
  const page = await office.open('/desk?escritorio=2', { as: agent });
  await expect(page.locator('#desk')).toHaveAttribute('data-state', 'live');
  await expect(page.locator('[data-office-line]')).not.toBeEmpty();
  await expect(page.locator('[data-action="day"]')).toBeHidden();
  await page.locator('[data-action="talk"]').click();
  await expect(page.locator('[data-talk-text]')).toBeVisible();
  await expect(page.locator('[data-ticker-form]')).toBeHidden();
  await office.rest('put', '/ticker', { mensaje: 'Hoy cerramos a las 14 h' });
  await expect(page.locator('[data-ticker-shown]')).toHaveText('Hoy cerramos a las 14 h');
  await expect(page.locator('[data-ticker-clear], [data-ticker-input]').filter({ visible: true })).toHaveCount(0);

  const supervisor = await office.open('/desk?escritorio=1');
  await expect(supervisor.locator('[data-action="day"]')).toBeVisible();
});
