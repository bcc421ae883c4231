/** What the compare view is shown from. */
import type { SocketSource } from "../view/socket.ts";
import type { Status } from "../view/source.ts";

/** JupyterLab's translator of our texts. */
export interface Words {
  __(text: string, ...parts: (string | number)[]): string;
  _n(one: string, many: string, count: number, ...parts: (string | number)[]): string;
}

export interface Fact {
  group: string;
  name: string;
  /** One for each run; null where a run has none. */
  values: (string | null)[];
}

export interface Differences {
  runs: { id: string; status: Status }[];
  /** Those that differ. */
  facts: Fact[];
  same: { group: string; name: string; value: string }[];
}

export interface ChangedFile {
  name: string;
  change: "changed" | "added" | "removed";
  /** Before and after; null where there is none. */
  sizes: [number | null, number | null];
  /** As `diff -u` writes it. */
  diff: string | null;
  /** Why it is not told. */
  why: string | null;
}

export interface CodeDifferences {
  /** How many files are the same. */
  same: number;
  files: ChangedFile[];
  /** How many more have changed. */
  more: number;
}

export interface Run {
  id: string;
  source: SocketSource;
}

export interface Host {
  readonly runs: readonly Run[];
  readonly trans: Words;
  differences(): Promise<Differences>;
  code(run: string, other: string): Promise<CodeDifferences>;
  /** Shows a run's monitor, where the page has a place for it. */
  open?(run: string): void;
}
