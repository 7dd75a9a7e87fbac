// The number that is being asked for, kept over a reload: the same key, so that the visitor gets one number and not two.

/** @typedef {import('../lib/intent.js').Intent} Intent */

const PENDING = 'siguiente.pendiente';

/** @param {Intent} intent */
export function keepPending(intent) {
  try {
    sessionStorage.setItem(PENDING, JSON.stringify({ at: Date.now(), intent }));
  } catch {
    // no storage: a reload forgets, and the key still guards the rest
  }
}

export function forgetPending() {
  try {
    sessionStorage.removeItem(PENDING);
  } catch {
    // as above
  }
}

/** What was asked for before the reload; one that is too old is forgotten. @param {number} patience  ms @returns {Intent|null} */
export function pending(patience) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PENDING) ?? 'null');
    if (kept && Date.now() - kept.at < patience && typeof kept.intent?.clave === 'string') return kept.intent;
  } catch {
    // what cannot be read is not asked for
  }
  forgetPending();
  return null;
}
