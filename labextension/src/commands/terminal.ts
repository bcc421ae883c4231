/** Opens a terminal where a run runs. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { showErrorMessage } from "@jupyterlab/apputils";
import type { IAml } from "../lab/tokens.ts";
import { reasonOf } from "../view/asking.ts";

const OPEN = "terminal:open";

/** The server makes it, as it knows where the run is; JupyterLab shows it. */
export async function openTerminal({ commands }: JupyterFrontEnd, { api, trans }: IAml, workspace: string, run: string): Promise<void> {
  try {
    const { name } = await api.send<{ name: string }>("POST", ["workspaces", workspace, "runs", run, "terminal"]);
    await commands.execute(OPEN, { name });
  } catch (error) {
    await showErrorMessage(trans.__("There is no terminal in %1", run), reasonOf(error));
  }
}
