/** Compute targets: their nodes, their lines, and what this machine does. */
import type { TranslationBundle } from "@jupyterlab/translation";
import * as React from "react";
import type { Compute, Machine } from "../lab/api.ts";
import { ofSize } from "../view/format.ts";
import { askCompute, confirmed, failed } from "./ask.tsx";
import { useChosen, useLatest } from "./hooks.ts";
import type { Host } from "./host.ts";
import { SHAPE } from "./icons.tsx";
import { type Item, openMenu } from "./menu.ts";
import { Buttons, Empty, Section, Tool } from "./section.tsx";
import { NOTHING, type Selection } from "./selection.ts";
import { type Node, Tree } from "./tree.tsx";

const HEIGHT = 24;

export function Computes({ host, onFold }: { host: Host; onFold(): void }): React.ReactElement {
  const { trans } = host.aml;
  const { open } = useChosen(host);
  const computes = useLatest<Compute[]>(host.computes, "computes");
  const about = computes === undefined ? "" : computes.map((one) => one.name).join(" · ");
  return (
    <Section
      name="compute"
      title={trans.__("Compute")}
      about={open.compute ? "" : about}
      open={open.compute}
      onFold={onFold}
      tools={<Tool label={trans.__("Add a compute target")} path={SHAPE.add} onClick={() => void add(host)} />}
    >
      {computes === undefined ? <Empty>{host.computes.reason || trans.__("Looking…")}</Empty> : <List host={host} computes={computes} />}
      <Bars host={host} />
    </Section>
  );
}

function List({ host, computes }: { host: Host; computes: readonly Compute[] }): React.ReactElement {
  const { trans } = host.aml;
  const [selection, setSelection] = React.useState<Selection>(NOTHING);
  const byName = new Map(computes.map((compute) => [compute.name, compute]));
  const nodes = React.useMemo<Node[]>(
    () => computes.map((one) => ({ key: one.name, level: 1, height: HEIGHT, label: `${one.name}, ${useOf(one, host)}` })),
    [computes],
  );
  const selected = [...selection.keys].flatMap((key) => byName.get(key) ?? []);
  const [compute] = selected;
  return (
    <>
      <div style={{ height: heightOf(nodes) }} className="jp-AmlList">
        <Tree
          label={trans.__("Compute targets")}
          nodes={nodes}
          selection={selection}
          onSelect={setSelection}
          onOpen={(key) => void scaled(host, byName.get(key))}
          onMenu={(key, point) => openMenu(itemsOf(host, byName.get(key)), point)}
          onDelete={() => void removed(host, compute)}
          row={({ key }) => <Row host={host} compute={byName.get(key)} />}
        />
      </div>
      {compute?.changeable ? (
        <Buttons
          items={[
            { label: trans.__("Scale…"), act: () => void scaled(host, compute) },
            { label: trans.__("Remove…"), act: () => void removed(host, compute) },
          ]}
        />
      ) : null}
    </>
  );
}

/** Few rows stand whole; many scroll. */
export function heightOf(nodes: readonly Node[]): number {
  return nodes.slice(0, 8).reduce((sum, { height }) => sum + height, 0);
}

function Row({ host, compute }: { host: Host; compute: Compute | undefined }): React.ReactElement | null {
  return compute === undefined ? null : (
    <div className="jp-AmlRow">
      <span className="jp-AmlRow-name" title={[compute.name, compute.type, compute.vm_size].filter(Boolean).join(", ")}>
        {compute.name}
      </span>
      <span className="jp-AmlRow-about">{useOf(compute, host)}</span>
    </div>
  );
}

function useOf({ nodes, nodes_in_use: used, waiting, running }: Compute, { aml: { trans } }: Host): string {
  const place = trans._n("%2 of %1 node", "%2 of %1 nodes", nodes, used ?? running.length);
  return waiting.length > 0 ? `${place} · ${trans.__("queue %1", waiting.length)}` : place;
}

