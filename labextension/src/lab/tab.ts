/** A tab of the main area: it can be closed, is gone then, and has the focus when it is shown. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { WidgetTracker } from "@jupyterlab/apputils";
import { Panel } from "@lumino/widgets";
import { amlIcon } from "./icon.ts";
import { ensureRules } from "./rules.ts";

/** A long name ends before the tab's button, and says so. */
const RULES = ".jp-AmlTab .lm-TabBar-tabLabel { text-overflow: ellipsis; }";

export class Tab extends Panel {
  constructor() {
    super();
    this.title.closable = true;
    this.title.icon = amlIcon;
    this.title.className = "jp-AmlTab";
    ensureRules("tab", RULES);
    this.node.tabIndex = -1;
    this.node.style.outline = "none";
  }

  protected override onActivateRequest(): void {
    if (!this.node.contains(document.activeElement)) {
      this.node.focus();
    }
  }

  protected override onCloseRequest(): void {
    this.dispose();
  }
}

/** Shows the tab that there is already, or makes it; a tracker brings back its tabs after a reload. */
export function showTab<T extends Tab>(shell: JupyterFrontEnd["shell"], tracker: WidgetTracker<T>, id: string, make: () => T): void {
  if (tracker.find((tab) => tab.id === id) === undefined) {
    const tab = make();
    void tracker.add(tab);
    shell.add(tab, "main");
  }
  shell.activateById(id);
}
