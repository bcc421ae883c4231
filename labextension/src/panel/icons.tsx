/** The panel's icons: a state is told by its shape, and by its colour besides. */
import { LabIcon } from "@jupyterlab/ui-components";
import * as React from "react";
import type { Status } from "../view/source.ts";
import { GLYPHS, toneOf } from "../view/states.ts";

export function StateIcon({ status }: { status: Status }): React.ReactElement {
  const tone = toneOf(status);
  return <Shape path={GLYPHS[tone]} name={`jp-AmlState jp-mod-${tone}`} />;
}

export function Shape({ path, name }: { path: string; name: string }): React.ReactElement {
  return (
    <svg className={name} viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

export const SHAPE = {
  filter: "M2 3.5h12M4.5 8h7M7 12.5h2",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  add: "M8 3v10M3 8h10",
  refresh: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  fold: "M5.5 3.5L10 8l-4.5 4.5",
};

/** A curve that goes down as a loss does, and the point where it is now. */
export const amlIcon = new LabIcon({
  name: "jupyter-aml:panel",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><g class="jp-icon3" fill="none" stroke="#616161"
    stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M4 3v17h17"/><path d="M7 6c2 8 5 9 9 9.500"/>
    <circle cx="18.500" cy="15.500" r="1.500"/></g></svg>`,
});
