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

/** How many subscriptions a connection has of a topic: the server knows them as one. */
const held = new WeakMap<Connection, Map<string, number>>();

function count(connection: Connection, name: string, change: number): number {
  const counts = held.get(connection) ?? new Map<string, number>();
  held.set(connection, counts);
  const now = (counts.get(name) ?? 0) + change;
  counts.set(name, now);
  return now;
}

export class Topic implements Listener {
  private epoch = "";
  private last = 0;

  constructor(
    private readonly connection: Connection,
    readonly name: string,
    private readonly told: Told,
  ) {
    count(connection, name, 1);
    connection.add(this);
  }

  dispose(): void {
    if (count(this.connection, this.name, -1) === 0 && this.connection.isOpen) {
      this.connection.send({ op: "unsubscribe", topic: this.name });
    }
    this.connection.remove(this);
  }

  /** Where another has subscribed already, the server tells it all again what comes after our last: it knows. */
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
