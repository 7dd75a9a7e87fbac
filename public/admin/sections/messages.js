// What the office says: the line on its displays, and a message or a note to the staff.

import { el, setText } from '../../lib/dom.js';
import { choice, complete, field, submit } from '../../lib/forms.js';
import { get, Once, post, put, remove } from '../../lib/rest.js';
import { clock, date } from '../../lib/time.js';
import { button, card, heading } from '../parts.js';

/** @typedef {import('../admin.js').Admin} Admin */

const TICKER_LIMIT = 300;
const MESSAGE_LIMIT = 2000;

/** @param {Admin} admin @param {AbortSignal} signal */
export async function build(admin, signal) {
  const { t } = admin;
  const query = `?sucursal=${admin.branch.id}`;
  const [ticker, users] = await Promise.all([get(`/ticker${query}`, { signal }), admin.users().catch(() => [])]);
  return [heading(t('section.messages'), t('messages.lead')), tickerCard(admin, query, ticker), messageCard(admin, query), ...(users.length ? [noteCard(admin, users)] : [])];
}

/** @param {Admin} admin @param {string} query @param {{mensaje: string|null, fecha: number|null}} ticker */
function tickerCard(admin, query, ticker) {
  const { t, i18n } = admin;
  let { mensaje, fecha } = ticker;
  const text = el('textarea', { maxlength: TICKER_LIMIT, rows: 2, required: true, 'data-ticker': '', onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === 'Enter' && event.preventDefault(), oninput: () => render() });
  const state = el('p', { class: 'quiet', role: 'status' });
  const down = button(t('wall.down'), { class: 'danger', 'data-do': 'ticker-down', onclick: async () => {
    const before = mensaje ?? '';
    if (!(await admin.attempt(() => remove(`/ticker${query}`)))) return;
    [mensaje, fecha] = [null, null];
    text.value = '';
    render();
    admin.say(t('wall.gone'), { undo: () => void set(before) });
  } });
  const set = async (/** @type {string} */ wish) => {
    const done = await submit(form, i18n, async () => ({ mensaje, fecha } = await put(`/ticker${query}`, { mensaje: wish })));
    if (!done) return;
    text.value = mensaje ?? '';
    render();
  };
  const form = el('form', { class: 'stack', novalidate: true, onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    text.value = text.value.replace(/\s+/g, ' ').trim();
    if (complete(form, i18n)) void set(text.value);
  } }, el('p', { class: 'note bad', role: 'alert', 'data-form-error': '', hidden: true }), field(t('wall.text'), text, { place: 'mensaje', hint: t('wall.hint') }), state, el('div', { class: 'row' }, el('button', { type: 'submit', class: 'btn main' }, t('wall.up')), down));
  const render = () => {
    down.hidden = mensaje === null;
    setText(state, mensaje === null ? t('wall.none') : t('wall.now', { text: mensaje, date: date(fecha ?? 0, i18n.lang, admin.zone), time: clock(fecha ?? 0, i18n.lang, admin.zone) }));
  };
  text.value = mensaje ?? '';
  render();
  return card(t('wall.title'), {}, form);
}

/** @param {Admin} admin @param {string} query */
function messageCard(admin, query) {
  const { t, i18n, session } = admin;
  const once = new Once();
  const text = el('textarea', { maxlength: MESSAGE_LIMIT, required: true, 'data-message': '' });
  const to = choice([['personal', t('messages.staff')], ['', t('messages.everybody')]], 'personal');
  const form = el('form', { class: 'stack', novalidate: true, onsubmit: async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!complete(form, i18n)) return;
    const body = { mensaje: text.value.trim(), ...(to.value ? { sala: to.value } : {}), ...(session.usuario ? { de: session.usuario.id } : {}) };
    if (!(await submit(form, i18n, () => post(`/messages${query}`, body, { key: once.keyFor(body) })))) return;
    once.done();
    form.reset();
    admin.say(t('messages.sent'));
  } }, el('p', { class: 'note bad', role: 'alert', 'data-form-error': '', hidden: true }), field(t('messages.to'), to), field(t('messages.text'), text, { place: 'mensaje', hint: t('messages.hint') }), el('div', {}, el('button', { type: 'submit', class: 'btn main' }, t('messages.send'))));
  return card(t('messages.title'), {}, form);
}

/** @param {Admin} admin @param {Array<{id: string, nombre: string}>} users */
function noteCard(admin, users) {
  const { t, i18n, session } = admin;
  const once = new Once();
  const to = choice([['', t('notes.choose')], .../** @type {Array<[string, string]>} */ (users.map(({ id, nombre }) => [id, nombre]))], '', { required: true });
  const subject = el('input', { maxlength: 200, autocomplete: 'off' });
  const text = el('textarea', { maxlength: MESSAGE_LIMIT, required: true });
  const form = el('form', { class: 'stack', novalidate: true, onsubmit: async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!complete(form, i18n)) return;
    const body = { from: session.usuario?.nombre ?? t('section.messages'), ...(subject.value.trim() ? { asunto: subject.value.trim() } : {}), mensaje: text.value.trim() };
    if (!(await submit(form, i18n, () => post(`/users/${to.value}/notes`, body, { key: once.keyFor([to.value, body]) })))) return;
    once.done();
    form.reset();
    admin.say(t('notes.sent'));
  } }, el('p', { class: 'note bad', role: 'alert', 'data-form-error': '', hidden: true }), el('div', { class: 'asks' }, field(t('notes.to'), to), field(t('notes.subject'), subject, { place: 'asunto' })), field(t('messages.text'), text, { place: 'mensaje' }), el('div', {}, el('button', { type: 'submit', class: 'btn main' }, t('notes.send'))));
  return card(t('notes.title'), { text: t('notes.text') }, form);
}
