/** Shows a run's monitor wherever an output holds our MIME type, with or without a kernel. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { IAml } from "../lab/tokens.ts";
import { MIME_TYPE, MonitorRenderer } from "./renderer.ts";

/** Ahead of the widget's, which has -10. */
const RANK = -20;

export const mime: JupyterFrontEndPlugin<void> = {
  id: "jupyter-aml:mime",
  description: "Shows a run's monitor under its cell, read from the Jupyter server.",
  autoStart: true,
  requires: [IAml, IRenderMimeRegistry],
  activate: (_: JupyterFrontEnd, { sources }: IAml, rendermime: IRenderMimeRegistry): void => {
    // An untrusted notebook's data comes here too: it names a run, and nothing of it is shown.
    rendermime.addFactory(
      { safe: true, mimeTypes: [MIME_TYPE], createRenderer: () => new MonitorRenderer(sources, rendermime) },
      RANK,
    );
  },
};
