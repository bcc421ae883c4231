/** What every part of the view shares. */
import type { Ask } from "./asking.ts";
import type { Clock } from "./clock.ts";
import type { Scope } from "./scope.ts";
import type { Source } from "./source.ts";
import type { Theme } from "./theme.ts";

export interface View {
  readonly source: Source;
  readonly scope: Scope;
  readonly clock: Clock;
  readonly theme: Theme;
  /** A request whose long wait is shown, by `wait` where it is given; it never settles once the view is gone. */
  readonly ask: Ask;
  /** Tells a screen reader. */
  say(message: string): void;
  /** Goes to the line of the log that tells why the run ended. */
  showReason(): void;
  /** Goes to a line of a log, counted from 0. */
  showLine(file: string, line: number): void;
  showCharts(): void;
}

/** A tab's content. It works only between show and hide. */
export interface Pane {
  readonly element: HTMLElement;
  /** Draws what is new. Called once a frame at most, and only while shown. */
  update(): void;
  /** Called when the pane becomes visible, after its first update. */
  shown?(): void;
}
