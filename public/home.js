// Home: the doors to the other pages, and how the branch is doing now.
// For tests: `.link-pill[data-link]` is the link's state, `[data-waiting]` the number of people waiting.

import { el, find, keyed, setAttribute, setText } from './lib/dom.js';
import { I18n, nameIn } from './lib/i18n.js';
import { Live } from './lib/live.js';
import { keepChoices, languageSwitch, toneOf } from './lib/page.js';

const i18n = await new I18n().load();
const live = new Live({ join: ['entrar-pantalla', {}], idioma: () => i18n.lang });

languageSwitch(i18n);
keepChoices(document);
live.subscribe(render);
i18n.onChange(() => render(live.state));

/** @param {import('./lib/live.js').LiveState} state */
function render({ link, board }) {
  const pill = find('.link-pill');
  pill.dataset.link = link;
  setText(find('[data-link-text]'), i18n.t(`link.${link}`));
  if (!board) return;
  i18n.branch(board.sucursal.idiomas);
  setText(find('[data-branch]'), board.sucursal.nombre);
  setAttribute(find('[data-now]'), 'hidden', link !== 'live');
  setText(find('[data-waiting]'), new Intl.NumberFormat(i18n.lang).format(board.esperando));
  setText(find('[data-waiting-text]'), i18n.t('home.waiting', { n: board.esperando }));
  keyed(
    find('[data-services]'),
    board.servicios,
    (service) => service.id,
    () => el('li', {}, el('span', { class: 'badge' }), el('span', { class: 'name' }), el('b')),
    (node, service) => {
      const [badge, name, count] = /** @type {[HTMLElement, HTMLElement, HTMLElement]} */ (/** @type {unknown} */ (node.children));
      badge.dataset.tone = toneOf(board, service.id);
      setText(badge, service.prefijo);
      setText(name, nameIn(service.nombre, i18n.lang));
      setText(count, service.esperando);
    },
  );
}
