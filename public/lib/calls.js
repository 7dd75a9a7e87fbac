// Which calls a display announces, and when: each numbered call once, in order, one after the other; never one that it learned from a
// snapshot or by catching up. Pure: the caller brings the messages and says when an announcement is over.

/** @typedef {import('./types.js').Call} Call */

/**
 * @typedef {object} Announcer
 * @property {number} known    the greatest number that is announced, waiting to be, or was learned silently
 * @property {Call|null} current  being announced now
 * @property {Call[]} waiting  to be announced next, in order
 */

/** @returns {Announcer} */
export function silent() {
  return { known: 0, current: null, waiting: [] };
}

/**
 * A snapshot, or changes that were asked for: what it tells was called in our absence.
 * @param {Announcer} announcer
 * @param {number[]} numbers  of the calls in it
 * @param {{forget?: boolean}} [opts]  forget: another epoch, where the numbers start anew
 * @returns {Announcer}
 */
export function learn(announcer, numbers, { forget = false } = {}) {
  const base = forget ? silent() : announcer;
  const known = Math.max(base.known, ...numbers);
  return known === base.known && base === announcer ? announcer : { ...base, known };
}

/**
 * A call that came live.
 * @param {Announcer} announcer @param {Call} call @returns {Announcer}
 */
export function hear(announcer, call) {
  if (!(call.llamada > announcer.known)) return announcer;
  const heard = { ...announcer, known: call.llamada };
  return heard.current || heard.waiting.length ? { ...heard, waiting: [...heard.waiting, call] } : { ...heard, current: call };
}

/** The current announcement is over. @param {Announcer} announcer @returns {Announcer} */
export function next(announcer) {
  const [current = null, ...waiting] = announcer.waiting;
  return { ...announcer, current, waiting };
}

/**
 * Whether a call that was on the screen was taken back: the board has come past it and does not know it any more. A board keeps only the newest calls,
 * so what is older than all of a full one may be right.
 * @param {Call} call @param {{rev: number, llamadas: Call[]}} board @param {number} [kept]  calls that a board keeps
 */
export function takenBack(call, { rev, llamadas }, kept = 10) {
  if (call.rev > rev || llamadas.some((other) => other.codigo === call.codigo && other.llamada >= call.llamada)) return false;
  return llamadas.length < kept || llamadas.some((other) => other.llamada < call.llamada);
}

/** What was taken back is announced no more, and nothing sounds for it. @param {Announcer} announcer @param {{rev: number, llamadas: Call[]}} board @returns {Announcer} */
export function retract(announcer, board) {
  const stands = (/** @type {Call} */ call) => !takenBack(call, board);
  const waiting = announcer.waiting.filter(stands);
  const current = announcer.current && stands(announcer.current) ? announcer.current : null;
  return current === announcer.current && waiting.length === announcer.waiting.length ? announcer : { ...announcer, current, waiting };
}

/** A new day: nobody is to be called any more. @param {Announcer} announcer @returns {Announcer} */
export function hush(announcer) {
  return { ...announcer, current: null, waiting: [] };
}

/**
 * How long a call has the screen to itself: shorter when many wait, so that the display catches up with a busy hall instead of telling old news.
 * @param {Announcer} announcer
 * @returns {number} ms
 */
export function showTime({ waiting }) {
  if (waiting.length > 8) return 2000;
  return waiting.length > 3 ? 3500 : 5000;
}

/**
 * The calls that a display lists: newest first, a ticket once, without those that are still to be announced.
 * @param {Announcer} announcer
 * @param {Call[]} calls  what is known, in any order: the board's, and those that were on the screen before
 * @returns {{hero: Call|null, recent: Call[]}}
 */
export function shown({ current, waiting }, calls) {
  const pending = new Set(waiting.map((call) => call.llamada));
  const tickets = new Set(current ? [current.codigo] : []);
  /** @type {Call[]} */
  const visible = [];
  for (const call of [...calls].sort((a, b) => b.llamada - a.llamada)) {
    if (pending.has(call.llamada) || tickets.has(call.codigo)) continue;
    tickets.add(call.codigo);
    visible.push(call);
  }
  return { hero: current ?? visible[0] ?? null, recent: current ? visible : visible.slice(1) };
}
