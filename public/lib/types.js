// What the server sends, as types. The contract itself is docs/events.md.

/** @typedef {Record<string, string>} Name  a text in each language of the branch */

/** @typedef {'reservado'|'esperando'|'aplazado'|'llamado'|'atendiendo'|'retenido'|'finalizado'|'ausente'|'cancelado'|'vencido'} TicketState */
/** Minutes; `mas` is "more than". Nothing can be said: null. @typedef {{desde: number, hasta: number}|{mas: number}|null} Wait */

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
 * @property {Wait} [espera]
 * @property {number|null} [cita]  when it is booked for
 * @property {string|null} [nota]
 * @property {string|null} [resultado]
 * @property {number|null} [para]  the one desk that it waits for
 * @property {number} [tramo]  which stay in a queue this is: 1, 2, 3 …
 * @property {number|null} [retenido]  since when it is held
 * @property {string|null} [agente]
 * @property {number|null} [hasta]  until when it can be reactivated; of an own ticket that is put off, when it waits again
 * @property {number|null} [aplazado]  while it is put off: until when
 * @property {string|null} [ultimo]  the last one of its service that was called
 * @property {number} [aplazos]  how often it may still be put off
 * @property {Name|null} [nombreServicio]
 * @property {Name|null} [nombreEscritorio]
 */

/** @typedef {{codigo: string, numero: number, servicio: string, estado: TicketState} & Partial<Ticket>} DeskTicket */
/** Whether numbers are given, and how long it takes: what `esperas` tells. @typedef {{espera?: Wait, abierto?: boolean, abre?: number|null, cierra?: number|null, quedan?: number|null}} Availability */
/** @typedef {{id: string, prefijo: string, nombre: Name, esperando: number, grupo?: string|null} & Availability} Service */
/** Where a kiosk shows services together. @typedef {{id: string, nombre: Name, padre: string|null}} Group */
/** What staff choose from: outcomes, reasons for a pause. @typedef {{id: string, nombre: Name}} Word */
/** @typedef {{id: string, rango: number, nombre: Name}} PriorityClass */
/** @typedef {'abierto'|'pausado'|'cerrado'} DeskState */
/**
 * @typedef {object} Desk  what only the staff are told is optional
 * @property {number} id
 * @property {Name} nombre
 * @property {string[]} servicios
 * @property {DeskTicket|null} ticket
 * @property {DeskState} [estado]
 * @property {string|null} [agente]  a user's id
 * @property {string|null} [motivo]  of the pause
 * @property {number|null} [desde]  since when it is in that state
 * @property {boolean} [ocupado]  a session holds it
 * @property {number|null} [deshacer]  until when its last command can be undone
 */
/**
 * @typedef {object} Branch
 * @property {number} id
 * @property {string} nombre
 * @property {string} zona
 * @property {string[]} idiomas
 * @property {boolean} [abierta]
 * @property {number|null} [abre]
 * @property {number|null} [cierra]
 * @property {Word[]} [resultados]
 * @property {Word[]} [pausas]
 * @property {number} [deshacer]  ms within which a command can be undone
 * @property {string} [politica]
 * @property {boolean} [seguir]  a kiosk shows how to follow a ticket on a phone
 * @property {{minutos: number, veces: number}} [aplazar]  for how long and how often visitors may put off their turn
 */

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
 * @property {string|null} [nombre]  where the branch shows names
 */

/** Called and not come, on the displays. @typedef {{codigo: string, numero: number, servicio: string, hora: number}} Missed */

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
 * @property {boolean} [cerrada]  the day was closed by hand
 * @property {Group[]} [grupos]
 * @property {Missed[]} [ausentes]  newest first
 * @property {Ticket[]} [tickets]  waiting; this and what follows is for the staff
 * @property {Ticket[]} [aplazados]  their visitors need more time
 * @property {Ticket[]} [retenidos]  held
 * @property {Ticket[]} [perdidos]  missed, cancelled, expired, and still to be reactivated
 * @property {Ticket[]} [reservados]  booked for later today
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
 * @property {TicketState|DeskState} [estado]
 * @property {number|null} [escritorio]
 * @property {number} [esperando]
 * @property {number} [esperandoTotal]
 * @property {Ticket} [ticket]
 * @property {number} [llamada]
 * @property {number} [veces]
 * @property {string} [idioma]
 * @property {string|null} [nombre]
 * @property {string|null} [jornada]
 * @property {boolean} [cerrada]
 * @property {string} [antes]  the service that a ticket was sent on from, with
 * @property {number} [esperandoAntes]  how many wait for it now
 * @property {number|null} [por]  the desk that acted
 * @property {number|null} [deshacer]  until when that desk can undo it
 * @property {Call[]} [llamadas]  the calls on show, where they were taken back
 * @property {string|null} [agente]
 * @property {string|null} [motivo]
 * @property {number|null} [desde]
 * @property {boolean} [ocupado]
 */

/** @typedef {{tipo: 'cambios', epoch: string, desde: number, rev: number, hora: number, cambios: Change[]}} Changes */

/** A desk as its own page sees it; `propio`: this session holds it. @typedef {Partial<Desk> & {propio?: boolean}} OwnDesk */
/** Why a ticket is next, in words and as a rule. @typedef {{regla: string, texto: string}} Reason */
/** @typedef {{media: number|null, p50: number|null, p90: number|null, max: number|null}} Spread  ms */
/**
 * @typedef {object} Figures  counts, ms, and shares of 0 to 1; null is what nobody can know
 * @property {number} emitidos
 * @property {number} llamados
 * @property {number} finalizados
 * @property {number} ausentes
 * @property {Spread|null} espera
 * @property {number|null} atencion
 * @property {number|null} porHora
 * @property {number|null} ocupacion
 */
/** `esperas`: what changed of the services. @typedef {Array<{servicio: string} & Availability>} Waits */

/** @typedef {{ok: true, ticket?: Ticket|null, tickets?: Ticket[], puesto?: OwnDesk, sesion?: string, motivo?: Reason|null, cifras?: Figures[], cola?: Snapshot|Changes, personas?: Person[], total?: number, id?: string}} Done */
/** `abre`: with `closed`, when it opens next. @typedef {{ok: false, code: string, msg?: string, abre?: number|null}} Refusal */
/** @typedef {Done|Refusal} Reply */

export {};
