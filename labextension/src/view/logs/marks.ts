/** Where a query stands in a line, and the line's pieces cut at those places. */
import type { Span } from "./ansi.ts";

export type Range = readonly [start: number, end: number];

export interface MarkedSpan extends Span {
  marked: boolean;
}

export function matches(text: string, query: string, matchCase: boolean): Range[] {
  if (query === "") {
    return [];
  }
  const escaped = query.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = text.matchAll(new RegExp(escaped, matchCase ? "g" : "gi"));
  return [...found].map((match) => [match.index, match.index + match[0].length] as const);
}

/** Cuts styled pieces so that each lies wholly inside or outside of the ranges. */
export function marked(spans: readonly Span[], ranges: readonly Range[]): MarkedSpan[] {
  const edges = ranges.flat();
  const result: MarkedSpan[] = [];
  let start = 0;
  for (const { text, style } of spans) {
    const end = start + text.length;
    const cuts = [start, ...edges.filter((edge) => edge > start && edge < end), end];
    cuts.slice(1).forEach((to, k) => {
      const from = cuts[k] ?? start;
      const inside = ranges.some(([a, b]) => from >= a && to <= b);
      result.push({ text: text.slice(from - start, to - start), style, marked: inside });
    });
    start = end;
  }
  return result;
}
