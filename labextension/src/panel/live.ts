/** What the server tells of a workspace, kept for the panel: pages by REST, then every change by the topic. */
import { RunStore } from "./store.ts";
import { type Counts, Refused, type Run, type RunQuery } from "../lab/api.ts";
import type { IAml } from "../lab/tokens.ts";
import { follow } from "../lab/topic.ts";
import { reasonOf } from "../view/asking.ts";
import type { Status } from "../view/source.ts";
import { isLive } from "../view/states.ts";
import type { Filter, Order } from "./order.ts";

export type State = "waiting" | "there" | "lost" | "refused";

const PAGE = 200;
/** Of those after the first where all are needed. */
const LARGE_PAGE = 1000;
const RETRY_MS = 2000;
/** So many rows below what is seen are there before the reader comes to them. */
const AHEAD = 100;

/** Draws many changes once; a page that is not looked at draws nothing, and is up to date when it is. */
function nextFrame(draw: () => void): void {
  requestAnimationFrame(draw);
}

/** How far the runs that something is true of have been read, newest first. */
interface Reading {
  /** Where the next page begins; null where there is none. */
  next: string | null | undefined;
  /** All of them that were made since then are there. */
  horizon: number;
  busy: boolean;
  failed: boolean;
}

export class RunFeed {
  readonly store = new RunStore(nextFrame);
  state: State = "waiting";
  /** Why there are no runs. */
  reason = "";
  private unfollow: (() => void) | undefined;
  private readings = new Map<string, Reading>();
  /** As many runs are read again as were there. */
  private again: number | undefined;

  constructor(private readonly aml: IAml) {}

  /** Begins to look at the chosen workspace. */
  start(): void {
    this.unfollow?.();
    this.store.clear();
    this.again = undefined;
    this.readings.clear();
    this.set("waiting");
    this.unfollow = follow(this.aml.connection, `runs/${this.aml.workspace}`, {
      began: () => this.refresh(),
      event: (name, data) => this.told(name, data),
      lost: (lost) => this.turn(lost),
      refused: (reason) => this.set("refused", reason),
    });
  }

  /** Reads everything again. */
  refresh(): void {
    this.again = this.store.size;
    this.store.begin();
    this.readings = new Map();
    void this.read({}, this.reading({}));
  }

  /** Whether all runs that a list could show have been read. */
  isWhole(order: Order): boolean {
    return this.reading(queryOf(order)).next === null;
  }

  /** Whether a run stands in the list yet: between it and those above others may be missing. */
  horizon(order: Order): number {
    return this.again === undefined ? this.reading(queryOf(order)).horizon : -Infinity;
  }

  /** Reads on where the list has few rows below what is seen, or where its order needs all. */
  want(order: Order, below: number): void {
    const query = queryOf(order);
    const reading = this.reading(query);
    const isNeeded = below < AHEAD || needsAll(order);
    if (isNeeded && reading.next !== null && !reading.failed && this.unfollow !== undefined && this.state !== "lost") {
      void this.read(query, reading, needsAll(order) ? LARGE_PAGE : PAGE);
    }
  }

  private reading(query: RunQuery): Reading {
    const key = JSON.stringify(query);
    const reading = this.readings.get(key) ?? { next: undefined, horizon: -Infinity, busy: false, failed: false };
    this.readings.set(key, reading);
    return reading;
  }

  private turn(lost: boolean): void {
    this.readings.forEach((reading) => (reading.failed = false));
    this.set(lost ? "lost" : "there");
  }

  private told(name: string, data: unknown): void {
    if (name === "row") {
      this.store.put([data as Run]);
    } else if (name === "gone") {
      this.store.remove([(data as { id: string }).id]);
    } else if (name === "counts") {
      const { counts, total } = data as { counts: Counts; total: number };
      this.store.count(counts, total);
    }
  }

  private async read(query: RunQuery, reading: Reading, atOnce = PAGE): Promise<void> {
    if (reading.busy) {
      return;
    }
    reading.busy = true;
    const { api, workspace } = this.aml;
    const { readings } = this;
    try {
      const after = reading.next ?? undefined;
      const limit = after === undefined ? PAGE : atOnce;
      const page = await api.runs(workspace, { ...query, limit, ...(after !== undefined && { after }) });
      if (readings !== this.readings) {
        return;
      }
      reading.next = page.next;
      reading.horizon = page.next === null ? -Infinity : (page.runs.at(-1)?.created ?? reading.horizon);
      this.store.put(page.runs.filter((run) => this.isNews(run)));
    } catch (error) {
      if (readings === this.readings) {
        this.failed(reading, error);
      }
      return;
    } finally {
      reading.busy = false;
    }
    this.goOn(reading);
  }

