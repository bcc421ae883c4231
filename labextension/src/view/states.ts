/** What a run's state looks like, told by its shape and by its colour besides, what it is called, and which are ends. */
import type { Status } from "./source.ts";
import { strings } from "./strings.ts";

export type Tone = "wait" | "busy" | "good" | "bad" | "off";

const RING = "M8 2a6 6 0 1 0 .01 0z";
/** Paths of 16 by 16. */
export const GLYPHS: Record<Tone, string> = {
  wait: `${RING}M8 4.8V8l2.2 1.6`,
  busy: "M8 2a6 6 0 1 1-5.2 3",
  good: `${RING}M5.2 8.3l2 2 3.7-4.2`,
  bad: `${RING}M5.8 5.8l4.4 4.4m0-4.4l-4.4 4.4`,
  off: `${RING}M4 12L12 4`,
};

const TONES: Partial<Record<Status, Tone>> = {
  Running: "busy",
  Preparing: "busy",
  Provisioning: "busy",
  Starting: "busy",
  Finalizing: "busy",
  Completed: "good",
  Failed: "bad",
  NotResponding: "bad",
  Canceled: "off",
  CancelRequested: "off",
};

export const toneOf = (status: Status): Tone => TONES[status] ?? "wait";

export const wordOf = (status: Status): string => strings.words[status] ?? status;

const ENDED: readonly Status[] = ["Completed", "Failed", "Canceled"];

export const isLive = ({ status }: { status: Status }): boolean => !ENDED.includes(status);
