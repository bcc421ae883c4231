/** How all charts of a comparison are drawn: the axis, the smoothing, and the stretch that is looked at. */
import { number, ticking } from "../view/format.ts";
import type { Axis } from "../view/source.ts";
import type { Words } from "./model.ts";

export class Looks {
  axis: Axis = "step";
  smoothing = 0;
  /** In the axis's own units; null shows everything. */
  range: [number, number] | null = null;

  constructor(
    private readonly trans: Words,
    private readonly changed: () => void,
  ) {}

  setAxis(axis: Axis): void {
    this.axis = axis;
    this.setRange(null);
  }

  setSmoothing(weight: number): void {
    this.smoothing = weight;
    this.changed();
  }

  setRange(range: [number, number] | null): void {
    this.range = range;
    this.changed();
  }

  where(x: number): string {
    return this.axis === "time" ? ticking(x) : this.trans.__("step %1", number(x));
  }
}
