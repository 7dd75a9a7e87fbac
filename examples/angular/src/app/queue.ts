import { AsyncPipe } from '@angular/common';
import { Component, inject, signal } from '@angular/core';
import { QueueService, Ticket } from './queue.service';

@Component({
  selector: 'app-queue',
  imports: [AsyncPipe],
  template: `
    <h1>Queue</h1>
    @if ((queue.connected | async) === false) {
      <p role="alert">No connection. It comes back by itself.</p>
    }
    <p>Last number: <output id="last">{{ queue.last | async }}</output></p>
    <p>Waiting: <output id="waiting">{{ queue.waiting | async }}</output></p>
    <ol>
      @for (call of queue.calls | async; track call.codigo) {
        <li>{{ call.codigo }} to desk {{ call.escritorio }}</li>
      }
    </ol>
    <button type="button" (click)="take()">Take a number</button>
    @if (ticket(); as ticket) {
      <p>Your number is <output id="mine">{{ ticket.codigo }}</output>, {{ ticket.delante }} before you.</p>
    }
    @if (problem()) {
      <p role="alert">{{ problem() }}</p>
    }
  `,
})
export class Queue {
  protected readonly queue = inject(QueueService);
  protected readonly ticket = signal<Ticket | undefined>(undefined);
  protected readonly problem = signal('');

  protected async take(): Promise<void> {
    try {
      this.ticket.set(await this.queue.takeTicket());
      this.problem.set('');
    } catch (error) {
      this.problem.set(error instanceof Error ? error.message : String(error));
    }
  }
}
