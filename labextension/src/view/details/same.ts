/** What is as it was in another run's details, and what is not. */
import type { DetailTable } from "../source.ts";

export type Fact = readonly [name: string, value: string];

export interface Split {
  /** `was` is undefined where the other run did not have it. */
  changed: { name: string; value: string; was: string | undefined }[];
  same: Fact[];
  /** What only the other run has. */
  gone: Fact[];
}

export function splitTable({ title, rows }: DetailTable, before: readonly DetailTable[]): Split {
  const old = new Map(before.find((table) => table.title === title)?.rows ?? []);
  const names = new Set(rows.map(([name]) => name));
  return {
    changed: rows
      .filter(([name, value]) => old.get(name) !== value)
      .map(([name, value]) => ({ name, value, was: old.get(name) })),
    same: rows.filter(([name, value]) => old.get(name) === value),
    gone: [...old].filter(([name]) => !names.has(name)),
  };
}
