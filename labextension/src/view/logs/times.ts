/** When a line was written, as it stands before it. */
import { duration, exactTime } from "../format.ts";
import type { Seconds } from "../source.ts";
import { strings } from "../strings.ts";
import type { Stamp } from "./row.ts";

/** Of a time that is not known yet (undefined) or will never be (null), that is said. */
export function stampOf(time: Seconds | null | undefined, started: Seconds | null): Stamp {
  if (time === undefined) {
    return { short: "", exact: "" };
  }
  if (time === null) {
    return { short: strings.unknown, exact: strings.noTime };
  }
  const exact = exactTime(time);
  const after = started === null || time < started ? "" : `, ${strings.afterStart(duration(time - started))}`;
  return { short: exact.slice(-8), exact: `${exact}${after}` };
}
