/** Tells of the end of a run: in one of the browser's pages, and once. */
import { Notification } from "@jupyterlab/apputils";
import type { Run } from "../lab/api.ts";
import type { IAml } from "../lab/tokens.ts";
import { ran } from "../view/clock.ts";
import { anyValue, duration } from "../view/format.ts";
import { strings } from "../view/strings.ts";

const SECONDS = 12;

/** Only the page that holds the run's lock tells; without locks, as over plain http, every page does. */
export function tellOnce(aml: IAml, row: Run): void {
  const name = `jupyter-aml:told:${aml.workspace}/${row.id}`;
  if (navigator.locks === undefined) {
    tell(aml, row);
    return;
  }
  const hold = (lock: Lock | null): Promise<void> | undefined => {
    if (lock === null) {
      return undefined;
    }
    tell(aml, row);
    return new Promise(() => undefined); // held until the page is gone
  };
  navigator.locks.request(name, { ifAvailable: true }, hold).catch((error: unknown) => console.error(error));
}

function tell(aml: IAml, row: Run): void {
  const { trans, workspace } = aml;
  const { id, status, reason, metric } = row;
  const open = { label: trans.__("Open monitor"), caption: id, callback: () => aml.openMonitor(id, workspace) };
  const options = { actions: [open], autoClose: status === "Failed" ? (false as const) : SECONDS * 1000 };
  if (status === "Failed") {
    const why = reason === null ? "" : `: ${strings.told(reason)}`;
    Notification.error(trans.__("Run %1 has failed%2", id, why), options);
  } else if (status === "Canceled") {
    Notification.info(trans.__("Run %1 was canceled", id), options);
  } else {
    const spent = ran(row, aml.api.now());
    const span = spent === null ? "" : trans.__(" after %1", duration(spent));
    const best = metric === null ? "" : ` · ${metric.name} ${anyValue(metric.last)}`;
    Notification.success(trans.__("Run %1 has completed%2", id, span) + best, options);
  }
}
