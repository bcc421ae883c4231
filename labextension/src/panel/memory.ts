/** What the reader has chosen in the panel; JupyterLab's state database keeps it over a reload. */
import type { IStateDB } from "@jupyterlab/statedb";
import { FILTERS, type Order, SORTS } from "./order.ts";

export const SECTIONS = ["runs", "compute", "environments", "models"] as const;
export type SectionName = (typeof SECTIONS)[number];

export interface Chosen {
  workspace: string | null;
  open: Record<SectionName, boolean>;
  order: Order;
  /** The line of search and filters is shown. */
  filtering: boolean;
}

export const FIRST: Chosen = {
  workspace: null,
  open: { runs: true, compute: true, environments: false, models: false },
  order: { text: "", filter: "all", sort: "newest", grouped: false, folded: [] },
  filtering: false,
};

const KEY = "jupyter-aml:panel";
const SAVING_MS = 300;

export class Memory {
  private value = FIRST;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly callbacks = new Set<() => void>();

  constructor(private readonly states: IStateDB | null) {}

  async load(): Promise<void> {
    this.value = understood(await this.states?.fetch(KEY));
    this.callbacks.forEach((callback) => callback());
  }

  get = (): Chosen => this.value;

  subscribe = (callback: () => void): (() => void) => {
    this.callbacks.add(callback);
    return () => this.callbacks.delete(callback);
  };

  set(change: Partial<Chosen>): void {
    this.value = { ...this.value, ...change };
    this.callbacks.forEach((callback) => callback());
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.states?.save(KEY, JSON.parse(JSON.stringify(this.value))), SAVING_MS);
  }
}

/** What was kept may be of another version: what is not as it must be is as at first. */
export function understood(kept: unknown): Chosen {
  const { workspace, open, order, filtering } = objectOf(kept);
  const sections = objectOf(open);
  const { text, filter, sort, grouped, folded } = objectOf(order);
  return {
    workspace: typeof workspace === "string" ? workspace : null,
    open: Object.fromEntries(
      SECTIONS.map((name) => [name, typeof sections[name] === "boolean" ? sections[name] : FIRST.open[name]]),
    ) as Chosen["open"],
    order: {
      text: typeof text === "string" ? text : "",
      filter: FILTERS.find((one) => one === filter) ?? "all",
      sort: SORTS.find((one) => one === sort) ?? "newest",
      grouped: grouped === true,
      folded: Array.isArray(folded) ? folded.filter((one) => typeof one === "string") : [],
    },
    filtering: filtering === true,
  };
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
