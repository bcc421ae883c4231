/** Which runs the list shows, and in what order. */
import type { Run } from "../lab/api.ts";
import { ran } from "../view/clock.ts";
import { isLive } from "../view/states.ts";
import { nameOf } from "./words.ts";

export const SORTS = ["newest", "oldest", "longest", "name"] as const;
export type Sort = (typeof SORTS)[number];

export const FILTERS = ["all", "live", "completed", "failed", "canceled"] as const;
export type Filter = (typeof FILTERS)[number];

export interface Order {
  text: string;
  filter: Filter;
  sort: Sort;
  grouped: boolean;
  /** Experiments whose runs are folded away. */
  folded: readonly string[];
}

export interface Entry {
  key: string;
  kind: "run" | "group";
  /** Of the run; of a group, its experiment. */
  id: string;
  level: number;
  /** Of a group: its runs, and how many of them live. */
  count: number;
  live: number;
  open: boolean;
}

/** Live runs first, whatever the order; equal ones by when they were made, and by id.
 *
 * Of those that have ended the ones since `horizon` stand in the list: older ones may be missing here and there. */
export function entriesOf(runs: Iterable<Run>, order: Order, horizon = -Infinity): Entry[] {
  const matches = matching(order);
  const wanted = (run: Run): boolean => (run.created >= horizon || isLive(run)) && matches(run);
  const rows = [...runs].filter(wanted).sort(comparing(order.sort));
  return order.grouped ? grouped(rows, new Set(order.folded)) : rows.map(({ id }) => entry(id, 1));
}

function grouped(rows: readonly Run[], folded: ReadonlySet<string>): Entry[] {
  const groups = new Map<string, Run[]>();
  for (const row of rows) {
    const group = groups.get(row.experiment);
    if (group === undefined) {
      groups.set(row.experiment, [row]);
    } else {
      group.push(row);
    }
  }
  return [...groups].flatMap(([name, members]) => {
    const open = !folded.has(name);
    const live = members.filter(isLive).length;
    const head: Entry = { key: `group ${name}`, kind: "group", id: name, level: 1, count: members.length, live, open };
    return [head, ...(open ? members.map(({ id }) => entry(id, 2)) : [])];
  });
}

function entry(id: string, level: number): Entry {
  return { key: `run ${id}`, kind: "run", id, level, count: 0, live: 0, open: true };
}

function matching({ text, filter }: Order): (run: Run) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return (run) => passes(run, filter) && words.every((word) => textOf(run).includes(word));
}

function passes(run: Run, filter: Filter): boolean {
  return filter === "all" || (filter === "live" ? isLive(run) : run.status.toLowerCase() === filter);
}

const texts = new WeakMap<Run, string>();

function textOf(run: Run): string {
  let text = texts.get(run);
  if (text === undefined) {
    const tags = Object.entries(run.tags ?? {}).map(([name, value]) => `${name}=${value}`);
    text = [run.id, run.display_name, nameOf(run), run.experiment, run.command, run.target, ...tags].join("\n").toLowerCase();
    texts.set(run, text);
  }
  return text;
}

function comparing(sort: Sort): (a: Run, b: Run) => number {
  const by = COMPARING[sort];
  return (a, b) => Number(isLive(b)) - Number(isLive(a)) || by(a, b) || b.created - a.created || (a.id < b.id ? 1 : -1);
}

const COMPARING: Record<Sort, (a: Run, b: Run) => number> = {
  newest: () => 0,
  oldest: (a, b) => a.created - b.created,
  longest: (a, b) => lasted(b) - lasted(a),
  name: (a, b) => nameOf(a).localeCompare(nameOf(b), undefined, { numeric: true }),
};

/** A run that lives has lasted since its start: the earlier that was, the longer. */
function lasted(run: Run): number {
  return ran(run, 0) ?? -Infinity;
}
