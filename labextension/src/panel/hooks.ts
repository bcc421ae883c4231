/** How a part of the panel is drawn again when what it shows has changed. */
import * as React from "react";
import type { Host } from "./host.ts";
import type { Latest } from "./live.ts";
import type { Chosen } from "./memory.ts";

export function useChosen({ memory }: Host): Chosen {
  return React.useSyncExternalStore(memory.subscribe, memory.get);
}

/** The version of the runs: it is another whenever one has changed. */
export function useRuns({ runs }: Host): number {
  return React.useSyncExternalStore(runs.store.subscribe, () => runs.store.version);
}

/** Looks at a list for as long as what calls it is on the page. */
export function useLatest<T>(latest: Latest, name: string): T | undefined {
  React.useSyncExternalStore(latest.subscribe, () => latest.version);
  return latest.get<T>(name);
}
