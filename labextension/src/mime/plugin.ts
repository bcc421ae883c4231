/** Shows runs wherever an output holds one of our MIME types, with or without a kernel. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { showComparison } from "../compare/tab.ts";
import { IAml } from "../lab/tokens.ts";
import { mount } from "../view/mount.ts";
import { Connecting } from "./connecting.ts";
import { keepEnd } from "./ending.ts";
import { runOf, runsOf } from "./named.ts";
import { type Kind, RunsRenderer } from "./renderer.ts";

/** Ahead of the widget's, which has -10. */
const RANK = -20;

const monitor = (aml: IAml): Kind => ({
  mimeType: "application/vnd.jupyter-aml.run+json",
  named: (data) => {
    const run = runOf(data);
    return run && [run];
  },
  show: (node, [run], [source], model) => {
    if (run === undefined || source === undefined) {
      return () => undefined;
    }
    const connecting = new Connecting(node, source);
    const unmount = mount(node, source);
    const letGo = keepEnd(run, source, aml.api, model);
    return () => {
      letGo();
      unmount();
      connecting.dispose();
    };
  },
});

const comparison = (aml: IAml): Kind => ({
  mimeType: "application/vnd.jupyter-aml.compare+json",
  named: runsOf,
  show: (node, runs) => showComparison(node, aml, { workspace: runs[0]?.workspace ?? "", runs: runs.map(({ id }) => id) }),
});

export const mime: JupyterFrontEndPlugin<void> = {
  id: "jupyter-aml:mime",
  description: "Shows a run's monitor under its cell, read from the Jupyter server.",
  autoStart: true,
  requires: [IAml, IRenderMimeRegistry],
  activate: (_: JupyterFrontEnd, aml: IAml, rendermime: IRenderMimeRegistry): void => {
    for (const kind of [monitor(aml), comparison(aml)]) {
      // An untrusted notebook's data comes here too: it names runs, and nothing of it is shown.
      const createRenderer = (): RunsRenderer => new RunsRenderer(kind, aml.sources, rendermime);
      rendermime.addFactory({ safe: true, mimeTypes: [kind.mimeType], createRenderer }, RANK);
    }
  },
};
