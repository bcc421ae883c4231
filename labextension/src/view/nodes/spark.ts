/** A line of the whole run in a few pixels, on a canvas. */
import { h } from "../dom.ts";
import { finite } from "../format.ts";
import type { Num } from "../source.ts";
import type { Theme } from "../theme.ts";

export interface History {
  t: readonly number[];
  values: readonly Num[];
  /** Top of the scale; null takes the largest value. */
  max: number | null;
}

export class Spark {
  readonly element = h("canvas", "spark", { "aria-hidden": "true" });

  /** Draws the history, with a hairline at the pointed time. */
  draw({ t, values, max }: History, theme: Theme, color: string, pointed: number | null): void {
    const canvas = this.element;
    const { clientWidth: width, clientHeight: height } = canvas;
    const context = canvas.getContext("2d");
    if (context === null || width === 0) {
      return;
    }
    const ratio = devicePixelRatio;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const numbers = values.map(finite);
    const top = max ?? Math.max(1, ...numbers.map((value) => value ?? 0)) * 1.1;
    const x = (k: number): number => place(t, t[k] ?? 0) * (width - 2) + 1;
    const y = (value: number): number => height - 1 - (Math.min(value, top) / top) * (height - 2);
    context.strokeStyle = context.fillStyle = theme.color(color);
    for (const run of stretches(numbers)) {
      stroke(context, run, x, (k) => y(numbers[k] ?? 0), height);
    }
    if (pointed !== null && t.length > 0) {
      context.fillStyle = theme.color("quiet");
      context.fillRect(place(t, pointed) * (width - 2), 0, 1, height);
    }
  }
}

function stroke(
  context: CanvasRenderingContext2D,
  [from, to]: readonly [number, number],
  x: (k: number) => number,
  y: (k: number) => number,
  height: number,
): void {
  context.beginPath();
  for (let k = from; k < to; k += 1) {
    context.lineTo(x(k), y(k));
  }
  if (to - from === 1) {
    context.lineTo(x(from) + 3, y(from)); // a line needs two points
  }
  context.lineWidth = 1.25;
  context.lineJoin = "round";
  context.stroke();
  context.lineTo(x(to - 1), height);
  context.lineTo(x(from), height);
  context.globalAlpha = 0.15;
  context.fill();
  context.globalAlpha = 1;
}

/** A time's place in the run, from 0 to 1. */
export function place(t: readonly number[], time: number): number {
  const first = t[0] ?? 0;
  const span = (t.at(-1) ?? first) - first;
  return span > 0 ? Math.min(1, Math.max(0, (time - first) / span)) : 0;
}

/** The sample nearest to a time. */
export function nearest(t: readonly number[], time: number): number {
  let low = 0;
  let high = t.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((t[middle] ?? 0) < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const before = t[low - 1];
  return before !== undefined && time - before < (t[low] ?? time) - time ? low - 1 : low;
}

/** Index ranges without a gap. */
export function stretches(values: readonly (number | null)[]): [number, number][] {
  const result: [number, number][] = [];
  values.forEach((value, k) => {
    const last = result.at(-1);
    if (value === null) {
      return;
    }
    if (last !== undefined && last[1] === k) {
      last[1] = k + 1;
    } else {
      result.push([k, k + 1]);
    }
  });
  return result;
}
