/** The side panel: runs, computes, environments, models. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IAml } from "../lab/tokens.ts";

export const panel: JupyterFrontEndPlugin<void> = {
  id: "jupyter-aml:panel",
  description: "Shows runs, computes, environments and models beside the notebook.",
  autoStart: true,
  requires: [IAml],
  activate: (_: JupyterFrontEnd, __: IAml): void => undefined,
};
