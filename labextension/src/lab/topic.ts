/** A subscription to a topic of the page's WebSocket; what was missed while it was away comes when it is back. */
import type { Connection, Event, Listener, Message } from "../view/connection.ts";

export interface Told {
  /** In their order, each once. */
  event(name: string, data: unknown): void;
  /** The topic begins anew: what was told before may be out of date. It comes before the first event, too. */
  began(): void;
  /** True while the server does not answer. */
  lost(lost: boolean): void;
  /** There is no such topic, or no such extension. */
  refused(reason: string): void;
}

export class Topic implements Listener {
  private epoch = "";
  private last = 0;

  constructor(
    private readonly connection: Connection,
    readonly name: string,
    private readonly told: Told,
  ) {
    connection.add(this);
  }

  dispose(): void {
    if (this.connection.isOpen) {
      this.connection.send({ op: "unsubscribe", topic: this.name });
    }
    this.connection.remove(this);
  }

  opened(): void {
    this.connection.send({ op: "subscribe", topic: this.name, from: this.last, epoch: this.epoch });
  }

  closed(absent: boolean): void {
    if (absent) {
      this.told.refused("");
    } else {
      this.told.lost(true);
    }
  }

  received(message: Message): void {
    if (message.events !== undefined) {
      message.events.filter(({ topic }) => topic === this.name).forEach((event) => this.take(event));
    } else if (message.id === undefined && message.topic === this.name) {
      this.answered(message);
    }
  }

  private answered({ error, epoch }: Message): void {
    if (error !== undefined) {
      this.told.refused(error);
    } else if (epoch !== undefined) {
      this.told.lost(false);
      if (epoch !== this.epoch) {
        this.epoch = epoch;
        this.last = 0;
        this.told.began();
      }
    }
  }

  private take({ event, n, data }: Event): void {
    if (n > this.last) {
      this.last = n;
      this.told.event(event, data);
    }
  }
}
