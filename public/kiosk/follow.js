// The kiosk's QR code: the address by which a visitor follows the ticket on a phone. None where the branch does not want it, or where a phone could
// not reach the address.

import { find, setAttribute, setText } from '../lib/dom.js';
import { qr, qrPath } from '../lib/qr.js';
import { PUBLIC_URL } from '../lib/socket-path.js';

/** Light modules around a code, without which it is not read. */
const QUIET = 4;

/**
 * @param {{token?: string}} ticket @param {import('../lib/types.js').Branch} branch
 * @param {{publicUrl: string|null, origin: string}} [here]
 * @returns {string|null}
 */
export function followAddress({ token }, { id, seguir = true }, { publicUrl, origin } = { publicUrl: PUBLIC_URL, origin: location.origin }) {
  if (!token || !seguir) return null;
  const base = publicUrl ?? origin;
  // A phone is a machine of its own: this one's own name leads it nowhere.
  if (!publicUrl && /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(base).hostname)) return null;
  return `${base}/t/${token}?sucursal=${id}`;
}

/** @param {import('../lib/types.js').Ticket} ticket @param {import('../lib/types.js').Branch} branch @param {(key: string, params?: Record<string, string>) => string} t */
export function renderFollow(ticket, branch, t) {
  const place = find('[data-follow]');
  const address = followAddress(ticket, branch);
  place.hidden = address === null;
  if (address === null) return setAttribute(place, 'data-address', null);
  const image = find('svg', place);
  setAttribute(image, 'aria-label', t('kiosk.follow.label', { code: ticket.codigo }));
  setText(find('[data-follow-text]', place), t('kiosk.follow'));
  if (place.dataset.address === address) return;
  place.dataset.address = address;
  const cells = qr(address);
  const side = cells.length + 2 * QUIET;
  image.setAttribute('viewBox', `${-QUIET} ${-QUIET} ${side} ${side}`);
  find('path', image).setAttribute('d', qrPath(cells));
}
