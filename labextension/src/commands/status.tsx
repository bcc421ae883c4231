/** How many runs are alive, in the status bar; a click opens the panel. */
import { ReactWidget } from "@jupyterlab/apputils";
import type { TranslationBundle } from "@jupyterlab/translation";
import * as React from "react";
import type { Run } from "../lab/api.ts";
import { type Summary, summaryOf } from "./summary.ts";

export class StatusItem extends ReactWidget {
  private summary: Summary | undefined;

  constructor(
    private readonly trans: TranslationBundle,
    private readonly open: () => void,
  ) {
    super();
    this.addClass("jp-AmlStatus");
    this.hide();
  }

  /** Nothing is shown where the server is not there. */
  set(live: readonly Run[], isKnown: boolean): void {
    this.summary = isKnown ? summaryOf(live) : undefined;
    this.setHidden(this.summary === undefined);
    this.update();
  }

  protected override render(): React.ReactElement | null {
    const { summary, trans } = this;
    if (summary === undefined) {
      return null;
    }
    const { running, waiting, gpu } = summary;
    const parts = [
      trans.__("%1 running", running),
      ...(waiting > 0 ? [trans.__("%1 queued", waiting)] : []),
      ...(gpu === null ? [] : [trans.__("GPU %1 %", Math.round(gpu))]),
    ];
    const hint = trans.__("Runs that are alive: open the panel");
    return (
      <button type="button" className="jp-AmlStatus-button" title={hint} aria-label={`${parts.join(", ")}. ${hint}`} onClick={this.open}>
        {parts.join(" · ")}
      </button>
    );
  }
}
