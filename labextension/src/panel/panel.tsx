/** The panel: what the server's workspace has, in four parts. */
import * as React from "react";
import { Computes } from "./computes.tsx";
import { Environments } from "./environments.tsx";
import { useChosen, useRuns } from "./hooks.ts";
import type { Host } from "./host.ts";
import { Shape, SHAPE } from "./icons.tsx";
import type { SectionName } from "./memory.ts";
import { Models } from "./models.tsx";
import { Runs } from "./runs.tsx";
import { Tool } from "./section.tsx";

const SUBMIT = "aml:submit";

export function Panel({ host }: { host: Host }): React.ReactElement {
  const { memory } = host;
  const { open } = useChosen(host);
  const fold = (name: SectionName) => () => memory.set({ open: { ...open, [name]: !open[name] } });
  return (
    <div className="jp-AmlPanel-inner">
      <Head host={host} />
      <Lost host={host} />
      <div className="jp-AmlPanel-sections">
        <Runs host={host} onFold={fold("runs")} />
        <Computes host={host} onFold={fold("compute")} />
        <Environments host={host} onFold={fold("environments")} />
        <Models host={host} onFold={fold("models")} />
      </div>
    </div>
  );
}

function Lost({ host }: { host: Host }): React.ReactElement {
  useRuns(host);
  const { aml, runs } = host;
  return (
    <p role="status" className="jp-AmlPanel-lost">
      {runs.state === "lost" ? aml.trans.__("Reconnecting to the Jupyter server…") : ""}
    </p>
  );
}

function Head({ host }: { host: Host }): React.ReactElement {
  const { aml, commands, runs } = host;
  const { trans } = aml;
  return (
    <div className="jp-AmlPanel-head">
      <Workspaces host={host} />
      {commands.hasCommand(SUBMIT) ? (
        <button
          type="button"
          className="jp-AmlSubmit"
          title={trans.__("Submit a folder as a run")}
          aria-label={trans.__("Submit a folder as a run")}
          onClick={() => void commands.execute(SUBMIT)}
        >
          <Shape path={SHAPE.add} name="jp-AmlShape" />
          <span>{trans.__("Submit")}</span>
        </button>
      ) : null}
      <Tool label={trans.__("Read everything again")} path={SHAPE.refresh} onClick={() => runs.refresh()} />
    </div>
  );
}

function Workspaces({ host }: { host: Host }): React.ReactElement {
  const { aml, memory } = host;
  const [names, setNames] = React.useState<readonly string[]>([]);
  const read = (): void => void aml.api.workspaces().then(setNames, () => undefined);
  React.useEffect(read, []);
  const all = names.includes(aml.workspace) ? names : [aml.workspace, ...names];
  return (
    <select
      className="jp-AmlPanel-workspace"
      aria-label={aml.trans.__("Workspace")}
      title={aml.trans.__("Workspace: %1", aml.workspace)}
      value={aml.workspace}
      onFocus={read}
      onChange={(event) => memory.set({ workspace: event.target.value })}
    >
      {all.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
