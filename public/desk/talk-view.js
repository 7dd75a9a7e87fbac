// What the message panel shows: who is here, notes, the conversation.

import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { clock } from '../lib/time.js';

/** @typedef {import('./talk.js').Talk} Talk */

/** So near to its end, in pixels, the conversation follows what comes. */
const AT_END = 40;

/**
 * @typedef {object} Hands  what its buttons do
 * @property {(person: string) => void} choose
 * @property {(to: {id: string, name: string}) => void} write
 * @property {(note: string) => void} read
 * @property {() => string|undefined} zone  of the branch
 */

export class TalkView {
  #i18n;
  #hands;

  /** @param {import('../lib/i18n.js').I18n} i18n @param {Hands} hands */
  constructor(i18n, hands) {
    this.#i18n = i18n;
    this.#hands = hands;
  }

  /** @param {Talk} talk @param {import('./users.js').Users} users */
  people({ people, to }, users) {
    find('[data-talk-alone]').hidden = people.length > 0;
    keyed(find('[data-talk-people]'), people, (person) => person.id, (person) => el('li', {}, el('button', { type: 'button', class: 'talk-person', 'data-person-id': person.id, onclick: () => this.#hands.choose(person.id) }, el('span'))), (node, person) => {
      const button = find('button', node);
      setText(find('span', node), person.nombre);
      setAttribute(button, 'title', this.#i18n.t('talk.reply', { name: person.nombre }));
      setAttribute(button, 'aria-pressed', String(to?.id === person.id));
    });
    const field = find('[data-talk-user-field]');
    field.hidden = users.fixed || users.list.length === 0;
    const select = /** @type {HTMLSelectElement} */ (find('[data-talk-user]'));
    options(select, [{ id: '', name: this.#i18n.t('talk.user.none') }, ...users.list.map(({ id, nombre }) => ({ id, name: nombre }))], users.me ?? '');
  }

  /** @param {Talk} talk @param {boolean} ready */
  notes({ notes }, ready) {
    find('[data-talk-notes]').hidden = notes.length === 0;
    setText(find('[data-talk-notes-count]'), notes.length);
    keyed(find('[data-talk-notes-list]'), notes, (note) => note.id, (note) => el('li', { 'data-note': note.id },
      el('p', { class: 'by' }, el('strong'), el('time')), el('p', { class: 'subject' }), el('p', { class: 'said' }), el('button', { type: 'button', class: 'ghost', onclick: () => this.#hands.read(note.id) })), (node, note) => {
      setText(find('strong', node), this.#i18n.t('talk.note.from', { name: note.from }));
      setText(find('time', node), this.#clock(note.fecha));
      setText(find('.subject', node), note.asunto ?? '');
      find('.subject', node).hidden = !note.asunto;
      setText(find('.said', node), note.mensaje);
      const button = find('button', node);
      setText(button, this.#i18n.t('talk.note.read'));
      setAttribute(button, 'aria-label', this.#i18n.t('talk.note.readThis', { name: note.from }));
      setAttribute(button, 'aria-disabled', ready ? null : 'true');
    });
  }

  /** @param {Talk} talk */
  lines({ lines }) {
    const log = find('[data-talk-log]');
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < AT_END;
    find('[data-talk-empty]').hidden = lines.length > 0;
    keyed(find('[data-talk-lines]'), lines, (line) => line.key, (line) => (line.kind === 'message' ? this.#bubble(line) : el('li', { class: 'quiet' })), (node, line) => {
      node.dataset.kind = line.kind;
      if (line.kind !== 'message') return setText(node, `${this.#i18n.t(`talk.line.${line.kind}`, { name: line.name })} · ${this.#clock(line.at)}`);
      node.dataset.reach = line.reach;
      setAttribute(node, 'data-own', line.own);
      const name = find('.name', node);
      setText(name, !line.own ? line.name : line.reach === 'private' ? this.#i18n.t('talk.you.to', { name: line.name }) : this.#i18n.t('talk.you'));
      if (line.from) setAttribute(name, 'title', this.#i18n.t('talk.reply', { name: line.name }));
      setText(find('time', node), this.#clock(line.at));
      const reach = find('.reach', node);
      reach.hidden = line.reach === 'room';
      if (line.reach !== 'room') setText(reach, this.#i18n.t(`talk.reach.${line.reach}`));
      setText(find('.said', node), line.text);
    });
    if (atEnd) log.scrollTop = log.scrollHeight;
  }

  /** @param {import('./talk.js').SpokenLine} line */
  #bubble({ from, name }) {
    const who = from ? el('button', { type: 'button', class: 'name', onclick: () => this.#hands.write({ id: from, name }) }) : el('span', { class: 'name' });
    return el('li', { class: 'bubble' }, el('p', { class: 'by' }, who, el('span', { class: 'chip reach' }), el('time')), el('p', { class: 'said' }));
  }

  /** @param {number} at */
  #clock(at) {
    return clock(at, this.#i18n.lang, this.#hands.zone());
  }
}

/** @param {HTMLSelectElement} select @param {Array<{id: string, name: string}>} choices @param {string} chosen */
export function options(select, choices, chosen) {
  keyed(select, choices, (choice) => choice.id, (choice) => el('option', { value: choice.id }), (node, choice) => setText(node, choice.name));
  if (select.value !== chosen) select.value = chosen;
}
