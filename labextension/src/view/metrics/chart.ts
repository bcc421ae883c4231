/** A scalar's card: a chart with its last and best values. */
import { setAttribute, setText } from "../dom.ts";
import { anyValue, number, ticking } from "../format.ts";
import type { Metric } from "../source.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";
import { type Card, Frame } from "./card.ts";
import { Plot } from "./plot.ts";
import { extremes, type Line, line, lineOf, placeOf, smooth, timeAt, unfinished } from "./series.ts";
import type { Shared } from "./zoom.ts";

export class ChartCard implements Card {
  readonly element: HTMLElement;
  private readonly frame = new Frame("chart");
  private readonly plot: Plot;
  private metric: Metric | undefined;
  private drawn: Line = { x: [], y: [] };
  /** Points of the zoomed stretch in full detail, once they have come. */
  private detail: { key: string; line: Line } | undefined;
  private asked = "";

  constructor(
    private readonly view: View,
    private readonly shared: Shared,
    sync: string,
  ) {
    this.element = this.frame.element;
    this.plot = new Plot({
      lines: [{}, {}, { color: "accent", faint: true }, { color: "accent" }],
      band: true,
      theme: view.theme,
      scope: view.scope,
      whole: () => true,
      isTime: () => shared.axis === "time",
      pointed: (index) => this.point(index),
      zoomed: (range) => shared.setRange(range),
      sync,
      mark: () => this.mark(),
    });
    setAttribute(this.plot.element, "role", "img");
    this.frame.body.append(this.plot.element);
  }

  set(metric: Metric): void {
    this.metric = metric;
    this.frame.name(metric);
  }

  draw(): void {
    const { metric, shared } = this;
    if (metric?.series === undefined) {
      return;
    }
    this.showFacts(metric);
    const key = this.zoomKey();
    this.askDetail(key);
    const local = lineOf(metric.series, shared.axis, shared.base);
    this.drawn = this.detail?.key === key && key !== "" ? this.detail.line : local;
    const { x, y, band } = this.drawn;
    const isSmooth = shared.smoothing > 0;
    const none = y.map(() => null);
    const [low, high] = band ?? [none, none];
    this.plot.set([x, low, high, isSmooth ? y : none, isSmooth ? smooth(y, shared.smoothing) : y], shared.range);
  }

  private zoomKey(): string {
    const { range, axis } = this.shared;
    return range === null ? "" : `${axis} ${range.join(" ")}`;
  }

  /** The points here may be thinned out: a stretch is asked for at the chart's own resolution. */
  private askDetail(key: string): void {
    const { range, axis, base } = this.shared;
    const { metric } = this;
    if (range === null || metric === undefined || key === this.asked) {
      this.asked = key;
      return;
    }
    this.asked = key;
    const offset = axis === "time" ? base : 0;
    const [from, to] = [range[0] + offset, range[1] + offset];
    this.view
      .ask("series", { name: metric.name, axis, from, to, pixels: this.plot.width })
      .then(({ x, ...points }) => {
        if (x.length > 0 && this.zoomKey() === key) {
          this.detail = { key, line: line(x, points, offset) };
          this.draw();
        }
      })
      .catch(() => undefined); // the points already here stay drawn
  }

  private showFacts(metric: Metric): void {
    const last = anyValue(Array.isArray(metric.last) ? metric.last.at(-1) : metric.last);
    const facts = [`${strings.last} ${last}`];
    const ends = extremes(metric);
    for (const { word, value, index } of ends) {
      const where = index < 0 || ends.length > 1 ? "" : ` ${this.where(metric, index)}`;
      facts.push(`${word} ${number(value)}${where}`);
    }
    const odd = unfinished(metric.series?.y ?? []);
    if (odd > 0) {
      facts.push(strings.oddValues(odd));
    }
    setText(this.frame.facts, facts.join("  ·  "));
    setAttribute(this.frame.facts, "title", facts.join("\n"));
    setAttribute(this.plot.element, "aria-label", strings.chartOf(metric.name, facts.join(", ")));
  }

  private where(metric: Metric, index: number): string {
    const { axis, base } = this.shared;
    const x = metric.series?.[axis][index] ?? 0;
    return strings.at(this.x(axis === "time" ? x - base : x));
  }

  private x(value: number): string {
    return this.shared.axis === "time" ? ticking(value) : strings.atStep(number(value));
  }

  private mark(): number | undefined {
    const { axis, base, moment } = this.shared;
    const series = this.metric?.series;
    return series === undefined || moment === undefined ? undefined : placeOf(series, axis, base, moment);
  }

  /** The charts move together: only the one under the pointer tells of its moment. */
  private tell(x: number): void {
    const series = this.metric?.series;
    if (series !== undefined && this.element.matches(":hover")) {
      const time = timeAt(series, this.shared.axis, this.shared.base, x);
      if (time !== undefined) {
        this.shared.pointed(time);
      }
    }
  }

  private point(index: number | null): void {
    const x = index === null ? undefined : this.drawn.x[index];
    if (x !== undefined) {
      this.tell(x);
    }
    const y = index === null ? null : this.drawn.y[index];
    setText(this.frame.readout, x === undefined ? "" : `${this.x(x)}: ${typeof y === "number" ? number(y) : "–"}`);
  }
}
