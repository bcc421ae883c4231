/** The runs that the page knows of, in JupyterLab's memory: told by pages and by the topic, each once. */
import type { Counts, Run } from "../lab/api.ts";

/** What decides where a run stands in the list. */
const PLACING = ["status", "created", "started", "ended", "experiment", "display_name", "command", "tags"] as const;

export class RunStore {
  private readonly rows = new Map<string, Run>();
  private readonly callbacks = new Set<() => void>();
  private unseen: Set<string> | undefined;
  private scheduled = false;
  /** Changes with every row; what is drawn of a row follows it. */
  version = 0;
  /** Changes when rows come, go or may have to move. */
  placing = 0;
  counts: Counts = {};
  /** Of the workspace; undefined until it is told. */
  total: number | undefined;

  /** `later` puts off telling, so that many changes are drawn once. */
  constructor(private readonly later: (tell: () => void) => void) {}

  get(id: string): Run | undefined {
    return this.rows.get(id);
  }

  all(): Iterable<Run> {
    return this.rows.values();
  }

  get size(): number {
    return this.rows.size;
  }

  put(rows: readonly Run[]): void {
    for (const row of rows) {
      const before = this.rows.get(row.id);
      this.unseen?.delete(row.id);
      this.rows.set(row.id, row);
      if (before === undefined || PLACING.some((name) => !same(before[name], row[name]))) {
        this.placing += 1;
      }
    }
    this.changed();
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.rows.delete(id)) {
        this.placing += 1;
      }
    }
    this.changed();
  }

  count(counts: Counts, total: number | undefined): void {
    this.counts = counts;
    this.total = total;
    this.changed();
  }

  /** From here on everything is told anew; what is not told until `settle` is gone. */
  begin(): void {
    this.unseen = new Set(this.rows.keys());
  }

  /** How many have been told of since it began. */
  get told(): number {
    return this.rows.size - (this.unseen?.size ?? 0);
  }

  /** Whether a run is known from before it began alone. */
  isOld(id: string): boolean {
    return this.unseen?.has(id) === true;
  }

  settle(): void {
    const gone = [...(this.unseen ?? [])];
    this.unseen = undefined;
    this.remove(gone);
  }

  clear(): void {
    this.unseen = undefined;
    this.total = undefined;
    this.counts = {};
    this.remove([...this.rows.keys()]);
  }

  subscribe = (callback: () => void): (() => void) => {
    this.callbacks.add(callback);
    return () => this.callbacks.delete(callback);
  };

  /** Has what is drawn of the runs drawn again. */
  changed(): void {
    this.version += 1;
    if (!this.scheduled) {
      this.scheduled = true;
      this.later(() => {
        this.scheduled = false;
        this.callbacks.forEach((callback) => callback());
      });
    }
  }
}

function same(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}
