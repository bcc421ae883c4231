/** A JSON metric as its curves, each a chart of lines over one another, and under them its table. */
import { h, setAttribute, setText } from "../dom.ts";
import { number } from "../format.ts";
import type { Curve, CurveLine, Metric, Num } from "../source.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";
import { type Card, Frame } from "./card.ts";
import { Plot } from "./plot.ts";
import { line, shared } from "./series.ts";
import { fillTable } from "./table.ts";

export class CurvesCard implements Card {
  readonly element: HTMLElement;
  private readonly frame = new Frame("tabular");
  private readonly charts = h("div", "curves");
  private readonly table = h("table", "table");
  private drawn: CurveChart[] = [];
  private metric: Metric | undefined;

  constructor(private readonly view: View) {
    this.element = this.frame.element;
    this.frame.body.append(this.charts, h("div", "scroll", { tabindex: 0 }, this.table));
    this.frame.facts.remove();
    setAttribute(this.element, "data-wide", true);
  }

  set(metric: Metric): void {
    this.metric = metric;
    this.frame.name(metric);
  }

  draw(): void {
    const curves = this.metric?.curves ?? [];
    if (curves.length !== this.drawn.length || !curves.every((curve, k) => this.drawn[k]?.shows(curve))) {
      this.drawn = curves.map((curve) => new CurveChart(this.view, curve));
      this.charts.replaceChildren(...this.drawn.map(({ element }) => element));
    }
    this.drawn.forEach((chart, k) => chart.draw(curves[k]));
    fillTable(this.table, this.metric?.columns ?? {});
  }
}

class CurveChart {
  readonly element: HTMLElement;
  private readonly plot: Plot;
  private readonly readout = h("span", "readout");
  private readonly key: string;
  private x: number[] = [];
  private ys: (number | null | undefined)[][] = [];
  private names: string[] = [];

  constructor(view: View, curve: Curve) {
    this.key = keyOf(curve);
    this.names = curve.lines.map((each) => (each.look === "reference" ? strings.told(each.name) : each.name));
    this.plot = new Plot({
      lines: [{}, {}, ...curve.lines.map((each, k) => lookOf(each, k))],
      band: true,
      fromZero: curve.lines.some(({ look }) => look === "steps"),
      theme: view.theme,
      scope: view.scope,
      whole: () => this.x.every(Number.isInteger),
      isTime: () => false,
      pointed: (index) => this.point(index),
    });
    const about = strings.told(curve.about);
    const title = strings.told(curve.title);
    setAttribute(this.plot.element, "role", "img");
    setAttribute(this.plot.element, "aria-label", `${title}: ${about}`);
    const legend = this.names.map((name, k) => h("span", "legend", { style: `--aml-mark: var(--aml-${markOf(curve.lines[k], k)})` }, name));
    const head = h("div", "card-head", {}, h("h4", "title", {}, title), this.readout);
    this.element = h("section", "curve", { "aria-label": title }, head, h("div", "facts", { title: about }, about), this.plot.element, h("div", "legends", {}, ...legend));
  }

  shows(curve: Curve): boolean {
    return this.key === keyOf(curve);
  }

  draw(curve: Curve | undefined): void {
    if (curve === undefined) {
      return;
    }
    const { x, ys } = shared(curve.lines);
    const banded = curve.lines.find(({ low }) => low !== undefined);
    const none = x.map(() => null);
    const edge = (side: "low" | "high"): (number | null)[] => (banded?.[side] === undefined ? none : along(banded, side));
    this.x = x;
    this.ys = ys;
    this.plot.set([x, edge("low"), edge("high"), ...ys], null);
  }

  private point(index: number | null): void {
    const told = index === null ? [] : this.ys.flatMap((y, k) => (typeof y[index] === "number" ? [`${this.names[k]} ${number(y[index])}`] : []));
    setText(this.readout, index === null || told.length === 0 ? "" : `${number(this.x[index] ?? NaN)}: ${told.join(", ")}`);
  }
}

/** The edge of a line's band at the places where the line has points. */
function along({ x, low = [], high = [] }: CurveLine, side: "low" | "high"): (number | null)[] {
  const places = x.map((value: Num) => (typeof value === "number" ? value : NaN));
  return line(places, { y: side === "low" ? low : high }).y;
}

function keyOf({ title, lines }: Curve): string {
  return JSON.stringify([title, lines.map(({ name, look }) => [name, look])]);
}

function markOf(each: CurveLine | undefined, k: number): string {
  return each?.look === "reference" ? "quiet" : `line-${k}`;
}

function lookOf({ look }: CurveLine, k: number): { color: string; dash?: number[]; steps?: boolean } {
  return look === "reference" ? { color: "quiet", dash: [4, 3] } : { color: `line-${k}`, steps: look === "steps" };
}
