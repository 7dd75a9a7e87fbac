// Dialogs about one ticket: where to put it back, where to send it on, how it ended, what to note.

import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { nameIn } from '../lib/i18n.js';
import { toneOf } from '../lib/page.js';
import { Dialog, walk } from './dialog.js';

/** @typedef {import('./workplace.js').Workplace} Workplace */
/** @typedef {import('./commands.js').Commands} Commands */
/** @typedef {import('./commands.js').Subject} Subject */

export const NOTE_LIMIT = 2000;
const COUNT_FROM = 0.8;

/** Where should this person wait? */
export class BackDialog {
  /** @type {Dialog} */ #dialog;
  #commands;
  /** @type {Subject|null} */ #subject = null;

  /** @param {Workplace} work @param {() => Commands} commands */
  constructor(work, commands) {
    this.#commands = commands;
    this.#dialog = new Dialog('back', work, (key, event) => this.#key(key, event));
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.#dialog.node.querySelectorAll('[data-place]'))) {
      button.addEventListener('click', () => this.#put(button.dataset.place ?? 'final'));
    }
    find('[data-behind]').addEventListener('submit', (event) => {
      event.preventDefault();
      const count = Math.round(Number(/** @type {HTMLInputElement} */ (find('[data-behind-count]')).value));
      if (count >= 1) this.#put({ despues: count });
    });
  }

