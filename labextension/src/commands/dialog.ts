/** The form in a window over the page: it stays open until what it asks for is done. */
import { Dialog } from "@jupyterlab/apputils";
import type { TranslationBundle } from "@jupyterlab/translation";
import { Form } from "./form.tsx";
import { type Asked, type Desk, FormModel } from "./form_model.ts";

export type Outcome = { asked: Asked } & ({ run: string } | { line: string });

export interface Opening {
  asked: Asked;
  /** Of the notebook that it is opened from. */
  kernel: string | null;
  /** There is a notebook that a cell can be put into. */
  canInsert: boolean;
}

/** Lets the reader submit, or ask for the cell; undefined where neither was done. */
export async function ask(desk: Desk, { asked, kernel, canInsert }: Opening, trans: TranslationBundle): Promise<Outcome | undefined> {
  const model = new FormModel(desk, asked, kernel, () => form.update());
  const form: Form = new Form(model, trans);
  const dialog = new SubmitDialog(model, form, canInsert, trans);
  void model.open();
  try {
    await dialog.launch();
  } finally {
    model.close();
    dialog.dispose();
  }
  return dialog.outcome;
}

class SubmitDialog extends Dialog<unknown> {
  outcome: Outcome | undefined;
  private readonly labels: string[];

  constructor(
    private readonly model: FormModel,
    private readonly form: Form,
    canInsert: boolean,
    trans: TranslationBundle,
  ) {
    const cancel = Dialog.cancelButton({ label: trans.__("Cancel") });
    const caption = trans.__("Put the cell that does the same into the notebook");
    const insert = Dialog.createButton({ label: trans.__("Insert cell"), caption, accept: false });
    const submit = Dialog.okButton({ label: trans.__("Submit") });
    const buttons = canInsert ? [cancel, insert, submit] : [cancel, submit];
    const focusNodeSelector = "input";
    super({ title: trans.__("Submit folder as run"), body: form, buttons, defaultButton: buttons.length - 1, focusNodeSelector });
    this.addClass("jp-AmlSubmissionDialog");
    this.labels = canInsert ? ["cancel", "insert", "submit"] : ["cancel", "submit"];
  }

  override resolve(index?: number): void {
    const action = this.labels[index ?? this.labels.length - 1];
    if (action === "cancel") {
      super.resolve(index);
    } else if (!this.model.busy) {
      void this.act(action === "insert", index);
    }
  }

  private async act(inserts: boolean, index: number | undefined): Promise<void> {
    const { model } = this;
    const { asked } = model;
    const done = await (inserts ? model.line() : model.submit());
    if (done !== undefined) {
      this.outcome = inserts ? { asked, line: done } : { asked, run: done };
      super.resolve(index);
    } else if (!this.isDisposed && model.asked === asked) {
      // whoever has typed on since is not interrupted
      await this.form.renderPromise;
      this.form.focusWrong();
    }
  }
}
