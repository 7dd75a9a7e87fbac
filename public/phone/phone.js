// Phone: a visitor follows the own ticket, leaves the queue, asks for more time, comes back. The token is the last part of the address, and the
// only thing that this page knows of anybody.
//
// For tests: `#phone` has `data-link` (connecting | live | lost | unknown) and `data-state` (the ticket's `estado`); what can be done are buttons
// with `data-deed` (arrive | defer | back | leave), and leaving is confirmed by `[data-sure]`.

import { Chime } from '../lib/chime.js';
import { el, find, keyed, setAttribute, setText } from '../lib/dom.js';
import { I18n, nameIn } from '../lib/i18n.js';
import { intend, perform } from '../lib/intent.js';
import { branchInAddress, languageSwitch } from '../lib/page.js';
import { clock } from '../lib/time.js';
import { Follow } from './follow.js';
import { deeds, isOver, isSoon, words } from './words.js';

/** @typedef {import('./words.js').Deed} Deed */

const EVENTS = /** @type {Record<Deed, string>} */ ({ arrive: 'registrar-llegada', defer: 'aplazar-ticket', back: 'volver', leave: 'cancelar-ticket' });
const PATIENCE = 15_000;

const root = find('#phone');
const confirmation = /** @type {HTMLDialogElement} */ (find('[data-confirm]'));
const i18n = await new I18n().load();
const t = i18n.t.bind(i18n);
const follow = new Follow({ token: tokenInAddress(), sucursal: branchInAddress(), idioma: () => i18n.lang });
const chime = new Chime();

/** @type {Deed|null} */ let busy = null;
let failure = '';
let sound = false;
/** @type {WakeLockSentinel|null} */ let lit = null;

languageSwitch(i18n);
i18n.onChange(() => render());
follow.listen(render, alert);
// What is said of time goes on while nothing happens.
setInterval(render, 15_000);
document.addEventListener('visibilitychange', () => void light());
find('[data-sound]').addEventListener('click', () => void toggleSound());
find('[data-sure]').addEventListener('click', () => {
  confirmation.close();
  void act('leave');
});
find('[data-stay]').addEventListener('click', () => confirmation.close());

function tokenInAddress() {
  return decodeURIComponent(location.pathname.match(/^\/t\/([^/]*)$/)?.[1] ?? '');
}

/** @param {Deed} deed */
async function act(deed) {
  if (busy) return;
  [busy, failure] = [deed, ''];
  render();
  const result = await perform(follow, intend(EVENTS[deed], { idioma: i18n.lang }), { patience: PATIENCE });
  busy = null;
  if (result.kind === 'refused') failure = result.msg || t('phone.failed');
  else if (result.kind === 'unknown') failure = t('phone.failed');
  render();
}

function alert() {
  if (sound) chime.play();
  // Browsers complain aloud about a page that shakes a phone nobody has touched.
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([400, 150, 400, 150, 400]);
}

async function toggleSound() {
  sound = !sound;
  if (sound) {
    await chime.unlock();
    chime.play();
  }
  render();
}

/** Keeps the screen lit while the turn is near, where the browser lets us. */
async function light() {
  const { ticket } = follow.state;
  const wanted = ticket !== null && isSoon(ticket) && !document.hidden;
  if (wanted && (!lit || lit.released)) lit = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null;
  else if (!wanted && lit) {
    await lit.release().catch(() => {});
    lit = null;
  }
}

function render() {
  const { link, ready, since, ticket, place } = follow.state;
  root.dataset.link = link;
  setAttribute(root, 'data-state', ticket?.estado);
  if (ticket && place) i18n.branch([ticket.idioma, ...place.idiomas.filter((lang) => lang !== ticket.idioma)]);
  setText(find('[data-branch]'), place?.nombre ?? 'siguiente');
  const over = ticket !== null && isOver(ticket);
  const lost = link === 'lost' && !over;
  setText(find('[data-stale]'), !lost ? '' : ticket && since ? t('phone.stale', { time: clock(since + follow.now() - Date.now(), i18n.lang, place?.zona) }) : t('phone.offline'));
  find('[data-ticket]').hidden = !ticket;
  const none = find('[data-none]');
  const nothing = link === 'unknown' ? t('phone.unknown') : t('phone.loading');
  none.hidden = ticket !== null;
  setText(find('[data-none-title]'), nothing);
  setText(find('[data-none-hint]'), link === 'unknown' ? t('phone.unknown.hint') : '');
  setText(find('[data-failure]'), failure);
  const now = follow.now();
  renderDeeds(ticket ? deeds(ticket, now) : [], ready, place?.minutos ?? 10);
  const audible = chime.state !== 'missing' && ticket !== null && !over && ticket.estado !== 'atendiendo';
  const button = find('[data-sound]');
  button.hidden = !audible;
  setAttribute(button, 'aria-pressed', String(sound));
  setText(button, t(sound ? 'phone.sound.on' : 'phone.sound.off'));
  setText(find('[data-hint]'), ticket && !over ? t('phone.keep') : '');
  if (!ticket) {
    document.title = `${nothing} · siguiente`;
    return;
  }
  const { head, more, title } = words(ticket, { lang: i18n.lang, zone: place?.zona, now, t });
  document.title = lost ? `⚠ ${title}` : title;
  setText(find('[data-code]'), ticket.codigo);
  find('[data-code]').style.setProperty('--length', String(ticket.codigo.length));
  setText(find('[data-service]'), nameIn(ticket.nombreServicio ?? undefined, i18n.lang) || ticket.servicio);
  setText(find('[data-head]'), head);
  setText(find('[data-more]'), more);
  const waits = ticket.estado === 'esperando' || ticket.estado === 'aplazado';
  setText(find('[data-last]'), waits && ticket.ultimo ? t('phone.last', { code: ticket.ultimo }) : '');
  if (ticket.estado !== 'esperando' && ticket.estado !== 'aplazado' && ticket.estado !== 'reservado' && ticket.estado !== 'retenido' && confirmation.open) confirmation.close();
  void light();
}

/** @param {Deed[]} all @param {boolean} ready @param {number} minutes */
function renderDeeds(all, ready, minutes) {
  keyed(find('[data-deeds]'), all, (deed) => deed, (deed) => el('button', {
    type: 'button', 'data-deed': deed, class: deed === 'leave' ? 'plain leave' : deed === 'defer' ? 'plain' : 'main', onclick: () => (deed === 'leave' ? confirmation.showModal() : void act(deed)),
  }), (node, deed) => {
    setText(node, busy === deed ? t('phone.busy') : t(`phone.${deed}`, { minutes: String(minutes) }));
    const button = /** @type {HTMLButtonElement} */ (node);
    button.disabled = !ready || busy !== null;
  });
}