  /** What the server refuses it will refuse again; what broke on its way is asked for once more. */
  private failed(reading: Reading, error: unknown): void {
    reading.failed = true;
    if (error instanceof Refused) {
      this.set("refused", reasonOf(error));
      return;
    }
    setTimeout(() => {
      reading.failed = false;
      if (this.again === undefined) {
        this.store.changed();
      } else {
        this.goOn(reading);
      }
    }, RETRY_MS);
  }

  private goOn(reading: Reading): void {
    if (this.again === undefined) {
      this.set("there");
    } else if (reading === this.reading({}) && (reading.next === null || this.store.told >= this.again)) {
      this.again = undefined;
      this.store.settle();
      this.set("there");
    } else {
      void this.read({}, this.reading({}));
    }
  }

  /** A page may have been read before what the topic told meanwhile: a run does not come back to life. */
  private isNews(run: Run): boolean {
    const known = this.store.get(run.id);
    return known === undefined || this.store.isOld(run.id) || isLive(known) || !isLive(run);
  }

  private set(state: State, reason = ""): void {
    this.state = state;
    this.reason = reason;
    this.store.changed();
  }
}

const LIVE: readonly Status[] = [
  "NotStarted",
  "Starting",
  "Provisioning",
  "Preparing",
  "Queued",
  "Running",
  "Finalizing",
  "CancelRequested",
  "NotResponding",
];
const STATES: Record<Filter, readonly Status[]> = {
  all: [],
  live: LIVE,
  completed: ["Completed"],
  failed: ["Failed"],
  canceled: ["Canceled"],
};

/** What the server looks for, which is not less than what the list shows. */
function queryOf({ text, filter }: Order): RunQuery {
  const [word] = text.split(/\s+/).sort((a, b) => b.length - a.length);
  return { ...(word && { text: word }), ...(filter !== "all" && { status: STATES[filter] }) };
}

/** Newest first is as the server reads; any other order, and groups, are true of all or not at all. */
export function needsAll({ sort, grouped }: Order): boolean {
  return sort !== "newest" || grouped;
}

/** The latest of what a topic tells under each name, while somebody looks. */
export class Latest {
  private readonly values = new Map<string, unknown>();
  private readonly callbacks = new Set<() => void>();
  private unfollow: (() => void) | undefined;
  private scheduled = false;
  private isShown = true;
  version = 0;
  reason = "";

  constructor(
    private readonly aml: IAml,
    private readonly kind: "computes" | "environments" | "models",
  ) {}

  get<T>(name: string): T | undefined {
    return this.values.get(name) as T | undefined;
  }

  /** Somebody looks as long as there is a callback. */
  subscribe = (callback: () => void): (() => void) => {
    this.callbacks.add(callback);
    this.update();
    return () => {
      this.callbacks.delete(callback);
      this.update();
    };
  };

  /** What nobody can see is not asked for. */
  show(isShown: boolean): void {
    this.isShown = isShown;
    this.update();
  }

  /** The workspace is another. */
  again(): void {
    this.values.clear();
    this.leave();
    this.update();
    this.changed();
  }

  private update(): void {
    if (this.isShown && this.callbacks.size > 0) {
      this.unfollow ??= this.look();
    } else {
      this.leave();
    }
  }

  private leave(): void {
    this.unfollow?.();
    this.unfollow = undefined;
  }

  private look(): () => void {
    return follow(this.aml.connection, `${this.kind}/${this.aml.workspace}`, {
      began: () => undefined,
      event: (name, data) => {
        this.reason = "";
        this.values.set(name, data);
        this.changed();
      },
      lost: () => undefined,
      refused: (reason) => {
        this.reason = reason;
        this.changed();
      },
    });
  }

  private changed(): void {
    this.version += 1;
    if (!this.scheduled) {
      this.scheduled = true;
      nextFrame(() => {
        this.scheduled = false;
        this.callbacks.forEach((callback) => callback());
      });
    }
  }
}
