import { Injectable, inject } from '@angular/core';
import { Socket } from 'ngx-socket-io';
import { Observable, defer, map, merge, of } from 'rxjs';

export interface Call {
  codigo: string;
  escritorio: number;
}

export interface Ticket {
  codigo: string;
  delante: number;
}

type Answer = { ok: true; ticket: Ticket } | { ok: false; code: string; msg: string };

/** The office: what it tells, and what can be asked of it. */
@Injectable({ providedIn: 'root' })
export class QueueService {
  private readonly socket = inject(Socket);

  readonly calls: Observable<Call[]> = this.socket.fromEvent('estado-actual');
  readonly last: Observable<number> = this.socket.fromEvent('ultimo-ticket');
  readonly waiting: Observable<number> = this.socket.fromEvent('tickets-pendientes');
  readonly connected: Observable<boolean> = merge(
    defer(() => of(this.socket.connected)),
    this.socket.fromEvent('connect').pipe(map(() => true)),
    this.socket.fromEvent('disconnect').pipe(map(() => false)),
  );

  /** Takes the next number. The key makes sure that a repeated try does not take two. */
  async takeTicket(): Promise<Ticket> {
    const answer: Answer = await this.socket.emitWithAck('siguiente-ticket', { clave: crypto.randomUUID() });
    if (!answer.ok) throw new Error(answer.msg);
    return answer.ticket;
  }
}
