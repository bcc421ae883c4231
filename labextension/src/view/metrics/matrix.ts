/** A confusion matrix: a cell's colour tells its part of the largest, and its number stands in it. */
import { h, setAttribute } from "../dom.ts";
import { anyValue, finite } from "../format.ts";
import type { Metric, Num } from "../source.ts";
import { strings } from "../strings.ts";
import { type Card, Frame } from "./card.ts";

/** Classes that fit into a card. */
const FEW = 5;

export class MatrixCard implements Card {
  readonly element: HTMLElement;
  private readonly frame = new Frame("matrix");
  private readonly table = h("table", "table");
  private metric: Metric | undefined;

  constructor() {
    this.element = this.frame.element;
    this.frame.body.append(h("div", "scroll", { tabindex: 0 }, this.table));
  }

  set(metric: Metric): void {
    this.metric = metric;
    this.frame.name(metric);
  }

  draw(): void {
    const { labels, rows } = this.metric?.matrix ?? { labels: [], rows: [] };
    const most = Math.max(0, ...rows.flat().map((value) => finite(value) ?? 0));
    const corner = h("td", "quiet", { rowspan: 2 }, strings.trueClass);
    const predicted = h("th", "quiet", { scope: "colgroup", colspan: labels.length }, strings.predictedClass);
    const heads = labels.map((label) => h("th", "", { scope: "col" }, label));
    const body = rows.map((row, k) =>
      h("tr", "", {}, h("th", "", { scope: "row" }, labels[k] ?? ""), ...row.map((value, j) => cell(value, row, most, [labels[k] ?? "", labels[j] ?? ""]))),
    );
    this.table.replaceChildren(h("thead", "", {}, h("tr", "", {}, corner, predicted), h("tr", "", {}, ...heads)), h("tbody", "", {}, ...body));
    setAttribute(this.element, "data-wide", labels.length > FEW || null);
  }
}

function cell(value: Num, row: readonly Num[], most: number, [label, predicted]: [string, string]): HTMLElement {
  const n = finite(value) ?? 0;
  const all = row.reduce<number>((sum, each) => sum + (finite(each) ?? 0), 0);
  const share = `${all > 0 ? Math.round((100 * n) / all) : 0} %`;
  const text = value === null ? strings.unknown : anyValue(value);
  const shade = most > 0 ? Math.round((45 * Math.max(0, n)) / most) : 0;
  return h("td", "cell", { style: `--aml-shade: ${shade}%`, title: strings.matrixCell(label, predicted, text, share) }, text);
}
