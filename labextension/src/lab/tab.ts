/** A tab of the main area: it can be closed, is gone then, and has the focus when it is shown. */
import { Panel } from "@lumino/widgets";

export class Tab extends Panel {
  constructor() {
    super();
    this.title.closable = true;
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
