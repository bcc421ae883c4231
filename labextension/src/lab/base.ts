/** What the other plugins stand on: the connection to the server, the runs' sources, the chosen workspace. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ITranslator, nullTranslator, type TranslationBundle } from "@jupyterlab/translation";
import type { ReadonlyPartialJSONObject } from "@lumino/coreutils";
import { Signal } from "@lumino/signaling";
import { type MonitorTab, Tabs } from "../mime/tab.ts";
import { Connection } from "../view/connection.ts";
import { Sources } from "../view/socket.ts";
import { translateWith } from "../view/strings.ts";
import { Api } from "./api.ts";
import { serverSentences } from "./sentences.ts";
import { IAml } from "./tokens.ts";

const DEFAULT_WORKSPACE = "default";

class Aml implements IAml {
  readonly api: Api;
  readonly connection: Connection;
  readonly sources: Sources;
  readonly workspaceChanged: Signal<IAml, string> = new Signal<IAml, string>(this);
  readonly tabs: Tabs | undefined;
  private chosen = DEFAULT_WORKSPACE;

  constructor(
    app: JupyterFrontEnd,
    readonly trans: TranslationBundle,
  ) {
    const { serverSettings } = app.serviceManager;
    this.api = new Api(serverSettings);
    this.connection = new Connection(serverSettings);
    // Notebook 7 has one document to a page, and no place for another.
    const hasTabs = app.name === "JupyterLab";
    const places = {
      open: (name: string): void => this.tabs?.show(name, this.sources),
      compare: (workspace: string, runs: readonly string[]): void =>
        void app.commands.execute("aml:compare", { workspace, runs: [...runs] }),
    };
    this.sources = new Sources(this.connection, hasTabs ? places : undefined);
    this.tabs = hasTabs ? new Tabs(app.shell) : undefined;
  }

  get workspace(): string {
    return this.chosen;
  }

  set workspace(name: string) {
    if (name !== this.chosen) {
      this.chosen = name;
      this.workspaceChanged.emit(name);
    }
  }

  openMonitor(run: string, workspace = this.workspace): void {
    this.tabs?.show(`run/${workspace}/${run}`, this.sources);
  }
}

export const base: JupyterFrontEndPlugin<IAml> = {
  id: "jupyter-aml:base",
  description: "Speaks with the Jupyter server about runs, for the other plugins.",
  autoStart: true,
  provides: IAml,
  optional: [ITranslator, ILayoutRestorer],
  activate: (app, translator: ITranslator | null, restorer: ILayoutRestorer | null): IAml => {
    const trans = (translator ?? nullTranslator).load("jupyter_aml");
    translateWith(trans, serverSentences);
    const aml = new Aml(app, trans);
    if (aml.tabs !== undefined) {
      const args = ({ name }: MonitorTab): ReadonlyPartialJSONObject => {
        const [, workspace = "", run = ""] = name.split("/");
        return { workspace, run };
      };
      void restorer?.restore(aml.tabs.tracker, { command: "aml:monitor", args, name: ({ id }) => id });
    }
    return aml;
  },
};
