/** The command that compares runs in a tab. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, showErrorMessage, WidgetTracker } from "@jupyterlab/apputils";
import type { ReadonlyPartialJSONObject } from "@lumino/coreutils";
import { showTab } from "../lab/tab.ts";
import { IAml } from "../lab/tokens.ts";
import { reasonOf } from "../view/asking.ts";
import { MOST_RUNS } from "./legend.ts";
import { type Compared, CompareTab, tabId } from "./tab.ts";

const COMMAND = "aml:compare";

export const compare: JupyterFrontEndPlugin<void> = {
  id: "jupyter-aml:compare",
  description: "Shows what differs between runs: their charts, facts and code.",
  autoStart: true,
  requires: [IAml],
  optional: [ICommandPalette, ILayoutRestorer],
  activate: (app: JupyterFrontEnd, aml: IAml, palette: ICommandPalette | null, restorer: ILayoutRestorer | null): void => {
    if (app.name !== "JupyterLab") {
      return; // Notebook 7 has one document to a page, and no place for another
    }
    const { trans } = aml;
    const tracker = new WidgetTracker<CompareTab>({ namespace: "aml-compare" });
    app.commands.addCommand(COMMAND, {
      label: (args) => (args["runs"] === undefined ? trans.__("Compare the last two runs") : trans.__("Compare")),
      describedBy: { args: { type: "object", properties: { workspace: { type: "string" }, runs: { type: "array", items: { type: "string" } } } } },
      execute: async (args) => {
        try {
          const compared = await comparedBy(args, aml);
          showTab(app.shell, tracker, tabId(compared), () => new CompareTab(aml, compared));
        } catch (error) {
          await showErrorMessage(trans.__("These runs cannot be compared"), reasonOf(error));
        }
      },
    });
    palette?.addItem({ command: COMMAND, category: trans.__("AML runs") });
    const args = ({ compared }: CompareTab): ReadonlyPartialJSONObject => ({ ...compared });
    void restorer?.restore(tracker, { command: COMMAND, args, name: ({ compared }) => tabId(compared) });
  },
};

async function comparedBy(args: ReadonlyPartialJSONObject, aml: IAml): Promise<Compared> {
  const workspace = typeof args["workspace"] === "string" ? args["workspace"] : aml.workspace;
  const asked = Array.isArray(args["runs"]) ? args["runs"].map(String) : undefined;
  const runs = [...new Set(asked ?? (await aml.api.runs(workspace, { limit: 2 })).runs.map(({ id }) => id))];
  if (runs.length < 2) {
    throw new Error(aml.trans.__("To compare takes two runs at least."));
  }
  if (runs.length > MOST_RUNS) {
    throw new Error(aml.trans.__("At most %1 runs are compared at once: choose fewer.", MOST_RUNS));
  }
  return { workspace, runs };
}
