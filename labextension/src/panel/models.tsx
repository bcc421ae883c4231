/** Models: their versions, the run that each came from, and their files. */
import * as React from "react";
import type { Model } from "../lab/api.ts";
import { exactTime, size } from "../view/format.ts";
import { heightOf } from "./computes.tsx";
import { useChosen, useLatest } from "./hooks.ts";
import type { Host } from "./host.ts";
import { Shape, SHAPE } from "./icons.tsx";
import { type Item, openMenu } from "./menu.ts";
import { fetched } from "./run_actions.ts";
import { Buttons, Empty, Section } from "./section.tsx";
import { NOTHING, type Selection } from "./selection.ts";
import { type Node, Tree } from "./tree.tsx";

const HEIGHT = 24;

export function Models({ host, onFold }: { host: Host; onFold(): void }): React.ReactElement {
  const { open } = useChosen(host);
  const models = useLatest<Model[]>(host.models, "models");
  const latest = [...familiesOf(models ?? []).values()].flatMap(([model]) => model ?? []);
  const about = open.models ? "" : latest.map(idOf).join(" · ");
  return (
    <Section name="models" title={host.aml.trans.__("Models")} about={about} open={open.models} onFold={onFold}>
      <List host={host} models={models} />
    </Section>
  );
}

/** A model's versions, the latest first. */
type Family = readonly Model[];

interface Props {
  host: Host;
  models: readonly Model[] | undefined;
}

function List({ host, models }: Props): React.ReactElement {
  const { trans } = host.aml;
  const [selection, setSelection] = React.useState<Selection>(NOTHING);
  const [unfolded, setUnfolded] = React.useState<ReadonlySet<string>>(new Set());
  const families = React.useMemo(() => familiesOf(models ?? []), [models]);
  const nodes = React.useMemo(() => nodesOf(families, unfolded), [families, unfolded]);
  const byKey = React.useMemo(() => new Map((models ?? []).map((model) => [idOf(model), model])), [models]);
  if (models === undefined) {
    return <Empty>{host.models.reason || trans.__("Looking…")}</Empty>;
  }
  if (nodes.length === 0) {
    return (
      <Empty>
        {trans.__("Models appear when one is registered:")}
        <code>run.register_model("birds", "outputs/model.pt")</code>
      </Empty>
    );
  }
  const fold = (key: string): void => {
    const next = new Set(unfolded);
    if (!next.delete(key)) {
      next.add(key);
    }
    setUnfolded(next);
  };
  const [selected] = [...selection.keys].flatMap((key) => byKey.get(key) ?? []);
  return (
    <>
      <div style={{ height: heightOf(nodes) }} className="jp-AmlList">
        <Tree
          label={trans.__("Models")}
          nodes={nodes}
          selection={selection}
          onSelect={setSelection}
          onFold={fold}
          onOpen={(key) => openRun(host, byKey.get(key))}
          onMenu={(key, point) => {
            const model = byKey.get(key) ?? families.get(key)?.[0];
            openMenu(model === undefined ? [] : itemsOf(host, model), point);
          }}
          row={({ key, level, open }) => <Row model={byKey.get(key)} family={families.get(key)} level={level} open={open} host={host} />}
        />
      </div>
      {selected === undefined ? null : <About host={host} model={selected} />}
    </>
  );
}

function About({ host, model }: { host: Host; model: Model }): React.ReactElement {
  const { trans } = host.aml;
  const facts = [model.description, model.framework, exactTime(model.created)].filter(Boolean).join(" · ");
  return (
    <div className="jp-AmlSummary" role="region" aria-label={trans.__("Selected model")}>
      <p className="jp-AmlWhat">{facts}</p>
      <Buttons
        items={itemsOf(host, model)
          .filter(({ enabled }) => enabled !== false)
          .map(({ label, act }) => ({ label, act: () => void act() }))}
      />
    </div>
  );
}

function familiesOf(models: readonly Model[]): Map<string, Family> {
  const families = new Map<string, Model[]>();
  for (const model of models) {
    families.set(model.name, [...(families.get(model.name) ?? []), model]);
  }
  families.forEach((family) => family.sort((a, b) => b.version - a.version));
  return new Map([...families].sort(([a], [b]) => a.localeCompare(b)));
}

/** A model of one version is a row; of several, a row that unfolds. */
function nodesOf(families: ReadonlyMap<string, Family>, unfolded: ReadonlySet<string>): Node[] {
  return [...families].flatMap(([name, family]) => {
    const rows = family.map((model) => ({ key: idOf(model), height: HEIGHT, label: idOf(model), level: 1 }));
    if (rows.length === 1) {
      return rows;
    }
    const open = unfolded.has(name);
    const head = { key: name, height: HEIGHT, level: 1, open, label: `${name}, ${family.length}` };
    return [head, ...(open ? rows.map((row) => ({ ...row, level: 2 })) : [])];
  });
}

function idOf({ name, version }: Model): string {
  return `${name}:${version}`;
}

interface RowProps {
  host: Host;
  model: Model | undefined;
  family: Family | undefined;
  level: number;
  open: boolean | undefined;
}

function Row({ host, model, family, level, open }: RowProps): React.ReactElement | null {
  const { trans } = host.aml;
  const [latest] = family ?? [];
  if (model !== undefined) {
    const about = [model.run_id ?? "", typeof model.size === "number" ? size(model.size) : ""].filter((part) => part !== "");
    return (
      <div className="jp-AmlRow" data-level={level}>
        <span className="jp-AmlRow-name">{idOf(model)}</span>
        <span className="jp-AmlRow-about" title={about.join(" · ")}>
          {about.join(" · ")}
        </span>
      </div>
    );
  }
  return latest === undefined ? null : (
    <div className="jp-AmlRow">
      <Shape path={SHAPE.fold} name={`jp-AmlFold${open ? " jp-mod-open" : ""}`} />
      <span className="jp-AmlRow-name">{latest.name}</span>
      <span className="jp-AmlRow-about">{trans._n("%1 version", "%1 versions", family?.length ?? 0)}</span>
    </div>
  );
}

function openRun({ aml }: Host, model: Model | undefined): void {
  if (model?.run_id) {
    aml.openMonitor(model.run_id);
  }
}

function itemsOf(host: Host, model: Model): Item[] {
  const { api, trans, workspace } = host.aml;
  const path = ["workspaces", workspace, "models", model.name, "versions", String(model.version), "download"];
  return [
    { label: trans.__("Open its run"), act: () => openRun(host, model), enabled: model.run_id !== null },
    { label: trans.__("Download"), act: () => fetched(api.url(path)) },
  ];
}
