/** Under the list: what there is to say of the selected run, or what can be done with several. */
import * as React from "react";
import type { Run } from "../lab/api.ts";
import { anyValue, exactTime } from "../view/format.ts";
import { isLive, wordOf } from "../view/states.ts";
import { strings } from "../view/strings.ts";
import type { Host } from "./host.ts";
import { openMenu } from "./menu.ts";
import { type Action, Buttons } from "./section.tsx";

export function Summary({ host, runs }: { host: Host; runs: readonly Run[] }): React.ReactElement | null {
  const [run] = runs;
  if (run === undefined) {
    return null;
  }
  return runs.length === 1 ? <One host={host} run={run} /> : <Several host={host} runs={runs} />;
}

function One({ host, run }: { host: Host; run: Run }): React.ReactElement {
  const { aml, actions } = host;
  const { trans } = aml;
  return (
    <div className="jp-AmlSummary" role="region" aria-label={trans.__("Selected run")}>
      <dl>
        {factsOf(run, host).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd title={value}>{value}</dd>
          </div>
        ))}
      </dl>
      <Buttons
        items={[
          { label: trans.__("Open"), act: () => actions.open(run) },
          isLive(run)
            ? { label: trans.__("Cancel"), act: () => void actions.cancel([run]), disabled: run.status === "CancelRequested" }
            : { label: trans.__("Run again"), act: () => void actions.rerun(run) },
          more([run], host),
        ]}
      />
    </div>
  );
}

function Several({ host, runs }: { host: Host; runs: readonly Run[] }): React.ReactElement {
  const { aml, actions } = host;
  const { trans } = aml;
  const live = runs.filter(isLive);
  return (
    <div className="jp-AmlSummary" role="region" aria-label={trans.__("Selected runs")}>
      <p>{trans.__("%1 runs selected", runs.length.toLocaleString("en-US"))}</p>
      <Buttons
        items={[
          { label: trans.__("Compare"), act: () => actions.compare(runs), disabled: !actions.comparable(runs) },
          live.length > 0
            ? { label: trans.__("Cancel"), act: () => void actions.cancel(live) }
            : { label: trans.__("Delete"), act: () => void actions.remove(runs) },
          more(runs, host),
        ]}
      />
    </div>
  );
}

function more(runs: readonly Run[], { aml, actions }: Host): Action {
  return {
    label: aml.trans.__("More…"),
    menu: "menu",
    act: ({ currentTarget }) => {
      const { left, bottom } = currentTarget.getBoundingClientRect();
      openMenu(actions.items(runs), { x: left, y: bottom });
    },
  };
}

function factsOf(run: Run, { aml: { trans } }: Host): [name: string, value: string][] {
  const facts: [string, string | null][] = [
    [trans.__("State"), wordOf(run.status)],
    [trans.__("Reason"), run.status === "Completed" || run.reason === null ? null : strings.told(run.reason)],
    [trans.__("Metric"), run.metric ? `${run.metric.name} ${anyValue(run.metric.best ?? run.metric.last)}` : null],
    [trans.__("Experiment"), `${run.experiment} #${run.number}`],
    [trans.__("Command"), run.command],
    [trans.__("Target"), run.nodes > 1 ? trans._n("%2, %1 node", "%2, %1 nodes", run.nodes, run.target) : run.target],
    [trans.__("Created"), exactTime(run.created)],
    [trans.__("Id"), run.id],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null && fact[1] !== "");
}
