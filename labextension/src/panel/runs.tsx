/** The list of runs, what finds some of them, and a summary of what is selected. */
import * as React from "react";
import type { Run } from "../lab/api.ts";
import { wordOf } from "../view/states.ts";
import { useChosen, useRuns } from "./hooks.ts";
import type { Host } from "./host.ts";
import { Shape, SHAPE } from "./icons.tsx";
import { openMenu } from "./menu.ts";
import { needsAll } from "./live.ts";
import { entriesOf, type Entry, type Order } from "./order.ts";
import { RunFilters } from "./run_filters.tsx";
import { RunRow } from "./run_row.tsx";
import { Empty, Section, Tool } from "./section.tsx";
import { kept, NOTHING, type Selection } from "./selection.ts";
import { Summary } from "./summary.tsx";
import { type Node, type Point, Tree } from "./tree.tsx";
import { nameOf, tellingLine } from "./words.ts";

const RUN_HEIGHT = 42;
const GROUP_HEIGHT = 26;

export function Runs({ host, onFold }: { host: Host; onFold(): void }): React.ReactElement {
  const { aml, runs, memory } = host;
  const chosen = useChosen(host);
  useRuns(host);
  const { trans } = aml;
  const reorder = (change: Partial<Order>): void => memory.set({ order: { ...memory.get().order, ...change } });
  return (
    <Section
      name="runs"
      title={trans.__("Runs")}
      about={countsOf(host)}
      open={chosen.open.runs}
      onFold={onFold}
      tools={
        <Tool
          label={trans.__("Search and filter")}
          path={SHAPE.filter}
          pressed={chosen.filtering}
          onClick={() => memory.set({ filtering: !chosen.filtering, open: { ...chosen.open, runs: true } })}
        />
      }
    >
      {chosen.filtering ? (
        <RunFilters trans={trans} order={chosen.order} onChange={reorder} />
      ) : null}
      <RunList host={host} order={chosen.filtering ? chosen.order : { ...chosen.order, text: "", filter: "all" }} />
      {runs.state === "refused" && runs.store.size > 0 ? <p role="alert" className="jp-AmlRefused">{runs.reason}</p> : null}
    </Section>
  );
}

