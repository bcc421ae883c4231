/** Subscriptions to topics of the page's WebSocket, one each; what was missed while it was away comes when it is back. */
import type { Connection, Event, Listener, Message } from "../view/connection.ts";
import { strings } from "../view/strings.ts";

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

/** The topics of each connection that somebody follows. */
const shared = new WeakMap<Connection, Map<string, Topic>>();

/** Whoever comes later is told at once what the others know. Returns the function that ends it. */
export function follow(connection: Connection, name: string, told: Told): () => void {
  const topics = shared.get(connection) ?? new Map<string, Topic>();
  shared.set(connection, topics);
  const topic = topics.get(name) ?? new Topic(connection, name);
  topics.set(name, topic);
  topic.add(told);
  return () => {
    if (topic.remove(told)) {
      topics.delete(name);
    }
  };
}

class Topic implements Listener {
  private epoch = "";
  private last = 0;
  private readonly all = new Set<Told>();
  /** The latest event of each kind and id. */
  private readonly latest = new Map<string, Event>();
  private isLost = false;
  private reason: string | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly name: string,
  ) {}

  add(told: Told): void {
    this.all.add(told);
    if (this.all.size === 1) {
      this.connection.add(this);
      return;
    }
    if (this.epoch !== "") {
      told.lost(this.isLost);
      told.began();
      this.latest.forEach(({ event, data }) => told.event(event, data));
    }
    if (this.reason !== undefined) {
      told.refused(this.reason);
    }
  }

  /** Returns whether it was the last. */
  remove(told: Told): boolean {
    if (!this.all.delete(told) || this.all.size > 0) {
      return false;
    }
    if (this.connection.isOpen) {
      this.connection.send({ op: "unsubscribe", topic: this.name });
    }
    this.connection.remove(this);
    return true;
  }

  opened(): void {
    this.connection.send({ op: "subscribe", topic: this.name, from: this.last, epoch: this.epoch });
  }

  closed(absent: boolean): void {
    if (absent) {
      this.refuse("");
    } else {
      this.lose(true);
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
      this.refuse(strings.told(error));
    } else if (epoch !== undefined) {
      this.reason = undefined;
      this.lose(false);
      if (epoch !== this.epoch) {
        this.epoch = epoch;
        this.last = 0;
        this.latest.clear();
        this.each((told) => told.began());
      }
    }
  }

  private take(event: Event): void {
    if (event.n > this.last) {
      this.last = event.n;
      this.keep(event);
      this.each((told) => told.event(event.event, event.data));
    }
  }

  /** What is gone is told to nobody who comes later. */
  private keep(event: Event): void {
    const { id = "" } = (event.data ?? {}) as { id?: string };
    if (event.event === "gone") {
      this.latest.delete(`row ${id}`);
    } else {
      this.latest.set(`${event.event} ${id}`, event);
    }
  }

  private refuse(reason: string): void {
    this.reason = reason;
    this.each((told) => told.refused(reason));
  }

  private lose(lost: boolean): void {
    this.isLost = lost;
    this.each((told) => told.lost(lost));
  }

  private each(tell: (told: Told) => void): void {
    [...this.all].forEach(tell);
  }
}
