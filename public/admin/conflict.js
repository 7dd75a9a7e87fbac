// Two people change the settings at once: who saved first is told to who comes second, with what it was; nothing is overwritten unseen.

import { el } from '../lib/dom.js';
import { clock, date } from '../lib/time.js';
import { openWindow } from '../lib/window.js';
import { button } from './parts.js';

/** @param {import('./admin.js').Admin} admin @param {() => void} settled */
export async function showConflict(admin, settled) {
  const { t, i18n, settings } = admin;
  /** @type {import('./settings.js').Conflict} */ let found;
  try {
    found = await settings.conflict();
  } catch (error) {
    return admin.fail(error);
  }
  const { by } = found;
  const who = by ? t('conflict.by', { name: by.name ?? t('audit.who.nobody'), date: date(by.at, i18n.lang, admin.zone), time: clock(by.at, i18n.lang, admin.zone) }) : t('conflict.somebody');
  const decide = (/** @type {boolean} */ keep) => {
    settings.settle(found, keep);
    node.shut();
    settled();
    admin.say(t(keep ? 'conflict.kept' : 'conflict.taken'));
  };
  const node = openWindow({ name: 'conflict', title: t('conflict.title'), text: who, close: t('window.close') },
    el('div', {}, el('h3', {}, t('conflict.theirs')), differenceList(admin, found.changes)),
    ...(found.clashes.length ? [el('div', { class: 'note care' }, el('h3', {}, t('conflict.both')), differenceList(admin, found.clashes))] : []),
    el('div', { class: 'foot' }, button(t('conflict.drop'), { class: 'danger', 'data-conflict': 'drop', onclick: () => decide(false) }), button(t('conflict.keep'), { class: 'main', 'data-conflict': 'keep', onclick: () => decide(true) })));
}

/** @param {import('./admin.js').Admin} admin @param {import('./draft.js').Difference[]} differences */
export function differenceList(admin, differences) {
  const { t } = admin;
  return el('ul', { class: 'differences' }, ...differences.map(({ key, what, item }) => el('li', {}, el('strong', {}, t(`setting.${key}`)), ' ',
    item ? t(`difference.${what}`, { name: admin.name(item.name) || item.date || item.slug || String(item.id ?? '') }) : t(`difference.${what}.whole`))));
}
