/** A run in the list: its state, name and time, and under them the most telling thing there is. */
import type { TranslationBundle } from "@jupyterlab/translation";
import * as React from "react";
import type { Api, Run } from "../lab/api.ts";
import { ran } from "../view/clock.ts";
import { duration, exactTime, ticking } from "../view/format.ts";
import { isLive, wordOf } from "../view/states.ts";
import { StateIcon } from "./icons.tsx";
import { ago, givenName, nameOf, numbered, tellingLine } from "./words.ts";

interface Props {
  run: Run;
  api: Api;
  trans: TranslationBundle;
  grouped: boolean;
}

/** Drawn again when its run has changed. */
export const RunRow = React.memo(function RunRow({ run, api, trans, grouped }: Props): React.ReactElement {
  const live = isLive(run);
  const line = tellingLine(run, trans);
  return (
    <div className={`jp-AmlRun${live ? " jp-mod-live" : ""}`}>
      <span className="jp-AmlRun-state" title={wordOf(run.status)}>
        <StateIcon status={run.status} />
      </span>
      <span className="jp-AmlRun-name" title={`${nameOf(run)}\n${run.experiment} / ${run.id}`}>
        {givenName(run) ?? (
          <>
            {grouped ? null : <span className="jp-AmlRun-of">{run.experiment} </span>}
            {numbered(run)}
          </>
        )}
      </span>
      <span className="jp-AmlRun-time" title={timesOf(run, trans)}>
        <Elapsed run={run} api={api} />
      </span>
      <span className="jp-AmlRun-line" title={line}>
        {line}
      </span>
      {run.progress && live ? <Progress part={run.progress.fraction} label={trans.__("Progress")} /> : null}
      <span className="jp-AmlRun-where">{live ? useOf(run, trans) : <Ago run={run} api={api} trans={trans} />}</span>
      {grouped ? null : <span className="jp-AmlRun-experiment">{run.experiment}</span>}
    </div>
  );
});

export function Progress({ part, label }: { part: number; label: string }): React.ReactElement {
  const percent = Math.round(100 * Math.min(1, Math.max(0, part)));
  return (
    <span
      className="jp-AmlProgress"
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      title={`${percent} %`}
    >
      <span style={{ width: `${percent}%` }} />
    </span>
  );
}

/** What it uses, and where: the busiest part of it, and its target where that is not this machine. */
function useOf(run: Run, trans: TranslationBundle): string {
  const where = run.target === "local" || !run.target ? "" : `${run.target}${run.nodes > 1 ? ` ×${run.nodes}` : ""}`;
  const use =
    typeof run.gpu?.use === "number"
      ? trans.__("GPU %1 %", Math.round(run.gpu.use))
      : typeof run.cpu === "number"
        ? trans.__("node CPU %1 %", Math.round(run.cpu))
        : "";
  return [where, use].filter((part) => part !== "").join(" · ");
}

function Elapsed({ run, api }: { run: Run; api: Api }): React.ReactElement {
  const live = isLive(run);
  useTick(live ? 1000 : undefined);
  const spent = ran(run, api.now());
  return <>{spent === null ? "" : live ? ticking(spent) : duration(spent)}</>;
}

function Ago({ run, api, trans }: { run: Run; api: Api; trans: TranslationBundle }): React.ReactElement {
  useTick(60_000);
  return <>{ago(run.ended ?? run.created, api.now(), languageOf(trans))}</>;
}

function languageOf(trans: TranslationBundle): string | undefined {
  const { locale } = trans as { locale?: unknown };
  return typeof locale === "string" && locale !== "" ? locale.replace("_", "-") : "en";
}

/** Draws again once in a while, and not while nobody can see it. */
function useTick(every: number | undefined): void {
  const [, tick] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    if (every === undefined) {
      return;
    }
    const timer = setInterval(() => document.hidden || tick(), every);
    return () => clearInterval(timer);
  }, [every]);
}

export function timesOf(run: Run, trans: TranslationBundle): string {
  const lines = [trans.__("Created %1", exactTime(run.created))];
  if (run.started !== null) {
    lines.push(trans.__("Started %1", exactTime(run.started)));
  }
  if (run.ended !== null) {
    lines.push(trans.__("Ended %1", exactTime(run.ended)));
  }
  return lines.join("\n");
}
