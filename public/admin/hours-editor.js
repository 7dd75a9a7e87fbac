// A week's opening hours as one types them: a line a day, spans in it, one day copied to the others.

import { el } from '../lib/dom.js';
import { mark } from '../lib/forms.js';
import { weekdayText } from './days.js';
import { button, iconButton } from './parts.js';
import { DAYS, nextSpan, readTime, wrongSpan } from './spans.js';

/** @typedef {import('./admin.js').Admin} Admin */
/** @typedef {import('./spans.js').Span} Span */

/** @param {Admin} admin @param {string} place  of the week in the settings */
export function weekEditor(admin, place) {
  const { t, i18n } = admin;
  const frame = el('div', { class: 'week', 'data-place': place });
  const draw = () => frame.replaceChildren(...DAYS.map((day, at) => {
    const title = weekdayText(at + 1, i18n.lang);
    const copy = at === 0 ? [button(t('hours.copy'), { class: 'plain small', 'data-copy': place, onclick: () => {
      const spans = admin.settings.at(`${place}.${day}`) ?? [];
      for (const other of DAYS.slice(1, 5)) admin.settings.set(`${place}.${other}`, structuredClone(spans));
      draw();
    } })] : [];
    return el('div', { class: 'day', 'data-day': day }, el('strong', { class: 'day-name' }, title), spansEditor(admin, `${place}.${day}`, title), ...copy);
  }));
  draw();
  return frame;
}

/** @param {Admin} admin @param {string} place  of a list of spans @param {string} title  what they are of */
export function spansEditor(admin, place, title) {
  const { t, settings } = admin;
  const frame = el('div', { class: 'spans ask', 'data-place': place });
  /** @type {HTMLInputElement[]} */ let inputs = [];
  const check = () => {
    const spans = settings.at(place) ?? [];
    const wrong = wrongSpan(spans);
    inputs.forEach((input, at) => {
      const why = readTime(input.value) === null ? t('hours.wrong') : wrong !== null && at === wrong * 2 + 1 ? t('hours.order') : '';
      input.setCustomValidity(why);
      mark(input, why);
    });
  };
  const draw = () => {
    /** @type {Span[]} */ const spans = settings.at(place) ?? [];
    inputs = [];
    frame.replaceChildren(...(spans.length ? [] : [el('span', { class: 'closed' }, t('hours.closed'))]), ...spans.map((span, at) => {
      const [from, before] = [0, 1].map((side) => {
        const input = el('input', { class: 'time', inputmode: 'numeric', maxlength: 5, autocomplete: 'off', 'aria-label': t(side ? 'hours.to' : 'hours.from', { day: title }), 'data-place': `${place}[${at}][${side}]`, onchange: () => {
          const time = readTime(input.value);
          if (time) {
            input.value = time;
            settings.set(`${place}[${at}][${side}]`, time);
          }
          check();
        } });
        input.value = span[side] ?? '';
        inputs.push(input);
        return input;
      });
      return el('span', { class: 'span' }, /** @type {Node} */ (from), el('span', { 'aria-hidden': 'true' }, '–'), /** @type {Node} */ (before), iconButton('remove', t('hours.remove', { day: title, from: span[0], to: span[1] }), { onclick: () => {
        settings.set(place, spans.filter((_, other) => other !== at));
        draw();
        frame.querySelector('button')?.focus();
      } }));
    }), iconButton('plus', t('hours.add', { day: title }), { 'data-add-span': place, onclick: () => {
      settings.set(place, [...spans, nextSpan(spans)]);
      draw();
      inputs.at(-2)?.focus();
    } }));
  };
  draw();
  return frame;
}
