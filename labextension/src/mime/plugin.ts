/** Shows a run's monitor wherever an output holds our MIME type, with or without a kernel. */
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { Connection, type Server } from "../view/connection.ts";
import { Sources } from "../view/socket.ts";
import { MIME_TYPE, MonitorRenderer } from "./renderer.ts";
import { type Shell, Tabs } from "./tab.ts";

/** Ahead of the widget's, which has -10. */
const RANK = -20;

interface Application {
  name: string;
  shell: Shell;
  serviceManager: { serverSettings: Server };
}

export default [
  {
    id: "jupyter-aml:mime",
    description: "Shows a run's monitor under its cell, read from the Jupyter server.",
    autoStart: true,
    requires: [IRenderMimeRegistry],
    activate: (app: Application, rendermime: IRenderMimeRegistry): void => {
      const tabs = new Tabs(app.shell);
      const connection = new Connection(app.serviceManager.serverSettings);
      // Notebook 7 has one document to a page, and no place for another.
      const open = app.name === "JupyterLab" ? (name: string): void => tabs.show(name, sources) : undefined;
      const sources: Sources = new Sources(connection, open);
      // An untrusted notebook's data comes here too: it names a run, and nothing of it is shown.
      rendermime.addFactory(
        { safe: true, mimeTypes: [MIME_TYPE], createRenderer: () => new MonitorRenderer(sources, rendermime) },
        RANK,
      );
    },
  },
];
