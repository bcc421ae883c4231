/** The questions that the panel asks, and what it says when something was refused. */
import { Dialog, Notification, showDialog, showErrorMessage } from "@jupyterlab/apputils";
import { ReactWidget } from "@jupyterlab/ui-components";
import type { TranslationBundle } from "@jupyterlab/translation";
import * as React from "react";
import type { Compute, Deletion, Snapshot } from "../lab/api.ts";
import { reasonOf } from "../view/asking.ts";
import { size } from "../view/format.ts";

const SHOWN = 8;

/** One question; true where the answer is the button that does it. */
export async function confirmed(
  title: string,
  body: string | React.ReactElement,
  does: string,
  trans: TranslationBundle,
): Promise<boolean> {
  const { button } = await showDialog({
    title,
    body,
    buttons: [Dialog.cancelButton({ label: trans.__("Keep") }), Dialog.warnButton({ label: does })],
    defaultButton: 0,
  });
  return button.accept;
}

export function failed(title: string, error: unknown): Promise<void> {
  return showErrorMessage(title, reasonOf(error));
}

export function told(text: string, actions: readonly Notification.IAction[] = []): void {
  Notification.success(text, { autoClose: 4000, actions: [...actions] });
}

/** Names what goes with runs that are to be deleted. */
export function WhatGoes({ going, trans }: { going: readonly Deletion[]; trans: TranslationBundle }): React.ReactElement {
  const files = going.reduce((sum, one) => sum + one.files, 0);
  const bytes = going.reduce((sum, one) => sum + one.size, 0);
  const children = going.flatMap((one) => one.children);
  const models = going.flatMap((one) => one.models);
  return (
    <div className="jp-AmlQuestion">
      <ul>
        {going.slice(0, SHOWN).map(({ id, folder }) => (
          <li key={id} title={folder}>
            {id}
          </li>
        ))}
        {going.length > SHOWN && <li>{trans.__("and %1 more", going.length - SHOWN)}</li>}
      </ul>
      <p>{trans._n("%1 file (%2) goes with it: logs, metrics and outputs.", "%1 files (%2) go: logs, metrics and outputs.", files, size(bytes))}</p>
      {children.length > 0 && (
        <p>{trans._n("%1 child run goes too.", "%1 child runs go too.", children.length)}</p>
      )}
      {models.length > 0 && <p>{trans.__("Models made from it stay: %1.", models.join(", "))}</p>}
      <p>{trans.__("This cannot be undone.")}</p>
    </div>
  );
}

export function SnapshotList({ snapshot, trans }: { snapshot: Snapshot; trans: TranslationBundle }): React.ReactElement {
  const bytes = snapshot.files.reduce((sum, file) => sum + file.size, 0);
  return (
    <div className="jp-AmlSnapshot">
      <p>{trans._n("%1 file, %2", "%1 files, %2", snapshot.total, size(bytes))}</p>
      <ul tabIndex={0} aria-label={trans.__("Files of the snapshot")}>
        {snapshot.files.map((file) => (
          <li key={file.name}>
            <span>{file.name}</span>
            <span>{size(file.size)}</span>
          </li>
        ))}
      </ul>
      {snapshot.total > snapshot.files.length && (
        <p>{trans.__("The first %1 are listed.", snapshot.files.length)}</p>
      )}
    </div>
  );
}

export interface ComputeAnswer {
  name: string;
  nodes: number;
}

/** Asks for a compute target's name and size, or for the size of one that is there. */
export async function askCompute(trans: TranslationBundle, there?: Compute): Promise<ComputeAnswer | undefined> {
  const body = new ComputeForm(trans, there);
  const { button, value } = await showDialog({
    title: there === undefined ? trans.__("Add a compute target") : trans.__("Scale %1", there.name),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__("Cancel") }),
      Dialog.okButton({ label: there === undefined ? trans.__("Add") : trans.__("Scale") }),
    ],
    focusNodeSelector: "input",
  });
  return button.accept && value ? value : undefined;
}

class ComputeForm extends ReactWidget implements Dialog.IBodyWidget<ComputeAnswer> {
  private name = "";
  private nodes: number;

  constructor(
    private readonly trans: TranslationBundle,
    private readonly there: Compute | undefined,
  ) {
    super();
    this.nodes = there?.nodes ?? 2;
  }

  getValue(): ComputeAnswer {
    return { name: this.name.trim(), nodes: this.nodes };
  }

  protected override render(): React.ReactElement {
    const { trans } = this;
    return (
      <div className="jp-AmlForm">
        {this.there === undefined && (
          <label>
            {trans.__("Name")}
            <input
              type="text"
              placeholder="gpu-cluster"
              spellCheck={false}
              onChange={(event) => (this.name = event.target.value)}
            />
          </label>
        )}
        <label>
          {trans.__("Nodes")}
          <input
            type="number"
            min={1}
            max={1000}
            defaultValue={this.nodes}
            onChange={(event) => (this.nodes = Number(event.target.value))}
          />
        </label>
        <p>{trans.__("So many runs of one node are executed at a time; others wait in line.")}</p>
      </div>
    );
  }
}
