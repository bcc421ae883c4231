/** How many runs are alive, in the status bar; a click opens the panel. */
import { ReactWidget } from "@jupyterlab/apputils";
import type { TranslationBundle } from "@jupyterlab/translation";
import * as React from "react";
import type { Row } from "./watch.ts";

export interface Summary {
  running: number;
  waiting: number;
  /** Percent, over all GPUs of the runs; null where they have none. */
  gpu: number | null;
}

export function summaryOf(live: readonly Pick<Row, "status" | "gpu">[]): Summary {
  const running = live.filter(({ status }) => ["Running", "Finalizing", "CancelRequested", "NotResponding"].includes(status));
  const used = live.flatMap(({ gpu }) => (gpu === null || gpu.use === null ? [] : [{ ...gpu, use: gpu.use }]));
  const count = used.reduce((sum, gpu) => sum + gpu.count, 0);
  const gpu = count === 0 ? null : used.reduce((sum, each) => sum + each.use * each.count, 0) / count;
  return { running: running.length, waiting: live.length - running.length, gpu };
}

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
  set(live: readonly Row[], isKnown: boolean): void {
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
      trans._n("%1 run", "%1 runs", running),
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
