/** What the panel says of a run. */
import type { TranslationBundle } from "@jupyterlab/translation";
import type { Run } from "../lab/api.ts";
import { anyValue } from "../view/format.ts";
import { isLive, wordOf } from "../view/states.ts";
import { strings } from "../view/strings.ts";

/** The most telling thing there is: progress or the last line while it lives, then its metric or its error. */
export function tellingLine(run: Run, trans: TranslationBundle): string {
  if (!isLive(run)) {
    return endedLine(run);
  }
  if (run.place !== null && run.place !== undefined) {
    return placeInLine(run.place, trans);
  }
  return run.progress?.text || run.line || wordOf(run.status);
}

const ORDINAL = new Intl.PluralRules("en", { type: "ordinal" });

/** English has four endings; a translator gives each of the four sentences. */
function placeInLine(place: number, trans: TranslationBundle): string {
  switch (ORDINAL.select(place)) {
    case "one":
      return trans.__("%1st in line", place);
    case "two":
      return trans.__("%1nd in line", place);
    case "few":
      return trans.__("%1rd in line", place);
    default:
      return trans.__("%1th in line", place);
  }
}

function endedLine(run: Run): string {
  const word = wordOf(run.status);
  if (run.status === "Failed") {
    return run.reason === null ? word : strings.told(run.reason);
  }
  if (run.metric) {
    const { name, best, last } = run.metric;
    return `${name} ${anyValue(best ?? last)}`;
  }
  return run.status === "Canceled" || !run.reason ? word : strings.told(run.reason);
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** A moment as people say it: `now`, `5 min. ago`, `yesterday`, a date. */
export function ago(moment: number, now: number, language: string | undefined): string {
  const past = Math.max(0, now - moment);
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "narrow" });
  if (past < MINUTE) {
    return words.format(0, "second");
  }
  if (past < HOUR) {
    return words.format(-Math.floor(past / MINUTE), "minute");
  }
  const days = midnights(moment, now);
  if (days === 0) {
    return words.format(-Math.floor(past / HOUR), "hour");
  }
  if (days < 7) {
    return words.format(-days, "day");
  }
  const date = new Date(moment * 1000);
  const sameYear = date.getFullYear() === new Date(now * 1000).getFullYear();
  return date.toLocaleDateString(language, { day: "numeric", month: "short", ...(!sameYear && { year: "numeric" }) });
}

function midnights(moment: number, now: number): number {
  const day = (seconds: number): number => new Date(seconds * 1000).setHours(0, 0, 0, 0) / 1000;
  return Math.round((day(now) - day(moment)) / DAY);
}

/** What the user calls a run; null where it has no name but its id. */
export function givenName(run: Run): string | null {
  return run.display_name === "" || run.display_name === run.id ? null : run.display_name;
}

/** Its number in its experiment, and what it runs; of a sweep's trials the parameters, by which they differ. */
export function numbered(run: Run): string {
  return `#${run.number} ${trialOf(run) ?? run.command}`.trimEnd();
}

/** A run's name as the list shows it. */
export function nameOf(run: Run): string {
  return givenName(run) ?? `${run.experiment} ${numbered(run)}`;
}

function trialOf({ parent, tags }: Run): string | null {
  const told = parent === null ? undefined : tags?.["hyperparameters"];
  try {
    const parameters: unknown = told === undefined ? null : JSON.parse(told);
    return typeof parameters === "object" && parameters !== null
      ? Object.entries(parameters).map(([name, value]) => `${name} ${String(value)}`).join(" ")
      : null;
  } catch {
    return null;
  }
}
