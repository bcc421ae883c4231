/** The plugins that put runs in the flow of work: commands, forms, status, notifications. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { IFileBrowserFactory } from "@jupyterlab/filebrowser";
import { ILauncher } from "@jupyterlab/launcher";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { IStateDB } from "@jupyterlab/statedb";
import { IStatusBar } from "@jupyterlab/statusbar";
import { compare } from "../compare/plugin.ts";
import type { Run } from "../lab/api.ts";
import { ensureRules } from "../lab/rules.ts";
import { IAml } from "../lab/tokens.ts";
import { type Memory, Ends } from "./ends.ts";
import rules from "./commands.css";
import { submitIcon } from "./icon.ts";
import { Places } from "./places.ts";
import { StatusItem } from "./status.tsx";
import { Submitting } from "./submit.ts";
import { openTerminal } from "./terminal.ts";
import { tellOnce } from "./told.ts";
import { Watch } from "./watch.ts";

const IDS = { submit: "aml:submit", submitSelected: "aml:submit-selected", terminal: "aml:terminal", monitor: "aml:monitor", panel: "aml:show-panel" };

const submit: JupyterFrontEndPlugin<void> = {
  id: "jupyter-aml:submit",
  description: "Submits a folder or a file as a run, from the notebook, the file browser, the launcher or the palette.",
  autoStart: true,
  requires: [IAml],
  optional: [INotebookTracker, IFileBrowserFactory, ICommandPalette, ILauncher, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    aml: IAml,
    notebooks: INotebookTracker | null,
    browsers: IFileBrowserFactory | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    state: IStateDB | null,
  ): void => {
    const { trans } = aml;
    ensureRules("commands", rules);
    const places = new Places(app, notebooks, browsers);
    const submitting = new Submitting(app, aml, places, state);
    app.commands.addCommand(IDS.submit, {
      label: ({ isLauncher, cwd }) => (isLauncher ?? cwd) !== undefined ? trans.__("Submit run") : trans.__("Submit folder as run…"),
      caption: trans.__("Submit the folder of this notebook as a run"),
      icon: submitIcon,
      execute: (args) => submitting.begin(places.of(args)),
    });
    app.commands.addCommand(IDS.submitSelected, {
      label: () => (places.selected?.isFolder === true ? trans.__("Submit this folder as run…") : trans.__("Submit this file as run…")),
      icon: submitIcon,
      isVisible: () => places.selected !== undefined,
      execute: () => submitting.begin(places.selected ?? places.of({})),
    });
    palette?.addItem({ command: IDS.submit, category: trans.__("AML runs") });
    launcher?.add({ command: IDS.submit, args: { isLauncher: true }, category: trans.__("AML runs"), rank: 1 });
  },
};

const follow: JupyterFrontEndPlugin<void> = {
  id: "jupyter-aml:follow",
  description: "Tells in the status bar what runs, and when a run ends; opens terminals in runs.",
  autoStart: true,
  requires: [IAml],
  optional: [ISettingRegistry, IStatusBar, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    aml: IAml,
    settings: ISettingRegistry | null,
    bar: IStatusBar | null,
    palette: ICommandPalette | null,
  ): void => {
    const { trans } = aml;
    const item = new StatusItem(trans, () => void app.commands.execute(IDS.panel));
    bar?.registerStatusItem("jupyter-aml:status", { item, align: "left", rank: 10 });
    const tell = telling(aml, settings);
    const watch = new Watch(aml, {
      ...tell,
      changed: (live, isKnown) => item.set(live, isKnown),
    });
    app.commands.addCommand(IDS.terminal, {
      label: ({ run }) => (run === undefined ? trans.__("Open terminal in the newest running run") : trans.__("Open terminal in run")),
      isEnabled: ({ run }) => app.commands.hasCommand("terminal:open") && (run !== undefined || watch.newest !== undefined),
      execute: async ({ workspace, run }) => {
        const id = run ?? watch.newest?.id;
        if (id !== undefined) {
          await openTerminal(app, aml, String(workspace ?? aml.workspace), String(id));
        }
      },
    });
    app.commands.addCommand(IDS.monitor, {
      label: ({ run }) => (run === undefined ? trans.__("Open monitor of the newest run") : trans.__("Open monitor")),
      execute: async ({ workspace, run }) => {
        const place = String(workspace ?? aml.workspace);
        const id = run ?? (await aml.api.runs(place, { limit: 1 })).runs[0]?.id;
        if (id !== undefined) {
          aml.openMonitor(String(id), place);
        }
      },
    });
    for (const command of [IDS.monitor, IDS.terminal]) {
      palette?.addItem({ command, category: trans.__("AML runs") });
    }
  },
};

interface Telling {
  first(rows: readonly Run[]): void;
  row(row: Run): void;
  gone(id: string): void;
}

/** Ends of runs become notifications, unless the setting says otherwise. */
function telling(aml: IAml, settings: ISettingRegistry | null): Telling {
  let isOn = true;
  settings
    ?.load(follow.id)
    .then((loaded) => {
      const read = (): void => void (isOn = loaded.get("notifyOfEnds").composite !== false);
      loaded.changed.connect(read);
      read();
    })
    .catch((error: unknown) => console.error(error));
  let ends = new Ends(memoryOf(aml));
  aml.workspaceChanged.connect(() => (ends = new Ends(memoryOf(aml))));
  const tell = (row: Run): void => {
    if (isOn) {
      tellOnce(aml, row);
    }
  };
  return {
    first: (rows) => {
      const ended = ends.first(rows);
      rows.filter(({ id }) => ended.includes(id)).forEach(tell);
    },
    row: (row) => {
      if (ends.take(row)) {
        tell(row);
      }
    },
    gone: (id) => ends.forget(id),
  };
}

/** The browser keeps it, for all pages of this server and workspace. */
function memoryOf({ api, workspace }: IAml): Memory {
  const name = `jupyter-aml:alive:${api.url([])}:${workspace}`;
  return {
    read: () => {
      try {
        return localStorage.getItem(name);
      } catch {
        return null; // a browser that keeps nothing
      }
    },
    write: (text) => {
      try {
        localStorage.setItem(name, text);
      } catch {
        // without it, what ends while no page is open is not told of
      }
    },
  };
}

export const commands: JupyterFrontEndPlugin<void>[] = [submit, follow, compare];
