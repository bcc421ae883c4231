/** The runs of the workspace as the server tells of them, for the status bar and the notifications. */
import type { Run } from "../lab/api.ts";
import type { IAml } from "../lab/tokens.ts";
import { follow } from "../lab/topic.ts";
import { isLive } from "../view/states.ts";

export interface Watcher {
  /** All that there is when the page begins to look, or looks again. */
  first(rows: readonly Run[]): void;
  row(row: Run): void;
  gone(id: string): void;
  /** What is alive has changed, or whether the server is there. */
  changed(live: readonly Run[], isKnown: boolean): void;
}

export class Watch {
  private unfollow: (() => void) | undefined;
  private readonly live = new Map<string, Run>();
  /** Rows of the first message, until it has been read to its end. */
  private burst: Run[] | undefined;
  private isKnown = false;

  constructor(
    private readonly aml: IAml,
    private readonly watcher: Watcher,
  ) {
    aml.workspaceChanged.connect(() => this.begin());
    this.begin();
  }

  /** The run that has begun last, of those that run. */
  get newest(): Run | undefined {
    const running = [...this.live.values()].filter(({ status }) => status === "Running");
    return running.sort((a, b) => b.created - a.created)[0];
  }

  private begin(): void {
    this.unfollow?.();
    this.live.clear();
    this.unfollow = follow(this.aml.connection, `runs/${this.aml.workspace}`, {
      began: () => this.began(),
      event: (name, data) => this.event(name, data),
      lost: (lost) => this.known(!lost),
      refused: () => this.known(false),
    });
  }

  private began(): void {
    this.live.clear();
    this.burst = [];
  }

  private event(name: string, data: unknown): void {
    if (this.burst?.length === 0) {
      setTimeout(() => this.read(), 0);
    }
    if (name === "row") {
      this.take(data as Run);
    } else if (name === "gone") {
      const { id } = data as { id: string };
      this.live.delete(id);
      this.watcher.gone(id);
    }
    this.tell();
  }

  private take(row: Run): void {
    if (isLive(row)) {
      this.live.set(row.id, row);
    } else {
      this.live.delete(row.id);
    }
    if (this.burst === undefined) {
      this.watcher.row(row);
    } else {
      this.burst.push(row);
    }
  }

  /** The events of one message come one after the other, without a pause. */
  private read(): void {
    const rows = this.burst ?? [];
    this.burst = undefined;
    this.watcher.first(rows);
  }

  private known(isKnown: boolean): void {
    this.isKnown = isKnown;
    this.tell();
  }

  private tell(): void {
    this.watcher.changed([...this.live.values()], this.isKnown);
  }
}
