/** What the status bar tells of the runs that are alive. */
import type { Run } from "../lab/api.ts";

export interface Summary {
  running: number;
  waiting: number;
  /** Percent, over all GPUs of the runs; null where they have none. */
  gpu: number | null;
}

export function summaryOf(live: readonly Pick<Run, "status" | "gpu">[]): Summary {
  const running = live.filter(({ status }) => ["Running", "Finalizing", "CancelRequested", "NotResponding"].includes(status));
  const used = live.flatMap(({ gpu }) => (gpu === null || gpu.use === null ? [] : [{ ...gpu, use: gpu.use }]));
  const count = used.reduce((sum, gpu) => sum + gpu.count, 0);
  const gpu = count === 0 ? null : used.reduce((sum, each) => sum + each.use * each.count, 0) / count;
  return { running: running.length, waiting: live.length - running.length, gpu };
}
