// What somebody meant to do once, done once: an intent keeps one idempotency key over retries, reconnects and lost answers.

/** @typedef {import('./types.js').Ticket} Ticket */
/** @typedef {{clave: string, event: string, payload: object}} Intent */

/**
 * - `done`: it happened
 * - `refused`: it did not, and `code` says why
 * - `unknown`: no answer could be had; the same intent may be performed again
 * @typedef {{kind: 'done', ticket: Ticket|undefined, reply: import('./types.js').Done}|{kind: 'refused', code: string, msg: string, abre?: number|null}|{kind: 'unknown', code: string}} Result
 */

/** Refusals that say "nothing changed, try again". */
const PASSING = new Set(['storage_unavailable', 'overloaded', 'shutting_down']);

/**
 * @param {string} event @param {object} payload
 * @returns {Intent}
 */
export function intend(event, payload) {
  return { clave: newKey(), event, payload };
}

/** 128 random bits in hex. `crypto.randomUUID` is not there on plain HTTP, where kiosks often are. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * @param {Pick<import('./live.js').Live, 'ask'|'whenReady'>} live
 * @param {Intent} intent
 * @param {{patience?: number, pause?: number}} [opts]  ms to keep trying; ms before a passing refusal is tried again
 * @returns {Promise<Result>}
 */
export async function perform(live, { clave, event, payload }, { patience = 20_000, pause = 700 } = {}) {
  const deadline = Date.now() + patience;
  let code = 'disconnected';
  for (let attempt = 0; Date.now() < deadline; attempt += 1) {
    if (!(await live.whenReady(deadline - Date.now()))) break;
    try {
      const reply = await live.ask(event, { ...payload, clave });
      if (reply.ok) return { kind: 'done', ticket: reply.ticket ?? undefined, reply };
      code = reply.code;
      if (!PASSING.has(code)) return { kind: 'refused', code, msg: reply.msg ?? '', ...(reply.abre === undefined ? {} : { abre: reply.abre }) };
    } catch (error) {
      code = /** @type {{code?: string}} */ (error).code ?? 'timeout';
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause * 2 ** attempt, 4000, Math.max(0, deadline - Date.now()))));
  }
  return { kind: 'unknown', code };
}
