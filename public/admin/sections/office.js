// The branch itself: name, zone, languages, numbers, and who may use its screens.

import { el } from '../../lib/dom.js';
import { field, tick } from '../../lib/forms.js';
import { ENDONYMS, LANGUAGES } from '../../lib/i18n.js';
import { timeZones } from '../../setup/office.js';
import { button, card, choiceSetting, heading, numberSetting, textSetting, tickSetting } from '../parts.js';

/** @param {import('../admin.js').Admin} admin */
export function build(admin) {
  const { t, settings } = admin;
  return [
    heading(t('section.office'), t('office.lead')),
    card(t('office.about'), {}, el('div', { class: 'asks' },
      textSetting(admin, 'name', t('office.name'), { required: true, wide: true }),
      choiceSetting(admin, 'time_zone', t('setup.zone'), timeZones(settings.at('time_zone')).map((zone) => [zone, zone.replaceAll('_', ' ')]), { hint: t('office.zone.hint') }),
      languages(admin),
      cutOver(admin))),
    card(t('office.numbers'), {}, el('div', { class: 'asks' }, numberSetting(admin, 'padding', t('office.padding'), { min: 1, max: 6, unit: t('unit.digits'), hint: t('office.padding.hint') })),
      tickSetting(admin, 'names_on_display', t('office.names'), { hint: t('office.names.hint') }),
      tickSetting(admin, 'follow_on_phone', t('office.phone'), { otherwise: true, hint: t('office.phone.hint') })),
    card(t('office.screens'), { text: t('office.screens.text') }, el('div', { class: 'asks' }, choiceSetting(admin, 'screens', t('setup.screens'), [['paired', t('setup.screens.paired')], ['open_on_local_network', t('setup.screens.open')]], { otherwise: 'paired', hint: t('setup.screens.hint') })),
      tickSetting(admin, 'private_hooks', t('office.hooks'), { hint: t('office.hooks.hint') })),
    card(t('office.file'), { text: t('office.file.text'), actions: [button(t('office.file.save'), { icon: 'download', onclick: () => save(admin) }), load(admin)] }),
  ];
}

/** The first one is the office's own. @param {import('../admin.js').Admin} admin */
function languages(admin) {
  const { t, settings } = admin;
  /** @type {string[]} */ const now = settings.at('languages');
  const first = el('select', { onchange: () => settings.set('languages', [first.value, ...settings.at('languages').filter((/** @type {string} */ lang) => lang !== first.value)]) },
    ...LANGUAGES.map((lang) => el('option', { value: lang }, ENDONYMS[lang] ?? lang)));
  first.value = now[0] ?? 'es';
  const both = el('input', { onchange: () => settings.set('languages', [first.value, ...(both.checked ? LANGUAGES.filter((lang) => lang !== first.value) : [])]) });
  both.checked = now.length > 1;
  first.addEventListener('change', () => both.dispatchEvent(new Event('change')));
  return el('div', { class: 'ask' }, field(t('office.language'), first, { place: 'languages' }), tick(t('office.language.both'), both));
}

/** Minutes of the day as a time on the wall. @param {import('../admin.js').Admin} admin */
function cutOver(admin) {
  const { t, settings } = admin;
  const minutes = settings.at('cut_over') ?? 0;
  const input = el('input', { type: 'time', required: true, onchange: () => {
    const [hours = 0, rest = 0] = input.value.split(':').map(Number);
    if (input.value) settings.set('cut_over', hours * 60 + rest);
  } });
  input.value = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return field(t('office.turn'), input, { place: 'cut_over', hint: t('office.turn.hint') });
}

/** @param {import('../admin.js').Admin} admin */
function save(admin) {
  const link = el('a', { download: `${admin.branch.nombre.replace(/[^\p{L}\p{N}]+/gu, '-')}.json`, href: URL.createObjectURL(new Blob([`${JSON.stringify(admin.settings.mine, null, 2)}\n`], { type: 'application/json' })) });
  link.click();
  URL.revokeObjectURL(link.href);
}

/** What is in a file becomes the draft: it is looked at, and saved or discarded as any other change. @param {import('../admin.js').Admin} admin */
function load(admin) {
  const { t, settings } = admin;
  const input = el('input', { type: 'file', accept: '.json,application/json', hidden: true, onchange: async () => {
    const [file] = input.files ?? [];
    if (!file) return;
    try {
      const found = JSON.parse(await file.text());
      if (typeof found !== 'object' || !found || !Array.isArray(found.services)) throw new Error('not settings');
      delete found.id;
      settings.restore({ ...settings.base, ...found });
      await admin.redraw();
      admin.say(t('office.file.loaded'));
    } catch {
      admin.say(t('office.file.wrong'), { bad: true });
    }
  } });
  return el('span', {}, input, button(t('office.file.load'), { onclick: () => input.click() }));
}
