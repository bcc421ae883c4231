/** What the server tells of a workspace, kept for the panel: pages by REST, then every change by the topic. */
import { isLive, RunStore } from "./store.ts";
import type { Counts, Run } from "../lab/api.ts";
import type { IAml } from "../lab/tokens.ts";
import { Topic } from "../lab/topic.ts";
import { reasonOf } from "../view/asking.ts";

export type State = "waiting" | "there" | "lost" | "refused";

const PAGE = 200;

/** Draws many changes once; a page that is not looked at draws nothing, and is up to date when it is. */
function nextFrame(draw: () => void): void {
  requestAnimationFrame(draw);
}

export class RunFeed {
  readonly store = new RunStore(nextFrame);
  state: State = "waiting";
  /** Why there are no runs. */
  reason = "";
  /** Runs are still being read. */
  reading = false;
  private topic: Topic | undefined;
  private generation = 0;

  constructor(private readonly aml: IAml) {}

  /** Begins to look at the chosen workspace. */
  start(): void {
    this.stop();
    this.store.clear();
    this.set("waiting");
    this.topic = new Topic(this.aml.connection, `runs/${this.aml.workspace}`, {
      began: () => this.refresh(),
      event: (name, data) => this.told(name, data),
      lost: (lost) => this.turn(lost),
      refused: (reason) => this.set("refused", reason),
    });
  }

  stop(): void {
    this.generation += 1;
    this.topic?.dispose();
    this.topic = undefined;
  }

  /** Reads everything again. */
  refresh(): void {
    void this.read(++this.generation);
  }

  get live(): Run[] {
    return [...this.store.all()].filter(isLive);
  }

  private turn(lost: boolean): void {
    this.set(lost ? "lost" : "there");
    if (!lost && this.reading) {
      this.refresh(); // what was being read when the server went away
    }
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

  private async read(generation: number): Promise<void> {
    const { api, workspace } = this.aml;
    this.reading = true;
    this.store.begin();
    try {
      for (let after: string | null | undefined; after !== null; ) {
        const page = await api.runs(workspace, { limit: PAGE, ...(after !== undefined && { after }) });
        if (generation !== this.generation) {
          return;
        }
        this.store.put(page.runs.filter((run) => this.isNews(run)));
        after = page.next;
      }
      this.reading = false;
      this.store.settle();
      this.set("there");
    } catch (error) {
      // Where the server went away, its return begins this again.
      if (generation === this.generation && this.state !== "lost") {
        this.reading = false;
        this.set("refused", reasonOf(error));
      }
    }
  }

  /** A page may have been read before what the topic told meanwhile: a run does not come back to life. */
  private isNews(run: Run): boolean {
    const known = this.store.get(run.id);
    return known === undefined || isLive(known) || !isLive(run);
  }

  private set(state: State, reason = ""): void {
    this.state = state;
    this.reason = reason;
    this.store.changed();
  }
}

/** The latest of what a topic tells under each name, while somebody looks. */
export class Latest {
  private readonly values = new Map<string, unknown>();
  private readonly callbacks = new Set<() => void>();
  private topic: Topic | undefined;
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
      this.topic ??= this.look();
    } else {
      this.leave();
    }
  }

  private leave(): void {
    this.topic?.dispose();
    this.topic = undefined;
  }

  private look(): Topic {
    return new Topic(this.aml.connection, `${this.kind}/${this.aml.workspace}`, {
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
