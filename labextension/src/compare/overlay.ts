/** The lines of several runs in one chart. No drawing here. */
import type { Line } from "../view/metrics/series.ts";

/** undefined: this run has no point there, and its line goes on; null: a gap of its own. */
type Values = (number | null | undefined)[];

/** Lines over the union of their places, as uPlot has them. */
export function overlay(lines: readonly (Line | undefined)[]): { x: number[]; ys: Values[] } {
  const x = [...new Set(lines.flatMap((line) => line?.x ?? []))].sort((a, b) => a - b);
  const place = new Map(x.map((value, k) => [value, k]));
  const ys = lines.map((line) => {
    const values: Values = new Array<number | null | undefined>(x.length).fill(undefined);
    line?.x.forEach((value, k) => (values[place.get(value) ?? 0] = line.y[k] ?? null));
    return values;
  });
  return { x, ys };
}

/** What a line says at a place: its own point nearest to it. */
export function valueNear({ x, ys }: { x: readonly number[]; ys: readonly Values[] }, run: number, index: number): number | null {
  const values = ys[run] ?? [];
  for (let away = 0; away < x.length; away += 1) {
    const sides = [index - away, index + away].filter((k) => typeof values[k] === "number");
    const nearest = sides.sort((a, b) => Math.abs((x[a] ?? 0) - (x[index] ?? 0)) - Math.abs((x[b] ?? 0) - (x[index] ?? 0)))[0];
    if (nearest !== undefined) {
      return values[nearest] ?? null;
    }
  }
  return null;
}

/** Names of metrics that at least one run has as a chart, those that most runs share first. */
export function sharedNames(runs: readonly (readonly string[])[]): string[] {
  const counts = new Map<string, number>();
  runs.forEach((names) => new Set(names).forEach((name) => counts.set(name, (counts.get(name) ?? 0) + 1)));
  return [...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b)).map(([name]) => name);
}
