/** The panel in JupyterLab's side bar: it looks at the server from when it is first shown. */
import { ReactWidget } from "@jupyterlab/ui-components";
import type { Message } from "@lumino/messaging";
import * as React from "react";
import { amlIcon } from "../lab/icon.ts";
import { ensureRules } from "../lab/rules.ts";
import type { Host } from "./host.ts";
import { Panel } from "./panel.tsx";
import dialogs from "./dialogs.css";
import rules from "./panel.css";
import rows from "./rows.css";

export class PanelWidget extends ReactWidget {
  private begun = false;

  constructor(private readonly host: Host) {
    super();
    const { trans } = host.aml;
    this.id = "jupyter-aml-panel";
    this.addClass("jp-AmlPanel");
    this.title.icon = amlIcon;
    this.title.caption = trans.__("AML runs");
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", trans.__("AML runs"));
    ensureRules("panel", rules + rows + dialogs);
  }

  protected override render(): React.ReactElement | null {
    return this.begun ? <Panel host={this.host} /> : null;
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.look(true);
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.look(false);
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.look(this.isVisible);
  }

  private look(isShown: boolean): void {
    const { runs, computes, environments, models } = this.host;
    [computes, environments, models].forEach((list) => list.show(isShown));
    if (isShown && !this.begun) {
      this.begun = true;
      runs.start();
      this.update();
    }
  }
}
