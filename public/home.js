// Home: the doors to the other pages, and how the branch is doing now.
// For tests: `.link-pill[data-link]` is the link's state, `[data-waiting]` the number of people waiting, `[data-branch-choice]` the choice of a
// branch where there are several; the address then has `?sucursal=2`, and so have the links.

import { el, find, keyed, setAttribute, setText } from './lib/dom.js';
import { I18n, nameIn } from './lib/i18n.js';
import { Live } from './lib/live.js';
import { branchInAddress, keepChoices, languageSwitch, toneOf } from './lib/page.js';

const i18n = await new I18n().load();
const live = new Live({ join: ['entrar-pantalla', {}], idioma: () => i18n.lang, sucursal: branchInAddress() });

languageSwitch(i18n);
keepChoices(document);
live.subscribe(render);
i18n.onChange(() => render(live.state));
void offerBranches();

/** One branch is no choice; a server that does not tell its branches has one. */
async function offerBranches() {
  const response = await fetch('/api/v1/branches').catch(() => null);
  /** @type {{sucursales?: Array<{id: number, nombre: string}>}} */
  const { sucursales = [] } = response?.ok ? await response.json() : {};
  if (sucursales.length < 2) return;
  const select = /** @type {HTMLSelectElement} */ (find('[data-branch-choice]'));
  const wish = branchInAddress();
  const here = wish === null ? sucursales[0] : sucursales.find(({ id, nombre }) => String(id) === wish || nombre === wish);
  // Where the address is wrong nothing is chosen yet.
  if (!here) select.append(el('option', { value: '' }));
  select.append(...sucursales.map(({ id, nombre }) => el('option', { value: id }, nombre)));
  select.value = here ? String(here.id) : '';
  select.addEventListener('change', () => {
    const url = new URL(location.href);
    url.searchParams.set('sucursal', select.value);
    location.assign(url);
  });
  find('[data-branches]').hidden = false;
}

/** @param {import('./lib/live.js').LiveState} state */
function render({ link, board, refusal }) {
  const pill = find('.link-pill');
  pill.dataset.link = link;
  setText(find('[data-link-text]'), i18n.t(`link.${link}`));
  find('[data-unknown]').hidden = refusal?.code !== 'unknown_branch';
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
