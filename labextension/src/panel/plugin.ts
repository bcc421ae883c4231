/** The side panel: runs, computes, environments, models. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { INotebookTracker, NotebookActions } from "@jupyterlab/notebook";
import { IStateDB } from "@jupyterlab/statedb";
import { amlIcon } from "../lab/icon.ts";
import { IAml } from "../lab/tokens.ts";
import { addBuildLogs } from "./build_log.tsx";
import type { Host } from "./host.ts";
import { Latest, RunFeed } from "./live.ts";
import { Memory } from "./memory.ts";
import { RunActions } from "./run_actions.ts";
import { PanelWidget } from "./widget.tsx";

const SHOW = "aml:show-panel";
/** Below the file browser and the running sessions. */
const RANK = 300;

export const panel: JupyterFrontEndPlugin<void> = {
  id: "jupyter-aml:panel",
  description: "Shows runs, computes, environments and models beside the notebook.",
  autoStart: true,
  requires: [IAml],
  optional: [ILayoutRestorer, IStateDB, INotebookTracker, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    aml: IAml,
    restorer: ILayoutRestorer | null,
    states: IStateDB | null,
    notebooks: INotebookTracker | null,
    palette: ICommandPalette | null,
  ): void => {
    const host = hostOf(app, aml, states, notebooks);
    const widget = new PanelWidget(host);
    app.shell.add(widget, "left", { rank: RANK, type: "AML" });
    restorer?.add(widget, "jupyter-aml-panel");
    app.commands.addCommand(SHOW, {
      label: aml.trans.__("Show AML runs"),
      icon: amlIcon,
      describedBy: { args: { type: "object", properties: {} } },
      execute: () => app.shell.activateById(widget.id),
    });
    addBuildLogs(app, aml, restorer);
    palette?.addItem({ command: SHOW, category: aml.trans.__("AML runs") });
    app.commands.commandChanged.connect((_, { type }) => type === "added" && widget.update());
    void begin(host);
  },
};

function hostOf(app: JupyterFrontEnd, aml: IAml, states: IStateDB | null, notebooks: INotebookTracker | null): Host {
  const { commands } = app;
  const runs = new RunFeed(aml);
  const host: Host = {
    aml,
    commands,
    memory: new Memory(states),
    runs,
    actions: new RunActions(aml, commands, runs.store),
    computes: new Latest(aml, "computes"),
    environments: new Latest(aml, "environments"),
    models: new Latest(aml, "models"),
    insertCell: (source) => {
      const notebook = notebooks?.currentWidget?.content;
      if (notebook === undefined) {
        return false;
      }
      NotebookActions.insertBelow(notebook);
      notebook.activeCell?.model.sharedModel.setSource(source);
      return true;
    },
  };
  aml.workspaceChanged.connect(() => {
    runs.start();
    [host.computes, host.environments, host.models].forEach((list) => list.again());
  });
  return host;
}

/** What was chosen last is chosen again; else the workspace that the server names. */
async function begin({ aml, memory }: Host): Promise<void> {
  memory.subscribe(() => {
    const { workspace } = memory.get();
    if (workspace !== null) {
      aml.workspace = workspace;
    }
  });
  await memory.load();
  if (memory.get().workspace === null) {
    const about = await aml.api.get<{ workspace?: string }>([]).catch(() => ({ workspace: undefined }));
    aml.workspace = about.workspace ?? aml.workspace;
  }
}
