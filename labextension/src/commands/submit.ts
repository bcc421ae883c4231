/** Submits a folder, from wherever the reader is. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Notification, showErrorMessage } from "@jupyterlab/apputils";
import { PathExt } from "@jupyterlab/coreutils";
import { NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";
import type { IStateDB } from "@jupyterlab/statedb";
import { Refused } from "../lab/api.ts";
import type { IAml } from "../lab/tokens.ts";
import { reasonOf } from "../view/asking.ts";
import { submitCell } from "./cell.ts";
import { ServerDesk } from "./desk.ts";
import { ask } from "./dialog.ts";
import { remembered } from "./form_model.ts";
import type { Place, Places } from "./places.ts";

export class Submitting {
  private isOpen = false;

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly aml: IAml,
    private readonly places: Places,
    private readonly state: IStateDB | null,
  ) {}

  /** Lets the reader fill in the form, and does what comes of it. */
  async begin(place: Place): Promise<void> {
    if (this.isOpen) {
      return;
    }
    this.isOpen = true;
    try {
      await this.run(place, this.places.notebook);
    } catch (error) {
      await this.explain(error);
    } finally {
      this.isOpen = false;
    }
  }

  private async run({ folder, script }: Place, notebook: NotebookPanel | null): Promise<void> {
    const { aml, state } = this;
    await aml.api.get([]); // refuses where the server has no such extension
    const key = `jupyter-aml:submit:${folder}`;
    const asked = remembered(await state?.fetch(key), folder, script);
    const kernel = notebook?.sessionContext.session?.kernel?.name ?? null;
    const desk = new ServerDesk(aml.api, aml.workspace, aml.trans);
    const outcome = await ask(desk, { asked, kernel, canInsert: notebook !== null }, aml.trans);
    if (outcome === undefined) {
      return;
    }
    void state?.save(key, { ...outcome.asked });
    if ("line" in outcome) {
      insert(outcome.line, folder, notebook);
    } else {
      this.show(outcome.run);
    }
  }

  private show(run: string): void {
    const { app, aml } = this;
    if (app.name === "JupyterLab") {
      aml.openMonitor(run);
    } else {
      Notification.success(aml.trans.__("Submitted as %1. In a cell: %2", run, `%aml show ${run}`), { autoClose: 12_000 });
    }
  }

  private async explain(error: unknown): Promise<void> {
    const { trans } = this.aml;
    const isAbsent = error instanceof Refused && error.status === 404;
    const absent = trans.__("This Jupyter server does not have the extension of jupyter-aml. In a terminal: jupyter server extension enable jupyter_ext, then start the server again.");
    await showErrorMessage(trans.__("Nothing can be submitted"), isAbsent ? absent : reasonOf(error));
  }
}

/** Puts the cell below the one that is active, ready to be run. */
function insert(line: string, folder: string, panel: NotebookPanel | null): void {
  if (panel === null || panel.isDisposed) {
    return;
  }
  const { content, context } = panel;
  const cells = content.widgets.map(({ model }) => model.sharedModel.getSource());
  const at = PathExt.dirname(context.localPath);
  NotebookActions.insertBelow(content);
  content.activeCell?.model.sharedModel.setSource(submitCell(line, folder, at, cells));
  panel.activate();
}
