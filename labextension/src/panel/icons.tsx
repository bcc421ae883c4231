/** The panel's icons: a state is told by its shape, and by its colour besides. */
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
