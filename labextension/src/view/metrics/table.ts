/** Single values in one table, and rows and tables each in their own, with a chart where they hold numbers. */
import { h, setAttribute, setText, show } from "../dom.ts";
import { anyValue, finite, number, toNumber } from "../format.ts";
import type { Metric } from "../source.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";
import { type Card, Frame } from "./card.ts";
import { Plot } from "./plot.ts";
import { tableLines } from "./series.ts";

const COLORS = 8;
/** Of a chart that tells more than its table. */
const LEAST_POINTS = 3;
/** Columns that fit into a card. */
const FEW = 3;

/** All metrics that have one value only. */
export class ValuesCard {
  readonly element: HTMLElement;
  private readonly body = h("tbody");
  private drawn = "";

  constructor() {
    const table = h("table", "table", {}, this.body);
    const head = h("div", "card-head", {}, h("h3", "title", {}, strings.values));
    this.element = h("article", "card values", {}, head, h("div", "scroll", { tabindex: 0 }, table));
  }

  update(metrics: readonly Metric[]): void {
    const rows = metrics.map((metric) => [metric.name, anyValue(metric.last), metric.description ?? ""] as const);
    const text = JSON.stringify(rows);
    show(this.element, rows.length > 0);
    if (text !== this.drawn) {
      this.drawn = text;
      this.body.replaceChildren(...rows.map(valueRow));
    }
  }
}

function valueRow([name, value, description]: readonly [string, string, string]): HTMLElement {
  const head = h("th", "", { scope: "row", title: description === "" ? name : description }, name);
  return h("tr", "", {}, head, h("td", "value", { title: value }, value));
}

export class TableCard implements Card {
  readonly element: HTMLElement;
  private readonly frame = new Frame("tabular");
  private readonly plot: Plot;
  private readonly table = h("table", "table");
  private metric: Metric | undefined;
  private labels: HTMLElement[] = [];
  private x: number[] = [];
  private ys: (number | null)[][] = [];

  constructor(view: View) {
    this.element = this.frame.element;
    this.plot = new Plot({
      lines: Array.from({ length: COLORS }, (_, k) => ({ color: `line-${k}` })),
      theme: view.theme,
      scope: view.scope,
      whole: () => this.x.every(Number.isInteger),
      isTime: () => false,
      pointed: (index) => this.point(index),
    });
    this.plot.element.setAttribute("role", "img");
    this.frame.body.append(this.plot.element, h("div", "scroll", { tabindex: 0 }, this.table));
  }

  set(metric: Metric): void {
    this.metric = metric;
    this.frame.name(metric);
    this.plot.element.setAttribute("aria-label", strings.chartOf(metric.name, ""));
  }

  draw(): void {
    const columns = this.metric?.columns ?? {};
    const { x, ys } = tableLines(columns);
    const isDrawn = x.length >= LEAST_POINTS;
    show(this.plot.element, isDrawn);
    if (isDrawn) {
      this.drawLines(x, ys.map(([name, y]) => [name, y.map((value) => finite(value))] as const));
    }
    this.drawTable(columns);
  }

  private drawLines(x: number[], ys: (readonly [string, (number | null)[]])[]): void {
    if (this.labels.length !== ys.length) {
      this.labels = ys.map((_, k) => h("span", "legend", { style: `--aml-mark: var(--aml-line-${k})` }));
      this.frame.facts.replaceChildren(...this.labels);
    }
    this.x = x;
    this.ys = ys.map(([, y]) => y);
    this.labels.forEach((label, k) => (label.dataset["name"] = ys[k]?.[0] ?? ""));
    this.point(null);
    const blank = x.map(() => null);
    this.plot.set([x, ...Array.from({ length: COLORS }, (_, k) => this.ys[k] ?? blank)], null);
  }

  private point(index: number | null): void {
    this.labels.forEach((label, k) => {
      const y = this.ys[k]?.[index ?? this.ys[k].length - 1];
      setText(label, `${label.dataset["name"]} ${typeof y === "number" ? number(y) : "–"}`);
    });
  }

  private drawTable(columns: Record<string, readonly unknown[]>): void {
    const count = fillTable(this.table, columns);
    setAttribute(this.element, "data-wide", Object.keys(columns).length > FEW || null);
    const all = this.metric?.count ?? count;
    setText(this.frame.readout, all > count ? strings.rowsShown(count, all) : "");
  }
}

/** Puts columns into a table; returns how many rows they make. */
export function fillTable(table: HTMLElement, columns: Record<string, readonly unknown[]>): number {
  const names = Object.keys(columns);
  const count = Math.max(0, ...names.map((name) => columns[name]?.length ?? 0));
  const isNumber = (value: unknown): boolean => value === null || toNumber(value) !== null;
  const side = (name: string): string =>
    columns[name]?.every(isNumber) && columns[name].some((value) => value !== null) ? "number" : "";
  const head = h("tr", "", {}, ...names.map((name) => h("th", side(name), { scope: "col" }, name)));
  const rows = Array.from({ length: count }, (_, k) =>
    h("tr", "", {}, ...names.map((name) => h("td", side(name), {}, anyValue(columns[name]?.[k] ?? "")))),
  );
  table.replaceChildren(h("thead", "", {}, head), h("tbody", "", {}, ...rows));
  return count;
}
