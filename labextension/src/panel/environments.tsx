/** Environments: what is built of them and what it takes, and what can be done with one. */
import * as React from "react";
import type { Environment } from "../lab/api.ts";
import { size } from "../view/format.ts";
import { strings } from "../view/strings.ts";
import { BUILD_LOG } from "./build_log.tsx";
import { heightOf } from "./computes.tsx";
import { confirmed, failed, told } from "./ask.tsx";
import { useChosen, useLatest } from "./hooks.ts";
import type { Host } from "./host.ts";
import { type Item, openMenu } from "./menu.ts";
import { Progress } from "./run_row.tsx";
import { Buttons, Empty, Section } from "./section.tsx";
import { NOTHING, type Selection } from "./selection.ts";
import { type Node, Tree } from "./tree.tsx";

const HEIGHT = 24;

export function Environments({ host, onFold }: { host: Host; onFold(): void }): React.ReactElement {
  const { trans } = host.aml;
  const { open } = useChosen(host);
  const environments = useLatest<Environment[]>(host.environments, "environments");
  const about = (environments ?? []).map((one) => `${idOf(one)} ${stateOf(one, host)}`).join(" · ");
  return (
    <Section
      name="environments"
      title={trans.__("Environments")}
      about={open.environments ? "" : about}
      open={open.environments}
      onFold={onFold}
    >
      <List host={host} environments={environments} />
    </Section>
  );
}

interface Props {
  host: Host;
  environments: readonly Environment[] | undefined;
}

function List({ host, environments }: Props): React.ReactElement {
  const { trans } = host.aml;
  const [selection, setSelection] = React.useState<Selection>(NOTHING);
  const byKey = React.useMemo(() => new Map((environments ?? []).map((one) => [idOf(one), one])), [environments]);
  const nodes = React.useMemo<Node[]>(
    () => [...byKey].map(([key, one]) => ({ key, level: 1, height: HEIGHT, label: `${key}, ${stateOf(one, host)}` })),
    [byKey],
  );
  if (environments === undefined) {
    return <Empty>{host.environments.reason || trans.__("Looking…")}</Empty>;
  }
  if (nodes.length === 0) {
    return (
      <Empty>
        {trans.__("Environments appear when a cell describes one:")}
        <code>%%aml_env birds{"\n"}scikit-learn</code>
      </Empty>
    );
  }
  const [selected] = [...selection.keys].flatMap((key) => byKey.get(key) ?? []);
  return (
    <>
      <div style={{ height: heightOf(nodes) }} className="jp-AmlList">
        <Tree
          label={trans.__("Environments")}
          nodes={nodes}
          selection={selection}
          onSelect={setSelection}
          onOpen={(key) => showLog(host, byKey.get(key))}
          onMenu={(key, point) => openMenu(itemsOf(host, byKey.get(key)), point)}
          onDelete={() => void removed(host, selected)}
          row={({ key }) => <Row host={host} name={key} environment={byKey.get(key)} />}
        />
      </div>
      {selected === undefined ? null : (
        <div className="jp-AmlSummary" role="region" aria-label={trans.__("Selected environment")}>
          <p className="jp-AmlWhat">{strings.told(selected.error ?? selected.building?.text ?? selected.what)}</p>
          <Buttons
            items={itemsOf(host, selected)
              .filter(({ enabled }) => enabled !== false)
              .map(({ label, act }) => ({ label, act: () => void act() }))}
          />
        </div>
      )}
    </>
  );
}

function idOf({ name, version, key }: Environment): string {
  return name === null ? key : `${name}:${version}`;
}

function Row({ host, name, environment }: { host: Host; name: string; environment: Environment | undefined }): React.ReactElement | null {
  if (environment === undefined) {
    return null;
  }
  const percent = environment.building?.percent;
  return (
    <div className="jp-AmlRow">
      <span className="jp-AmlRow-name" title={environment.what}>
        {name}
      </span>
      {typeof percent === "number" ? <Progress part={percent / 100} label={host.aml.trans.__("Build")} /> : null}
      <span className={`jp-AmlRow-about${environment.state === "failed" ? " jp-mod-bad" : ""}`}>{stateOf(environment, host)}</span>
    </div>
  );
}

function stateOf({ state, building, size: bytes }: Environment, { aml: { trans } }: Host): string {
  const words: Record<Environment["state"], string> = {
    built: trans.__("built"),
    building: trans.__("building"),
    "not built": trans.__("not built"),
    unfinished: trans.__("unfinished"),
    removed: trans.__("removed"),
    failed: trans.__("failed"),
  };
  const word = words[state] ?? state;
  if (state === "building" && typeof building?.percent === "number") {
    return `${word} ${building.percent} %`;
  }
  return bytes ? `${word} · ${size(bytes)}` : word;
}

function itemsOf(host: Host, environment: Environment | undefined): Item[] {
  if (environment === undefined || environment.name === null) {
    return [];
  }
  const { trans } = host.aml;
  const isBuilding = environment.state === "building";
  return [
    { label: trans.__("Use in a new cell"), act: () => used(host, environment) },
    { label: trans.__("Build log"), act: () => showLog(host, environment) },
    { label: trans.__("Rebuild"), act: () => rebuilt(host, environment), enabled: !isBuilding },
    {
      label: trans.__("Remove what was built…"),
      act: () => removed(host, environment),
      enabled: !isBuilding && Boolean(environment.size),
    },
  ];
}

function used(host: Host, environment: Environment): Promise<void> | void {
  const { trans } = host.aml;
  if (!host.insertCell(`%aml_submit --env ${idOf(environment)} train.py`)) {
    return failed(trans.__("There is no notebook to put a cell into"), new Error(trans.__("Open a notebook and try again.")));
  }
}

function showLog(host: Host, environment: Environment | undefined): void {
  if (environment?.name) {
    const { name, version } = environment;
    void host.commands.execute(BUILD_LOG, { workspace: host.aml.workspace, name, version });
  }
}

async function rebuilt(host: Host, environment: Environment): Promise<void> {
  const { api, trans, workspace } = host.aml;
  try {
    await api.build(workspace, environment.name ?? "", environment.version);
    const show = { label: trans.__("Build log"), callback: () => showLog(host, environment) };
    told(trans.__("%1 is being built", idOf(environment)), [show]);
  } catch (error) {
    await failed(trans.__("%1 was not built", idOf(environment)), error);
  }
}

async function removed(host: Host, environment: Environment | undefined): Promise<void> {
  if (environment === undefined || environment.name === null) {
    return;
  }
  const { api, trans, workspace } = host.aml;
  const freed = typeof environment.size === "number" ? trans.__("%1 are freed. ", size(environment.size)) : "";
  const body = freed + trans.__("The definition stays: a run that asks for it builds it again.");
  if (await confirmed(trans.__("Remove what was built of %1?", idOf(environment)), body, trans.__("Remove"), trans)) {
    await api
      .unbuild(workspace, environment.name, environment.version)
      .catch((error: unknown) => failed(trans.__("It could not be removed"), error));
  }
}
