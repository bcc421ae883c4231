/** Trials in the reader's order. No drawing here. */
import { ran } from "../clock.ts";
import { toNumber } from "../format.ts";
import type { Choices, Trial } from "../source.ts";

export type Order = NonNullable<Choices["trialOrder"]>;

/** What a trial is ordered by; a parameter's column is named `=<parameter>`. */
export function keyOf(trial: Trial, column: string, now: number): unknown {
  switch (column) {
    case "number":
    case "status":
    case "best":
    case "last":
      return trial[column];
    case "time":
      return ran(trial, now);
    default:
      return trial.parameters[column.slice(1)];
  }
}

/** Those without a value come last either way; as the source tells them, where no order is given. */
export function ordered(trials: readonly Trial[], order: Order | undefined, now: number): Trial[] {
  if (order === undefined) {
    return [...trials];
  }
  const sign = order.down ? -1 : 1;
  const keyed = trials.map((trial) => [trial, keyOf(trial, order.column, now)] as const);
  const absent = (value: unknown): boolean => value === null || value === undefined;
  keyed.sort(([, a], [, b]) => {
    if (absent(a) || absent(b)) {
      return Number(absent(a)) - Number(absent(b));
    }
    return sign * compare(a, b);
  });
  return keyed.map(([trial]) => trial);
}

function compare(a: unknown, b: unknown): number {
  const [x, y] = [toNumber(a), toNumber(b)];
  return x !== null && y !== null ? x - y : String(a).localeCompare(String(b), undefined, { numeric: true });
}

/** The best value up to each of the trials, which come in the order in which they began. */
export function bestSoFar(values: readonly (number | null)[], larger: boolean): (number | null)[] {
  let best: number | null = null;
  return values.map((value) => {
    if (value !== null && (best === null || (larger ? value > best : value < best))) {
      best = value;
    }
    return best;
  });
}