  /** @param {Subject} subject */
  open(subject) {
    this.#subject = subject;
    setText(find('[data-dialog-code]', this.#dialog.node), subject.codigo);
    this.#dialog.open();
    find('[data-place="llegada"]').focus();
  }

  render() {
    this.#dialog.render();
  }

  /** @param {string} key @param {KeyboardEvent} event @returns {boolean} */
  #key(key, event) {
    const place = { 1: 'llegada', 2: 'inicio', 3: 'final' }[key];
    if (place) return this.#put(place), true;
    if (key !== '4') return walk(find('.options', this.#dialog.node), event);
    const count = /** @type {HTMLInputElement} */ (find('[data-behind-count]'));
    count.focus();
    count.select();
    return true;
  }

  /** @param {string|{despues: number}} place */
  #put(place) {
    if (this.#subject && this.#dialog.ready) void this.#dialog.follow(this.#commands().putBack(this.#subject, place));
  }
}

/** To another service, to one desk, or both. */
export class TransferDialog {
  #dialog;
  #work;
  /** @type {Subject|null} */ #subject = null;

  /** @param {Workplace} work @param {() => Commands} commands */
  constructor(work, commands) {
    this.#work = work;
    this.#dialog = new Dialog('transfer', work);
    find('[data-transfer]').addEventListener('submit', (event) => {
      event.preventDefault();
      const where = this.#where();
      if (this.#subject && where && this.#dialog.ready) void this.#dialog.follow(commands().transfer(this.#subject, where));
    });
    find('[data-transfer]').addEventListener('change', () => this.render());
  }

  /** @param {Subject} subject */
  open(subject) {
    this.#subject = subject;
    setText(find('[data-dialog-code]', this.#dialog.node), subject.codigo);
    /** @type {HTMLFormElement} */ (find('[data-transfer]')).reset();
    this.#dialog.open();
    this.render();
    /** @type {HTMLInputElement|null} */ (this.#dialog.node.querySelector('[data-transfer-services] :checked'))?.focus();
  }

  render() {
    const { board, i18n, mine } = this.#work;
    if (!this.#dialog.node.open || !board || !this.#subject) return;
    const own = this.#subject.servicio;
    const services = [...board.servicios].sort((a, b) => Number(b.id === own) - Number(a.id === own));
    radios(find('[data-transfer-services]'), 'servicio', services.map((service) => ({
      value: service.id, text: nameIn(service.nombre, i18n.lang), note: service.id === own ? i18n.t('desk.transfer.same') : service.abierto === false ? i18n.t('desk.closed.short') : '',
      badge: service.prefijo, tone: toneOf(board, service.id), disabled: service.abierto === false && service.id !== own,
    })));
    radios(find('[data-transfer-desks]'), 'puesto', [{ value: '', text: i18n.t('desk.transfer.any'), note: '' }, ...board.escritorios.map((desk) => ({
      value: String(desk.id), text: nameIn(desk.nombre, i18n.lang), note: desk.id === mine ? i18n.t('desk.transfer.here') : desk.estado === 'cerrado' ? i18n.t('desk.closed.short') : desk.estado === 'pausado' ? i18n.t('desk.paused') : '',
      disabled: desk.estado === 'cerrado',
    }))]);
    radios(find('[data-transfer-places]'), 'posicion', ['llegada', 'inicio', 'final'].map((value) => ({ value, text: i18n.t(`desk.place.${{ llegada: 'arrival', inicio: 'first', final: 'last' }[value]}`), note: '' })));
    this.#dialog.render();
    setAttribute(find('[data-submit]', this.#dialog.node), 'aria-disabled', this.#where() && !this.#work.orders.busy ? null : 'true');
  }

  /** Null where it would change nothing. */
  #where() {
    const choice = new FormData(/** @type {HTMLFormElement} */ (find('[data-transfer]')));
    const service = String(choice.get('servicio') ?? '');
    const desk = Number(choice.get('puesto') || 0);
    if ((!service || service === this.#subject?.servicio) && desk === (this.#subject?.para ?? 0)) return null;
    return { ...(service && service !== this.#subject?.servicio ? { servicio: service } : {}), ...(desk ? { a: desk } : {}), posicion: String(choice.get('posicion') ?? 'llegada') };
  }
}

/** How did it end? Pressing the same key again says nothing of it. */
export class FinishDialog {
  #dialog;
  #work;
  #commands;
  #note = /** @type {HTMLTextAreaElement} */ (find('[data-finish-note]'));
  #andNext = false;

  /** @param {Workplace} work @param {() => Commands} commands */
  constructor(work, commands) {
    this.#work = work;
    this.#commands = commands;
    this.#dialog = new Dialog('finish', work, (key, event) => this.#key(key, event));
    find('[data-finish-plain]').addEventListener('click', () => this.#finish(null));
    this.#note.addEventListener('input', () => this.render());
  }

  /** @param {Subject} subject @param {boolean} andNext */
  open(subject, andNext) {
    this.#andNext = andNext;
    setText(find('[data-dialog-code]', this.#dialog.node), subject.codigo);
    this.#note.value = subject.nota ?? '';
    this.#dialog.open();
    this.render();
    /** @type {HTMLElement|null} */ (this.#dialog.node.querySelector('[data-outcomes] button'))?.focus();
  }

  render() {
    const { board, i18n } = this.#work;
    if (!this.#dialog.node.open || !board) return;
    setText(find('[data-finish-title]'), i18n.t(this.#andNext ? 'desk.do.finishNext' : 'desk.do.finish'));
    setText(find('[data-finish-key]'), this.#andNext ? 'N' : 'F');
    words(find('[data-outcomes]'), board.sucursal.resultados ?? [], i18n.lang, (id) => this.#finish(id));
    counted(find('[data-finish-count]'), this.#note, i18n);
    this.#dialog.render();
  }

  /** @param {string} key @param {KeyboardEvent} event */
  #key(key, event) {
    if (key === (this.#andNext ? 'N' : 'F')) return this.#finish(null), true;
    const word = this.#work.board?.sucursal.resultados?.[Number(key) - 1];
    if (word) return this.#finish(word.id), true;
    return walk(find('[data-outcomes]'), event);
  }

  /** @param {string|null} outcome */
  #finish(outcome) {
    const note = this.#note.value.trim();
    if (!this.#dialog.ready || [...note].length > NOTE_LIMIT) return;
    void this.#dialog.follow(this.#commands().finish({ andNext: this.#andNext, outcome, note, place: 'dialog' }));
  }
}

/** A note for the staff. */
export class NoteDialog {
  #dialog;
  #work;
  #commands;
  #text = /** @type {HTMLTextAreaElement} */ (find('[data-note-text]'));
  /** @type {Subject|null} */ #subject = null;

  /** @param {Workplace} work @param {() => Commands} commands */
  constructor(work, commands) {
    this.#work = work;
    this.#commands = commands;
    this.#dialog = new Dialog('note', work);
    this.#text.addEventListener('input', () => this.render());
    this.#text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.repeat) return;
      event.preventDefault();
      this.#save();
    });
    find('[data-note-form]').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#save();
    });
  }

  /** @param {Subject} subject */
  open(subject) {
    this.#subject = subject;
    setText(find('[data-dialog-code]', this.#dialog.node), subject.codigo);
    this.#text.value = subject.nota ?? '';
    this.#dialog.open();
    this.render();
    this.#text.focus();
    this.#text.setSelectionRange(this.#text.value.length, this.#text.value.length);
  }

  render() {
    if (!this.#dialog.node.open) return;
    counted(find('[data-note-count]'), this.#text, this.#work.i18n);
    this.#dialog.render();
  }

  #save() {
    const text = this.#text.value.trim();
    if (this.#subject && this.#dialog.ready && [...text].length <= NOTE_LIMIT) void this.#dialog.follow(this.#commands().note(this.#subject, text));
  }
}

/** Numbered choices. @param {HTMLElement} parent @param {import('../lib/types.js').Word[]} all @param {string} lang @param {(id: string) => void} choose */
export function words(parent, all, lang, choose) {
  keyed(parent, all, (word) => word.id, (word) => el('button', { type: 'button', 'data-word': word.id, onclick: () => choose(word.id) }, el('kbd'), el('span', { dir: 'auto' })), (node, word, index) => {
    find('kbd', node).hidden = index > 8;
    setText(find('kbd', node), index + 1);
    setText(find('span', node), nameIn(word.nombre, lang));
  });
}

/** The counter appears when the end of what fits comes near. @param {HTMLElement} place @param {HTMLTextAreaElement} text @param {import('../lib/i18n.js').I18n} i18n */
function counted(place, text, i18n) {
  const count = [...text.value.trim()].length;
  setAttribute(text, 'aria-invalid', count > NOTE_LIMIT ? 'true' : null);
  place.dataset.long = String(count > NOTE_LIMIT);
  place.hidden = count < NOTE_LIMIT * COUNT_FROM;
  setText(place, place.hidden ? '' : i18n.t(count > NOTE_LIMIT ? 'talk.why.long' : 'talk.count', { count, max: NOTE_LIMIT }));
}

/**
 * @param {HTMLElement} parent @param {string} name
 * @param {Array<{value: string, text: string, note: string, badge?: string, tone?: string, disabled?: boolean}>} choices  the first one is chosen to begin with
 */
function radios(parent, name, choices) {
  keyed(parent, choices, (choice) => `${name} ${choice.value}`, (choice) => el('label', {},
    el('input', { type: 'radio', name, value: choice.value }), el('span', { class: 'badge' }), el('span', { class: 'text' }), el('span', { class: 'hint' })), (node, choice) => {
    const input = /** @type {HTMLInputElement} */ (find('input', node));
    input.disabled = Boolean(choice.disabled);
    const badge = find('.badge', node);
    badge.hidden = !choice.badge;
    badge.dataset.tone = choice.tone ?? '';
    setText(badge, choice.badge ?? '');
    setText(find('.text', node), choice.text);
    setText(find('.hint', node), choice.note);
  });
  const inputs = /** @type {HTMLInputElement[]} */ ([...parent.querySelectorAll('input')]);
  if (inputs[0] && !inputs.some((input) => input.checked)) inputs[0].checked = true;
}
