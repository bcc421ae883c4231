/** What can be done with runs: each asks where something is lost, and tells when it is refused. */
import { Dialog, showDialog } from "@jupyterlab/apputils";
import type { CommandRegistry } from "@lumino/commands";
import { Clipboard } from "@jupyterlab/apputils";
import * as React from "react";
import type { Deletion, Run } from "../lab/api.ts";
import type { IAml } from "../lab/tokens.ts";
import { isLive } from "../view/states.ts";
import { confirmed, failed, SnapshotList, told, WhatGoes } from "./ask.tsx";
import type { Item } from "./menu.ts";
import type { RunStore } from "./store.ts";

const COMPARE = "aml:compare";
const TERMINAL = "aml:terminal";
const MOST_COMPARED = 20;

export class RunActions {
  constructor(
    private readonly aml: IAml,
    private readonly commands: CommandRegistry,
    private readonly store: RunStore,
  ) {}

  get canCompare(): boolean {
    return this.commands.hasCommand(COMPARE);
  }

  open(run: Run): void {
    this.aml.openMonitor(run.id);
  }

  /** For the context menu: what one run offers, or what several do. */
  items(runs: readonly Run[]): (Item | undefined)[] {
    const { trans } = this.aml;
    const [run] = runs;
    if (run === undefined) {
      return [];
    }
    const live = runs.filter(isLive);
    const cancel = { label: trans.__("Cancel…"), act: () => this.cancel(live), enabled: live.length > 0 };
    const remove = { label: trans.__("Delete…"), act: () => this.remove(runs), enabled: live.length === 0 };
    const copy = { label: runs.length === 1 ? trans.__("Copy id") : trans.__("Copy ids"), act: () => this.copy(runs) };
    if (runs.length > 1) {
      const compare = { label: trans.__("Compare"), act: () => this.compare(runs), enabled: this.comparable(runs) };
      return [compare, undefined, cancel, copy, undefined, remove];
    }
    return [
      { label: trans.__("Open monitor"), act: () => this.open(run) },
      undefined,
      cancel,
      { label: trans.__("Run again"), act: () => this.rerun(run) },
      ...this.terminal(run),
      undefined,
      { label: trans.__("Open snapshot"), act: () => this.snapshot(run) },
      { label: trans.__("Download outputs and logs"), act: () => this.download(run) },
      copy,
      undefined,
      remove,
    ];
  }

  comparable(runs: readonly Run[]): boolean {
    return this.canCompare && runs.length > 1 && runs.length <= MOST_COMPARED;
  }

  compare(runs: readonly Run[]): void {
    void this.commands.execute(COMPARE, { workspace: this.aml.workspace, runs: runs.map(({ id }) => id) });
  }

  async cancel(runs: readonly Run[]): Promise<void> {
    const { trans, api, workspace } = this.aml;
    const [run] = runs;
    if (run === undefined) {
      return;
    }
    const title = runs.length === 1 ? trans.__("Stop this run?") : trans.__("Stop %1 runs?", runs.length);
    if (await confirmed(title, listed(runs), trans.__("Stop"), trans)) {
      await this.each(runs, trans.__("It could not be stopped"), ({ id }) => api.cancel(workspace, id));
    }
  }

  async rerun(run: Run): Promise<void> {
    const { trans, api, workspace } = this.aml;
    await this.each([run], trans.__("It could not be submitted again"), async ({ id }) => {
      const made = await api.rerun(workspace, id);
      this.store.put([made]);
      const open = { label: trans.__("Open"), callback: () => this.open(made) };
      told(trans.__("Submitted again as %1", made.id), [open]);
    });
  }

  async remove(runs: readonly Run[]): Promise<void> {
    const { trans, api, workspace } = this.aml;
    if (runs.length === 0) {
      return;
    }
    let going: Deletion[];
    try {
      going = await Promise.all(runs.map(({ id }) => api.deletion(workspace, id)));
    } catch (error) {
      return failed(trans.__("It could not be deleted"), error);
    }
    const refused = going.find((one) => one.refused !== null)?.refused;
    if (refused) {
      return failed(trans.__("It could not be deleted"), new Error(refused));
    }
    const title = runs.length === 1 ? trans.__("Delete this run?") : trans.__("Delete %1 runs?", runs.length);
    const body = React.createElement(WhatGoes, { going, trans });
    if (await confirmed(title, body, trans.__("Delete"), trans)) {
      await this.each(runs, trans.__("It could not be deleted"), async ({ id }) => {
        await api.remove(workspace, id);
        this.store.remove([id]);
      });
    }
  }

  async snapshot(run: Run): Promise<void> {
    const { trans, api, workspace } = this.aml;
    await this.each([run], trans.__("The snapshot cannot be shown"), async ({ id }) => {
      const snapshot = await api.snapshot(workspace, id);
      const { button } = await showDialog({
        title: trans.__("Snapshot of %1", id),
        body: React.createElement(SnapshotList, { snapshot, trans }),
        buttons: [
          Dialog.cancelButton({ label: trans.__("Close") }),
          Dialog.okButton({ label: trans.__("Download") }),
        ],
      });
      if (button.accept) {
        fetched(api.url(["workspaces", workspace, "runs", id, "snapshot", "download"]));
      }
    });
  }

  async download({ id }: Run): Promise<void> {
    const { trans, api, workspace } = this.aml;
    try {
      const files = await api.get<object[]>(["workspaces", workspace, "runs", id, "files"]);
      if (files.length === 0) {
        throw new Error(trans.__("This run left no files in ./outputs or ./logs."));
      }
      fetched(api.url(["workspaces", workspace, "runs", id, "download"]));
    } catch (error) {
      await failed(trans.__("There is nothing to download"), error);
    }
  }

  copy(runs: readonly Run[]): void {
    Clipboard.copyToSystem(runs.map(({ id }) => id).join("\n"));
  }

  private terminal({ id }: Run): Item[] {
    const { trans, workspace } = this.aml;
    const act = (): void => void this.commands.execute(TERMINAL, { workspace, run: id });
    return this.commands.hasCommand(TERMINAL) ? [{ label: trans.__("Open terminal in run"), act }] : [];
  }

  /** All of them, though some be refused; the first refusal is told. */
  private async each(runs: readonly Run[], title: string, act: (run: Run) => Promise<unknown>): Promise<void> {
    const done = await Promise.allSettled(runs.map(act));
    const refusal = done.find((one) => one.status === "rejected");
    if (refusal !== undefined) {
      await failed(title, refusal.reason);
    }
  }
}

/** Lets the browser save what an address answers. */
export function fetched(address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}

function listed(runs: readonly Run[]): string {
  const names = runs.slice(0, 8).map(({ id }) => id);
  return runs.length > names.length ? `${names.join("\n")}\n…` : names.join("\n");
}
