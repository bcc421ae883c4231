/** What all charts of the pane share: the axis, the smoothing, and the stretch that is looked at. */
import type { Axis, Seconds, Source } from "../source.ts";

export class Shared {
  /** In the axis's own units; null shows everything. */
  range: [number, number] | null = null;

  constructor(
    private readonly source: Source,
    private readonly changed: () => void,
    /** The pointer stands at a moment in a chart. */
    readonly pointed: (time: Seconds) => void,
  ) {}

  get axis(): Axis {
    return this.source.ui.axis ?? "step";
  }

  get smoothing(): number {
    return this.source.ui.smoothing ?? 0;
  }

  /** Times are drawn from here on. */
  get base(): number {
    const run = this.source.get("run");
    return run?.started ?? run?.created ?? 0;
  }

  /** What is marked in every chart. */
  get moment(): Seconds | undefined {
    return this.source.ui.moment;
  }

  unmark(): void {
    delete this.source.ui.moment;
    this.changed();
  }

  setAxis(axis: Axis): void {
    this.source.ui.axis = axis;
    this.setRange(null);
  }

  setSmoothing(weight: number): void {
    this.source.ui.smoothing = weight;
    this.changed();
  }

  setRange(range: [number, number] | null): void {
    this.range = range;
    this.changed();
  }
}