/** CPU, memory and GPUs of this machine, as they are now. */
function Bars({ host }: { host: Host }): React.ReactElement | null {
  const { trans } = host.aml;
  const machine = useLatest<Machine>(host.computes, "machine");
  if (machine === undefined) {
    return null;
  }
  const { cpu, memory, gpus } = machine;
  return (
    <div className="jp-AmlBars" role="group" aria-label={trans.__("This machine")}>
      <Bar label={trans.__("CPU")} part={cpu === null ? null : cpu / 100} />
      <Bar label={trans.__("Memory")} part={memory.used / memory.total} exact={ofSize(memory.used, memory.total)} />
      {gpus.map((gpu) => (
        <Bar
          key={gpu.index}
          label={trans.__("GPU %1", gpu.index)}
          part={gpu.use === null ? null : gpu.use / 100}
          exact={exactOf(gpu, trans)}
          run={gpu.run}
        />
      ))}
    </div>
  );
}

export function exactOf(gpu: Machine["gpus"][number], trans: TranslationBundle): string {
  const { name, memory_used: used, memory_total: total, temperature, power, clock, run } = gpu;
  const parts = [
    run === null ? "" : trans.__("of the run %1", run),
    name,
    used === null || total === null ? "" : ofSize(used, total),
    temperature === null ? "" : `${temperature} °C`,
    power === null ? "" : `${Math.round(power)} W`,
    clock === null ? "" : `${Math.round(clock)} MHz`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

interface BarProps {
  label: string;
  part: number | null;
  exact?: string;
  run?: string | null;
}

function Bar({ label, part, exact = "", run = null }: BarProps): React.ReactElement {
  const percent = part === null ? null : Math.round(100 * Math.min(1, Math.max(0, part)));
  const text = percent === null ? "–" : `${percent} %`;
  return (
    <div className="jp-AmlBar" title={exact}>
      <span>{label}</span>
      <span
        className="jp-AmlMeter"
        role="meter"
        aria-label={label}
        aria-valuenow={percent ?? 0}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={exact === "" ? text : `${text}, ${exact}`}
      >
        <span style={{ transform: `scaleX(${(percent ?? 0) / 100})` }} />
      </span>
      <span className="jp-AmlBar-value">{text}</span>
      {run === null ? null : <span className="jp-AmlBar-run">{run}</span>}
    </div>
  );
}

function itemsOf(host: Host, compute: Compute | undefined): Item[] {
  const { trans } = host.aml;
  const enabled = compute?.changeable === true;
  return [
    { label: trans.__("Scale…"), act: () => scaled(host, compute), enabled },
    { label: trans.__("Remove…"), act: () => removed(host, compute), enabled },
  ];
}

async function add({ aml: { api, trans, workspace } }: Host): Promise<void> {
  const answer = await askCompute(trans);
  if (answer !== undefined) {
    await api
      .addCompute(workspace, answer.name, answer.nodes)
      .catch((error: unknown) => failed(trans.__("The compute target was not added"), error));
  }
}

async function scaled({ aml: { api, trans, workspace } }: Host, compute: Compute | undefined): Promise<void> {
  if (compute?.changeable) {
    const answer = await askCompute(trans, compute);
    if (answer !== undefined) {
      await api
        .scale(workspace, compute.name, answer.nodes)
        .catch((error: unknown) => failed(trans.__("%1 was not scaled", compute.name), error));
    }
  }
}

async function removed({ aml: { api, trans, workspace } }: Host, compute: Compute | undefined): Promise<void> {
  if (!compute?.changeable) {
    return;
  }
  const title = trans.__("Remove %1?", compute.name);
  if (await confirmed(title, trans.__("Its runs stay; new ones cannot be sent to it."), trans.__("Remove"), trans)) {
    await api
      .removeCompute(workspace, compute.name)
      .catch((error: unknown) => failed(trans.__("%1 was not removed", compute.name), error));
  }
}
