/** From logged points to lines that can be drawn. No drawing here. */
import { finite, toNumber } from "../format.ts";
import type { Axis, CurveLine, Metric, Num, Series } from "../source.ts";

type Values = (number | null)[];

export interface Line {
  x: number[];
  y: Values;
  /** The range of the ranks around y. */
  band?: [low: Values, high: Values];
}

interface Points {
  y: readonly Num[];
  low?: readonly Num[];
  high?: readonly Num[];
}

/** Points in rising x, gaps where a value is not finite. */
export function line(xs: readonly number[], { y, low, high }: Points, base = 0): Line {
  const order = xs.map((_, k) => k).filter((k) => Number.isFinite(xs[k]));
  const at = (k: number): number => xs[k] ?? 0;
  if (order.some((k, j) => j > 0 && at(k) < at(order[j - 1] ?? 0))) {
    order.sort((a, b) => at(a) - at(b));
  }
  const values = (numbers: readonly Num[]): Values => order.map((k) => finite(numbers[k]));
  const result: Line = { x: order.map((k) => at(k) - base), y: values(y) };
  if (low !== undefined && high !== undefined) {
    result.band = [values(low), values(high)];
  }
  return result;
}

export function lineOf(series: Series, axis: Axis, base: number): Line {
  return axis === "time" ? line(series.time, series, base) : line(series.step, series);
}

/** When the point was logged that stands nearest to a place on the axis. */
export function timeAt({ step, time }: Series, axis: Axis, base: number, x: number): number | undefined {
  return axis === "time" ? x + base : time[nearest(step, x)];
}

/** Where a time stands on the axis. */
export function placeOf({ step, time }: Series, axis: Axis, base: number, at: number): number | undefined {
  return axis === "time" ? at - base : step[nearest(time, at)];
}

function nearest(values: readonly number[], wanted: number): number {
  const far = (k: number): number => Math.abs((values[k] ?? Infinity) - wanted);
  return values.reduce((best, _, k) => (far(k) < far(best) ? k : best), 0);
}

/** Exponential moving average without the bias of its beginning; gaps stay gaps. */
export function smooth(ys: readonly (number | null)[], weight: number): (number | null)[] {
  let sum = 0;
  let norm = 0;
  return ys.map((y) => {
    if (y === null) {
      return null;
    }
    sum = sum * weight + y * (1 - weight);
    norm = norm * weight + (1 - weight);
    return sum / norm;
  });
}

export interface Extreme {
  word: "min" | "max";
  value: number;
  /** Where it was first reached. */
  index: number;
}

const SMALLER = /loss|err|rmse|mae|mse|perplexity|ppl|nll|wer\b|fid\b/i;
const LARGER = /acc|auc|f1|precision|recall|score|r2|map\b|iou|dice|bleu|rouge|reward|psnr|ssim/i;

/** What is best of a metric: by its name the smallest or the largest, where the name does not tell, both. */
export function extremes(metric: Metric): Extreme[] {
  const ys = metric.series?.y ?? [];
  const words: ("min" | "max")[] = SMALLER.test(metric.name)
    ? ["min"]
    : LARGER.test(metric.name)
      ? ["max"]
      : ["min", "max"];
  return words.flatMap((word) => {
    const value = toNumber(metric[word]);
    return value === null || !Number.isFinite(value) ? [] : [{ word, value, index: ys.indexOf(value) }];
  });
}

export function unfinished(ys: readonly Num[]): number {
  return ys.reduce<number>((n, y) => (finite(y) === null ? n + 1 : n), 0);
}

/** The columns that hold numbers alone. */
export function numericColumns(columns: Record<string, readonly unknown[]>): [string, Num[]][] {
  return Object.entries(columns).flatMap(([name, values]): [string, Num[]][] => {
    const numbers = values.map((value) => (typeof value === "boolean" ? null : toNumber(value)));
    return values.length > 1 && numbers.every((n) => n !== null) ? [[name, numbers]] : [];
  });
}

/** Lines over one horizontal axis, as uPlot has them: where a line has no point it goes on (undefined). */
export function shared(lines: readonly CurveLine[]): { x: number[]; ys: (number | null | undefined)[][] } {
  const first = lines[0]?.x ?? [];
  const points = lines.every(({ x }) => x.length === first.length && x.every((value, j) => value === first[j]))
    ? first.map((_, j) => lines.map((__, k) => [k, j] as const))
    : lines.flatMap(({ x }, k) => x.map((_, j) => [[k, j] as const]));
  const at = (k: number, j: number): number => finite(lines[k]?.x[j]) ?? NaN;
  const placed = points
    .map((each) => ({ x: at(...(each[0] ?? [0, 0])), each }))
    .filter(({ x }) => Number.isFinite(x))
    .sort((a, b) => a.x - b.x);
  const ys = lines.map(({ y }, line) =>
    placed.map(({ each }) => {
      const own = each.find(([k]) => k === line);
      return own === undefined ? undefined : finite(y[own[1]]);
    }),
  );
  return { x: placed.map(({ x }) => x), ys };
}

/** Lines for a table: y over x where two columns are that, else every column over its row number. */
export function tableLines(columns: Record<string, readonly unknown[]>): { x: number[]; ys: [string, Num[]][] } {
  const numeric = numericColumns(columns);
  const [first, second] = numeric;
  if (first !== undefined && second !== undefined && numeric.length === 2) {
    const x = first[1] as number[];
    if (x.every((value, k) => Number.isFinite(value) && (k === 0 || value > (x[k - 1] ?? 0)))) {
      return { x, ys: [second] };
    }
  }
  const rows = first?.[1].length ?? 0;
  return { x: Array.from({ length: rows }, (_, k) => k), ys: numeric.slice(0, 8) };
}
