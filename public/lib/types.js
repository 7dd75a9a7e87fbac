// What the server sends, as types. The contract itself is docs/events.md.

/** @typedef {Record<string, string>} Name  a text in each language of the branch */

/** @typedef {'esperando'|'llamado'|'atendiendo'|'finalizado'|'ausente'|'vencido'} TicketState */

/**
 * @typedef {object} Ticket  own or staff ticket; keys that one of them lacks are optional
 * @property {string} id
 * @property {string} codigo
 * @property {number} numero
 * @property {string} servicio
 * @property {TicketState} estado
 * @property {string|null} prioridad
 * @property {number} emitido
 * @property {string} idioma
 * @property {number|null} [escritorio]
 * @property {string} [token]
 * @property {number} [delante]
 * @property {string|null} [nombre]
 * @property {number} [veces]
 * @property {number|null} [llamado]
 * @property {number|null} [iniciado]
 * @property {number|null} [terminado]
 */

/** @typedef {{codigo: string, numero: number, servicio: string, estado: TicketState} & Partial<Ticket>} DeskTicket */
/** @typedef {{id: string, prefijo: string, nombre: Name, esperando: number}} Service */
/** @typedef {{id: string, rango: number, nombre: Name}} PriorityClass */
/** @typedef {{id: number, nombre: Name, servicios: string[], ticket: DeskTicket|null}} Desk */
/** @typedef {{id: number, nombre: string, zona: string, idiomas: string[]}} Branch */

/**
 * @typedef {object} Call
 * @property {number} rev
 * @property {number} llamada
 * @property {string} codigo
 * @property {number} numero
 * @property {string} servicio
 * @property {number} escritorio
 * @property {number} veces
 * @property {string} idioma
 * @property {number} hora
 */

/**
 * @typedef {object} Snapshot
 * @property {'instantanea'} tipo
 * @property {string} epoch
 * @property {number} rev
 * @property {number} hora
 * @property {string|null} jornada
 * @property {Branch} sucursal
 * @property {Service[]} servicios
 * @property {PriorityClass[]} clases
 * @property {Desk[]} escritorios
 * @property {Call[]} llamadas
 * @property {number} esperando
 * @property {Ticker|null} [aviso]
 * @property {Ticket[]} [tickets]
 */

/** The line on the displays. @typedef {{mensaje: string, fecha: number}} Ticker */
/** Somebody who has entered with a name. @typedef {{id: string, nombre: string, sala: string|null}} Person */
/** @typedef {{id: string, de: string|null, nombre: string, mensaje: string, fecha: number, sala?: string, privado: boolean}} Message */
/** @typedef {{id: string, from: string, asunto?: string, mensaje: string, fecha: number}} Note */
/** @typedef {{id: string, nombre: string, rol: string}} User */

/**
 * @typedef {object} Change
 * @property {number} rev
 * @property {number} hora
 * @property {string} tipo
 * @property {string} [codigo]
 * @property {number} [numero]
 * @property {string} [servicio]
 * @property {TicketState} [estado]
 * @property {number|null} [escritorio]
 * @property {number} [esperando]
 * @property {number} [esperandoTotal]
 * @property {Ticket} [ticket]
 * @property {number} [llamada]
 * @property {number} [veces]
 * @property {string} [idioma]
 * @property {string} [jornada]
 */

/** @typedef {{tipo: 'cambios', epoch: string, desde: number, rev: number, hora: number, cambios: Change[]}} Changes */

/** @typedef {{ok: true, ticket?: Ticket, cola?: Snapshot|Changes, personas?: Person[], total?: number, id?: string}} Done */
/** @typedef {{ok: false, code: string, msg?: string}} Refusal */
/** @typedef {Done|Refusal} Reply */

export {};
