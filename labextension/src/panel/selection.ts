/** What is selected in a list, by clicks and keys as people know them. */

export interface Selection {
  readonly keys: ReadonlySet<string>;
  /** Where a range begins. */
  readonly anchor: string | undefined;
}

export const NOTHING: Selection = { keys: new Set(), anchor: undefined };

export type Way = "only" | "toggle" | "range";

export function wayOf({ ctrlKey, metaKey, shiftKey }: { ctrlKey: boolean; metaKey: boolean; shiftKey: boolean }): Way {
  return shiftKey ? "range" : ctrlKey || metaKey ? "toggle" : "only";
}

export function select(selection: Selection, all: readonly string[], key: string, way: Way): Selection {
  if (way === "toggle") {
    const keys = new Set(selection.keys);
    if (!keys.delete(key)) {
      keys.add(key);
    }
    return { keys, anchor: key };
  }
  const from = way === "range" ? all.indexOf(selection.anchor ?? key) : -1;
  if (from < 0) {
    return { keys: new Set([key]), anchor: key };
  }
  const to = all.indexOf(key);
  return { keys: new Set(all.slice(Math.min(from, to), Math.max(from, to) + 1)), anchor: selection.anchor ?? key };
}

/** What is left of it once some rows have gone. */
export function kept(selection: Selection, there: (key: string) => boolean): Selection {
  const keys = new Set([...selection.keys].filter(there));
  return keys.size === selection.keys.size ? selection : { keys, anchor: selection.anchor };
}
