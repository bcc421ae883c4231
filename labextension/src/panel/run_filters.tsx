/** The line that finds runs: words, a state, an order, and groups. */
import type { TranslationBundle } from "@jupyterlab/translation";
import * as React from "react";
import { type Filter, FILTERS, type Order, type Sort, SORTS } from "./order.ts";

const TYPING_MS = 120;

interface Props {
  trans: TranslationBundle;
  order: Order;
  onChange(change: Partial<Order>): void;
}

export function RunFilters({ trans, order, onChange }: Props): React.ReactElement {
  const filters: Record<Filter, string> = {
    all: trans.__("All states"),
    live: trans.__("Running, queued"),
    completed: trans.__("Completed"),
    failed: trans.__("Failed"),
    canceled: trans.__("Canceled"),
  };
  const sorts: Record<Sort, string> = {
    newest: trans.__("Newest first"),
    oldest: trans.__("Oldest first"),
    longest: trans.__("Longest first"),
    name: trans.__("By name"),
  };
  return (
    <div className="jp-AmlFilters" role="search" aria-label={trans.__("Runs")}>
      <Words trans={trans} text={order.text} onChange={(text) => onChange({ text })} />
      <select
        aria-label={trans.__("State")}
        value={order.filter}
        onChange={(event) => onChange({ filter: event.target.value as Filter })}
      >
        {FILTERS.map((filter) => (
          <option key={filter} value={filter}>
            {filters[filter]}
          </option>
        ))}
      </select>
      <select
        aria-label={trans.__("Order")}
        value={order.sort}
        onChange={(event) => onChange({ sort: event.target.value as Sort })}
      >
        {SORTS.map((sort) => (
          <option key={sort} value={sort}>
            {sorts[sort]}
          </option>
        ))}
      </select>
      <label>
        <input
          type="checkbox"
          checked={order.grouped}
          onChange={(event) => onChange({ grouped: event.target.checked })}
        />
        {trans.__("Group by experiment")}
      </label>
    </div>
  );
}

function Words({ trans, text, onChange }: { trans: TranslationBundle; text: string; onChange(text: string): void }): React.ReactElement {
  const [typed, setTyped] = React.useState(text);
  React.useEffect(() => setTyped(text), [text]);
  React.useEffect(() => {
    if (typed === text) {
      return;
    }
    const timer = setTimeout(() => onChange(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <input
      type="search"
      placeholder={trans.__("Name, experiment, argument, tag=value")}
      aria-label={trans.__("Find runs")}
      value={typed}
      spellCheck={false}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}
