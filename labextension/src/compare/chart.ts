/** One metric of all runs over one another. */
import { reasonOf } from "../view/asking.ts";
import { h, setAttribute, setText } from "../view/dom.ts";
import { anyValue, number } from "../view/format.ts";
import { Frame } from "../view/metrics/card.ts";
import { Plot } from "../view/metrics/plot.ts";
import { line, type Line, lineOf, smooth } from "../view/metrics/series.ts";
import type { Scope } from "../view/scope.ts";
import type { Metric } from "../view/source.ts";
import type { Theme } from "../view/theme.ts";
import { DASHES, type Legend, swatch } from "./legend.ts";
import type { Host, Run } from "./model.ts";
import { overlay, valueNear } from "./overlay.ts";
import type { Looks } from "./looks.ts";

export class OverlayCard {
  readonly element: HTMLElement;
  private readonly frame = new Frame("chart");
  private readonly plot: Plot;
  private readonly values: HTMLElement[];
  private drawn: ReturnType<typeof overlay> = { x: [], ys: [] };
  /** Points of the zoomed stretch in full detail, by run. */
  private detail = new Map<string, Line>();
  private asked = "";

  constructor(
    private readonly host: Host,
    private readonly name: string,
    private readonly looks: Looks,
    private readonly legend: Legend,
    parts: { theme: Theme; scope: Scope; sync: string },
  ) {
    this.element = this.frame.element;
    this.plot = new Plot({
      ...parts,
      lines: host.runs.map((_, k) => ({ color: `line-${k}`, dash: DASHES[k] ?? [] })),
      whole: () => true,
      isTime: () => looks.axis === "time",
      pointed: (index) => this.point(index),
      zoomed: (range) => looks.setRange(range),
    });
    this.values = host.runs.map((_, k) => h("span", "overlay-value", {}, swatch(k), h("span")));
    this.frame.facts.append(...this.values);
    setAttribute(this.plot.element, "role", "img");
    this.frame.body.append(this.plot.element);
  }

  draw(): void {
    const { looks, host } = this;
    const metrics = host.runs.map((run) => this.metricOf(run));
    const known = metrics.find((metric) => metric !== undefined);
    if (known !== undefined) {
      this.frame.name(known);
    }
    this.askDetail();
    const lines = host.runs.map((run, k) => this.lineOf(run, metrics[k]));
    this.drawn = overlay(lines.map((each) => each && { ...each, y: looks.smoothing > 0 ? smooth(each.y, looks.smoothing) : each.y }));
    this.plot.set([this.drawn.x, ...this.drawn.ys], looks.range);
    this.point(null);
    const told = host.runs.map(({ id }, k) => `${id} ${lastOf(metrics[k])}`).join(", ");
    setAttribute(this.plot.element, "aria-label", host.trans.__("Chart of %1, last values: %2", this.name, told));
  }

  private metricOf({ source }: Run): Metric | undefined {
    return source.get("metrics")?.find(({ name, series }) => name === this.name && series !== undefined);
  }

  private lineOf(run: Run, metric: Metric | undefined): Line | undefined {
    if (metric?.series === undefined || !this.legend.isShown(run.id)) {
      return undefined;
    }
    return this.detail.get(run.id) ?? lineOf(metric.series, this.looks.axis, begin(run));
  }

  /** The points here may be thinned out: a stretch is asked for at the chart's own resolution. */
  private askDetail(): void {
    const { range, axis } = this.looks;
    const key = range === null ? "" : `${axis} ${range.join(" ")}`;
    if (key === this.asked) {
      return;
    }
    this.asked = key;
    this.detail.clear();
    for (const run of range === null ? [] : this.host.runs) {
      const base = axis === "time" ? begin(run) : 0;
      const [from, to] = range as [number, number];
      const params = { name: this.name, axis, from: from + base, to: to + base, pixels: this.plot.width };
      run.source
        .request("series", params)
        .then(({ x, ...points }) => {
          if (x.length > 0 && this.asked === key) {
            this.detail.set(run.id, line(x, points, base));
            this.draw();
          }
        })
        .catch((error: unknown) => console.warn(reasonOf(error))); // the points already here stay drawn
    }
  }

  private point(index: number | null): void {
    this.host.runs.forEach((run, k) => {
      const metric = this.metricOf(run);
      const value = index === null ? undefined : valueNear(this.drawn, k, index);
      const text = index === null ? lastOf(metric) : value === null || value === undefined ? "–" : number(value);
      const element = this.values[k];
      if (element !== undefined) {
        setText(element.lastElementChild as Element, text);
        setAttribute(element, "title", run.id);
      }
    });
    const x = index === null ? undefined : this.drawn.x[index];
    setText(this.frame.readout, x === undefined ? this.host.trans.__("last") : this.looks.where(x));
  }
}

/** When a run's script began: on the axis of time all begin together. */
function begin({ source }: Run): number {
  const run = source.get("run");
  return run?.started ?? run?.created ?? 0;
}

function lastOf(metric: Metric | undefined): string {
  return metric === undefined ? "–" : anyValue(Array.isArray(metric.last) ? metric.last.at(-1) : metric.last);
}
