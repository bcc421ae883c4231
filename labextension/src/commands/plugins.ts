/** The plugins that put runs in the flow of work: commands, forms, status, notifications. */
import type { JupyterFrontEndPlugin } from "@jupyterlab/application";

export const commands: JupyterFrontEndPlugin<void>[] = [];
