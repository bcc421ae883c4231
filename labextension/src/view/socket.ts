/** The view's source where a Jupyter server has our extension: it needs no kernel, and outlives the connection. */
import type { Connection, Event, Listener, Message } from "./connection.ts";
import type { Choices, Operation, Requests, Source, Topic, Topics } from "./source.ts";
import { strings } from "./strings.ts";

/** A request that was on its way when the connection broke must not be made twice. */
const ONCE: readonly Operation[] = ["rerun", "register"];
/** Views that come and go, as when a cell is moved, find their source again. */
const KEPT = 5000;

/** What a page can show beside what it shows. */
export interface Places {
  /** A run's monitor, by its topic. */
  open(name: string): void;
  compare(workspace: string, runs: readonly string[]): void;
}

interface Waiting {
  op: Operation;
  params: object;
  resolve(result: object): void;
  reject(error: Error): void;
}

export class SocketSource implements Source, Listener {
  readonly ui: Choices = {};
  /** True when the run has been told of; false where the server does not know it. */
  readonly ready: Promise<boolean>;
  private decide: (known: boolean) => void = () => undefined;
  private readonly values: Partial<Topics> = {};
  private readonly callbacks = new Map<Topic, Set<() => void>>();
  private readonly waiting = new Map<number, Waiting>();
  private readonly losses = new Set<(lost: boolean) => void>();
  private lost = false;
  private followed: Requests["follow"]["params"] | undefined;
  private epoch = "";
  private last = 0;

  /** Where the page has a place for the monitor of another run of the workspace, and for a comparison with it. */
  readonly open?: (run: string) => void;
  readonly compare?: (runs: readonly string[]) => void;

  constructor(
    private readonly connection: Connection,
    readonly name: string,
    places?: Places,
  ) {
    if (places !== undefined) {
      const workspace = name.split("/")[1] ?? "";
      this.open = (run) => places.open(`run/${workspace}/${run}`);
      this.compare = (runs) => places.compare(workspace, runs);
    }
    this.ready = new Promise((resolve) => (this.decide = resolve));
    connection.add(this);
  }

  get waitingNotice(): string {
    return this.lost ? strings.reconnecting : strings.waiting;
  }

  get<T extends Topic>(topic: T): Topics[T] | undefined {
    return this.values[topic] as Topics[T] | undefined;
  }

  on(topic: Topic, callback: () => void): () => void {
    const callbacks = this.callbacks.get(topic) ?? new Set();
    this.callbacks.set(topic, callbacks.add(callback));
    return () => callbacks.delete(callback);
  }

  /** Calls back now, and whenever the connection is lost or found. */
  onLost(callback: (lost: boolean) => void): () => void {
    this.losses.add(callback);
    callback(this.lost);
    return () => this.losses.delete(callback);
  }

  request<O extends Operation>(op: O, params: Requests[O]["params"]): Promise<Requests[O]["result"]> {
    const id = nextId();
    if (op === "follow") {
      this.followed = params as Requests["follow"]["params"];
    }
    return new Promise<object>((resolve, reject) => {
      this.waiting.set(id, { op, params, resolve, reject });
      this.ask(id);
    }) as Promise<Requests[O]["result"]>;
  }

  dispose(): void {
    if (this.connection.isOpen) {
      this.connection.send({ op: "unsubscribe", topic: this.name });
    }
    this.connection.remove(this);
    this.waiting.clear();
    this.decide(false);
  }

  opened(): void {
    this.connection.send({ op: "subscribe", topic: this.name, from: this.last, epoch: this.epoch });
  }

  closed(absent: boolean): void {
    if (absent) {
      this.decide(false);
    }
    this.setLost(true);
    for (const [id, { op, reject }] of this.waiting) {
      if (ONCE.includes(op)) {
        this.waiting.delete(id);
        reject(new Error(strings.connectionLost));
      }
    }
  }

  received(message: Message, buffers: Uint8Array[]): void {
    if (message.id !== undefined) {
      this.answered(message, buffers[0]);
    } else if (message.events !== undefined) {
      message.events.filter(({ topic }) => topic === this.name).forEach((event) => this.told(event));
    } else if (message.topic !== this.name) {
      return;
    } else if (message.error !== undefined) {
      this.decide(false);
    } else if (message.epoch !== undefined) {
      this.resumed(message.epoch);
    }
  }

  /** From here on the server tells what came after the last event; of another epoch it tells everything. */
  private resumed(epoch: string): void {
    this.last = epoch === this.epoch ? this.last : 0;
    this.epoch = epoch;
    this.setLost(false);
    const waiting = [...this.waiting];
    if (this.followed !== undefined && !waiting.some(([, { op }]) => op === "follow")) {
      void this.request("follow", this.followed).catch(() => undefined);
    }
    waiting.forEach(([id]) => this.ask(id));
  }

  private told({ event, n, data }: Event): void {
    const topic = event as Topic;
    this.last = n;
    Object.assign(this.values, { [topic]: data });
    this.callbacks.get(topic)?.forEach((callback) => callback());
    if (topic === "run") {
      this.decide(true);
    }
  }

  private ask(id: number): void {
    const waiting = this.waiting.get(id);
    if (waiting !== undefined && this.epoch !== "" && !this.lost) {
      const { op, params } = waiting;
      this.connection.send({ op: "request", topic: this.name, id, request: op, params });
    }
  }

  private answered(message: Message, data: Uint8Array | undefined): void {
    const id = message.id ?? 0;
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (message.error !== undefined) {
      waiting?.reject(new Error(message.error));
    } else {
      waiting?.resolve(data === undefined ? (message.ok ?? {}) : { ...message.ok, data });
    }
  }

  private setLost(lost: boolean): void {
    if (this.lost !== lost) {
      this.lost = lost;
      this.losses.forEach((callback) => callback(lost));
    }
  }
}

let count = 0;

/** Unique on the page, as all sources share a connection. */
function nextId(): number {
  return ++count;
}

/** One source for a run, however many views of it a page has. */
export class Sources {
  private readonly held = new Map<string, { source: SocketSource; views: number }>();

  constructor(
    private readonly connection: Connection,
    private readonly places?: Places,
  ) {}

  take(name: string): SocketSource {
    const held = this.held.get(name) ?? { source: new SocketSource(this.connection, name, this.places), views: 0 };
    this.held.set(name, held);
    held.views += 1;
    return held.source;
  }

  release({ name }: SocketSource): void {
    const held = this.held.get(name);
    if (held !== undefined) {
      held.views -= 1;
      setTimeout(() => this.letGo(name), KEPT);
    }
  }

  private letGo(name: string): void {
    const held = this.held.get(name);
    if (held?.views === 0) {
      this.held.delete(name);
      held.source.dispose();
    }
  }
}