function countsOf({ aml: { trans }, runs: { store } }: Host): string {
  let running = 0;
  let queued = 0;
  for (const [status, count] of Object.entries(store.counts)) {
    if (status === "Queued") {
      queued += count ?? 0;
    } else if (!["Completed", "Failed", "Canceled"].includes(status)) {
      running += count ?? 0;
    }
  }
  const parts = [
    running > 0 ? trans.__("%1 running", running) : "",
    queued > 0 ? trans.__("%1 queued", queued) : "",
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(" · ") : store.total === undefined ? "" : store.total.toLocaleString("en-US");
}

function RunList({ host, order }: { host: Host; order: Order }): React.ReactElement {
  const { aml, runs, actions, memory } = host;
  const { store } = runs;
  const [selection, setSelection] = React.useState<Selection>(NOTHING);
  const { text, filter, sort, grouped } = order;
  const folded = order.folded.join("\n");
  const horizon = runs.horizon(order);
  const entries = React.useMemo(
    () => entriesOf(store.all(), order, horizon),
    [store.placing, text, filter, sort, grouped, folded, horizon],
  );
  const seen = React.useRef(0);
  const want = (end: number): void => {
    seen.current = end;
    runs.want(order, entries.length - end);
  };
  React.useEffect(() => want(Math.min(seen.current, entries.length)));
  const byKey = React.useMemo(() => new Map(entries.map((entry) => [entry.key, entry])), [entries]);
  const nodes = React.useMemo(() => entries.map((entry) => nodeOf(entry, host)), [entries]);
  const current = kept(selection, (key) => byKey.has(key));
  const selected = [...current.keys].flatMap((key) => runOf(byKey.get(key), host));
  const fold = (key: string): void => {
    const name = byKey.get(key)?.id ?? "";
    const others = order.folded.filter((one) => one !== name);
    const isFolded = others.length < order.folded.length;
    memory.set({ order: { ...memory.get().order, folded: isFolded ? others : [...others, name] } });
  };
  const menu = (key: string, point: Point): void => {
    const [run] = runOf(byKey.get(key), host);
    if (run !== undefined) {
      openMenu(actions.items(selected.includes(run) ? selected : [run]), point);
    }
  };
  if (entries.length === 0) {
    return <NoRuns host={host} order={order} />;
  }
  return (
    <>
      <Tree
        key={JSON.stringify([text, filter, sort, grouped])} // another list begins at its top
        label={aml.trans.__("Runs")}
        nodes={nodes}
        several
        selection={current}
        onSelect={setSelection}
        onSeen={want}
        onFold={fold}
        onOpen={(key) => runOf(byKey.get(key), host).forEach((run) => actions.open(run))}
        onMenu={menu}
        onDelete={() => void actions.remove(selected)}
        row={({ key }) => <Row entry={byKey.get(key)} host={host} grouped={grouped} />}
      />
      {needsAll(order) && !runs.isWhole(order) && runs.state === "there" ? (
        <p role="status" className="jp-AmlEmpty">
          {aml.trans.__("Reading all runs: %1 are there", store.size.toLocaleString("en-US"))}
        </p>
      ) : null}
      <Summary host={host} runs={selected} />
    </>
  );
}

function Row({ entry, host, grouped }: { entry: Entry | undefined; host: Host; grouped: boolean }): React.ReactElement | null {
  const { api, trans } = host.aml;
  const [run] = runOf(entry, host);
  if (run !== undefined) {
    return <RunRow run={run} api={api} trans={trans} grouped={grouped} />;
  }
  return entry === undefined ? null : (
    <div className="jp-AmlGroup">
      <Shape path={SHAPE.fold} name={`jp-AmlFold${entry.open ? " jp-mod-open" : ""}`} />
      <span className="jp-AmlGroup-name">{entry.id}</span>
      <span className="jp-AmlGroup-count">{groupCount(entry, host)}</span>
    </div>
  );
}

function groupCount({ count, live }: Entry, { aml: { trans } }: Host): string {
  const all = count.toLocaleString("en-US");
  return live > 0 ? `${trans.__("%1 running", live)} · ${all}` : all;
}

function runOf(entry: Entry | undefined, { runs }: Host): Run[] {
  const run = entry?.kind === "run" ? runs.store.get(entry.id) : undefined;
  return run === undefined ? [] : [run];
}

function nodeOf(entry: Entry, host: Host): Node {
  const { key, kind, level, open, id } = entry;
  if (kind === "group") {
    return { key, level, height: GROUP_HEIGHT, open, label: `${id}, ${groupCount(entry, host)}` };
  }
  const { trans } = host.aml;
  return {
    key,
    level,
    height: RUN_HEIGHT,
    // Asked for when the row is drawn: what a run says changes without the list's order.
    get label() {
      const run = host.runs.store.get(id);
      return run === undefined ? id : [nameOf(run), wordOf(run.status), tellingLine(run, trans), run.id].join(", ");
    },
  };
}

function NoRuns({ host, order }: { host: Host; order: Order }): React.ReactElement {
  const { aml, runs, memory } = host;
  const { trans } = aml;
  if (runs.state === "refused") {
    return <Empty>{runs.reason || trans.__("This Jupyter server has no jupyter-aml: install it where the server runs.")}</Empty>;
  }
  if (runs.state !== "there" || !runs.isWhole(order)) {
    return <Empty>{trans.__("Looking for runs…")}</Empty>;
  }
  if (runs.store.size > 0) {
    const clear = (): void => memory.set({ order: { ...memory.get().order, text: "", filter: "all" } });
    return (
      <Empty>
        {trans.__("No run is like that.")}{" "}
        <button type="button" className="jp-AmlLink" onClick={clear}>
          {trans.__("Show all")}
        </button>
      </Empty>
    );
  }
  return (
    <Empty>
      {trans.__("Runs appear when you submit a folder, here or in a cell:")}
      <code>%load_ext jupyter_ext{"\n"}%aml_submit train.py</code>
    </Empty>
  );
}

