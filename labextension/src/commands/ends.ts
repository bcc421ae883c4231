/** Which runs have ended that the reader has not been told of. Nothing of the page here. */
import type { Status } from "../view/source.ts";
import { isLive } from "../view/states.ts";

export interface Seen {
  id: string;
  status: Status;
  created: number;
}

const MOST = 500;

/** Text that outlives the page. */
export interface Memory {
  read(): string | null;
  write(text: string): void;
}

export class Ends {
  /** The newest run of the first look: an older one is no news, whatever is told of it. */
  private newest: number | undefined;
  private readonly handled = new Set<string>();

  /** The memory holds the runs that were seen alive: a run that ends while no page is open is told of by the next. */
  constructor(private readonly memory: Memory) {}

  /** Takes what there is when the page begins to look. Returns those that have ended since it last did. */
  first(runs: readonly Seen[]): string[] {
    const ended = runs.filter((run) => this.take(run));
    this.newest ??= Math.max(0, ...runs.map(({ created }) => created));
    return ended.map(({ id }) => id);
  }

  /** Takes a run that has changed, and says whether its end is news. */
  take(run: Seen): boolean {
    const alive = this.alive();
    const was = alive.includes(run.id);
    if (isLive(run)) {
      if (!was) {
        this.keep([...alive, run.id]);
      }
      return false;
    }
    this.forget(run.id);
    const isNews = was || (this.newest !== undefined && run.created > this.newest);
    const isFirst = !this.handled.has(run.id);
    this.handled.add(run.id);
    return isNews && isFirst;
  }

  forget(id: string): void {
    const alive = this.alive();
    if (alive.includes(id)) {
      this.keep(alive.filter((one) => one !== id));
    }
  }

  private alive(): string[] {
    try {
      const ids: unknown = JSON.parse(this.memory.read() ?? "[]");
      return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
    } catch {
      return [];
    }
  }

  private keep(ids: readonly string[]): void {
    this.memory.write(JSON.stringify(ids.slice(-MOST)));
  }
}
