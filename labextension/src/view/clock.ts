/** The run's own time, whatever this machine's clock says, ticking once a second while somebody looks. */
import type { Scope } from "./scope.ts";
import type { RunTopic, Seconds, Source } from "./source.ts";
import { isLive } from "./states.ts";

export function hasEnded(run: RunTopic | undefined): boolean {
  return run !== undefined && !isLive(run);
}

/** How long a run has run: from its script's start to its end, or until now; null where it never began. */
export function ran({ started, ended }: { started: Seconds | null; ended: Seconds | null }, now: Seconds): number | null {
  return started === null ? null : (ended ?? now) - started;
}

/** The topic, once it holds a run: a fresh model holds an empty object. */
export function runOf(source: Source): RunTopic | undefined {
  const run = source.get("run");
  return run?.id ? run : undefined;
}

export class Clock {
  private readonly ticks = new Set<() => void>();
  private skew: number | null = null;

  constructor(
    private readonly source: Source,
    scope: Scope,
  ) {
    scope.add(source.on("run", () => this.observe()));
    const timer = setInterval(() => this.tick(), 1000);
    scope.add(() => clearInterval(timer));
  }

  /** Seconds since the epoch by the run's clock. */
  now(): number {
    return Date.now() / 1000 + (this.skew ?? Math.max(0, this.observed()));
  }

  onTick(callback: () => void): void {
    this.ticks.add(callback);
  }

  private tick(): void {
    if (!document.hidden && !hasEnded(this.source.get("run"))) {
      this.ticks.forEach((callback) => callback());
    }
  }

  /** A value that waited on its way only ever makes the skew too small: the largest is the truest. */
  private observe(): void {
    this.skew = Math.max(this.skew ?? -Infinity, this.observed());
  }

  private observed(): number {
    const run = runOf(this.source);
    return run === undefined ? 0 : run.now - Date.now() / 1000;
  }
}
