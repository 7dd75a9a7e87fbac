// What all parts of the desk page share: the desk, its link to the server, who sits there, and what the agent is told. Renders nothing itself.

import { deskOf } from '../lib/board.js';
import { nameIn } from '../lib/i18n.js';
import { recall, remember } from '../lib/kept.js';
import { Live } from '../lib/live.js';
import { branchInAddress } from '../lib/page.js';
import { Orders } from './orders.js';
import { Seat, Sessions, standingOf } from './standing.js';

/** @typedef {import('../lib/types.js').Desk} Desk */
/** @typedef {import('../lib/types.js').Reply} Reply */
/** @typedef {import('./standing.js').Standing} Standing */

const SAVED = 'siguiente.escritorio';

export class Workplace {
  /** @type {number|null} the desk's number; null before it is chosen */ mine;
  /** @type {Live} */ live;
  i18n;
  users;
  sessions = new Sessions(tabStorage(), branchInAddress());
  orders;
  seat;
  /** A short word to the agent; empty takes it back. @type {(text: string, kind?: 'why'|'done') => void} */
  say = () => {};
  #onchange;
  #attached;

  /**
   * @param {import('../lib/i18n.js').I18n} i18n @param {import('./users.js').Users} users
   * @param {() => void} onchange @param {(live: Live|null) => void} attached  a desk begins or ends its work over a link
   */
  constructor(i18n, users, onchange, attached) {
    this.i18n = i18n;
    this.users = users;
    this.#onchange = onchange;
    this.#attached = attached;
    this.orders = new Orders(() => this.live, () => i18n.lang, onchange);
    this.seat = new Seat(async () => {
      const reply = await this.ask('entrar-puesto', this.#introduction());
      return reply?.ok ? (reply.puesto ?? null) : null;
    }, onchange);
    this.mine = wanted();
    this.live = this.#connect();
  }

  /** @returns {import('../lib/board.js').Board|null} */
  get board() {
    return this.live.state.board;
  }

  /** @returns {Desk|undefined} */
  get desk() {
    return this.board ? deskOf(this.board, this.mine) : undefined;
  }

  /** @returns {Standing} */
  get standing() {
    return this.desk ? standingOf(this.desk, this.seat.own) : 'free';
  }

  /** What the others know this desk by, whatever language the agent reads. */
  get commonName() {
    return this.desk ? nameIn(this.desk.nombre, this.board?.sucursal.idiomas[0] ?? this.i18n.lang) : null;
  }

  /** @param {string} event @param {object} [payload] @returns {Promise<Reply|null>} null without an answer, or when the desk was left meanwhile */
  async ask(event, payload = {}) {
    const { live } = this;
    const reply = await live.ask(event, { ...payload, idioma: this.i18n.lang }).catch(() => null);
    return live === this.live ? reply : null;
  }

  /** @param {number|null} id  null: the agent leaves */
  choose(id) {
    this.mine = id;
    remember(SAVED, id === null ? null : String(id));
    const url = new URL(location.href);
    if (id === null) url.searchParams.delete('escritorio');
    else url.searchParams.set('escritorio', String(id));
    history.replaceState(null, '', url);
    this.live.close();
    this.orders.abandon();
    this.seat.own = false;
    this.say('');
    this.#attached(null);
    this.live = this.#connect();
  }

  /** Before a desk is chosen this is a public screen: it only needs the list of desks. Each choice gets a connection of its own. */
  #connect() {
    const link = new Live({
      join: this.mine === null ? ['entrar-pantalla', {}] : ['entrar-puesto', () => this.#introduction()],
      joined: (reply) => this.seat.told(reply.puesto),
      idioma: () => this.i18n.lang,
      sucursal: branchInAddress(),
    });
    queueMicrotask(() => {
      link.subscribe(() => this.#onchange());
      if (this.mine !== null) this.#attached(link);
    });
    return link;
  }

  #introduction() {
    const desk = this.mine ?? 0;
    const sesion = this.sessions.of(desk);
    return { escritorio: desk, ...(sesion ? { sesion } : {}), ...(this.users.me ? { usuario: this.users.me } : {}) };
  }
}

function wanted() {
  const text = new URLSearchParams(location.search).get('escritorio') ?? recall(SAVED);
  const id = Number(/\d+$/.exec(text ?? '')?.[0] ?? NaN);
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}

function tabStorage() {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
