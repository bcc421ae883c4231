/** One measured thing: its name, its value now or under the pointer, a bar, and its history. */
import { h, setAttribute, setText, show } from "../dom.ts";
import { toNumber } from "../format.ts";
import { strings } from "../strings.ts";
import type { Theme } from "../theme.ts";
import { type History, nearest, Spark } from "./spark.ts";

export interface Reading {
  history: History;
  now: number | null;
  /** The whole of what the bar shows; null: no bar. */
  whole: number | null;
  text(value: number): string;
}

/** A point in time that all meters show together. */
export interface Pointer {
  time: number | null;
  move(time: number | null): void;
}

export class Meter {
  readonly element: HTMLElement;
  private readonly value = h("span", "meter-value");
  private readonly fill = h("div", "fill");
  private readonly bar = h("div", "track", { role: "meter", "aria-valuemin": 0 }, this.fill);
  private readonly spark = new Spark();
  private reading: Reading | undefined;

  constructor(
    private readonly label: string,
    private readonly color: string,
    private readonly pointer: Pointer,
  ) {
    const head = h("div", "meter-head", {}, h("span", "quiet", {}, label), this.value);
    this.element = h("div", "meter", {}, head, this.bar, this.spark.element);
    this.spark.element.addEventListener("pointermove", (event) => this.pointed(event));
    this.spark.element.addEventListener("pointerleave", () => pointer.move(null));
  }

  update(reading: Reading, of: string): void {
    this.reading = reading;
    const { now, whole, text } = reading;
    show(this.bar, whole !== null);
    if (whole !== null) {
      this.fill.style.width = `${now === null ? 0 : Math.min(100, (now / whole) * 100)}%`;
      setAttribute(this.bar, "aria-label", `${this.label}, ${of}`);
      setAttribute(this.bar, "aria-valuemax", whole);
      setAttribute(this.bar, "aria-valuenow", now ?? 0);
      setAttribute(this.bar, "aria-valuetext", now === null ? strings.unknown : text(now));
    }
  }

  draw(theme: Theme): void {
    const { reading, pointer } = this;
    if (reading === undefined) {
      return;
    }
    const { history, now, text } = reading;
    const then = pointer.time === null ? now : toNumber(history.values[nearest(history.t, pointer.time)]);
    setText(this.value, then === null ? strings.unknown : text(then));
    this.spark.draw(history, theme, this.color, pointer.time);
  }

  private pointed(event: PointerEvent): void {
    const t = this.reading?.history.t ?? [];
    const first = t[0];
    if (first !== undefined) {
      const ratio = event.offsetX / Math.max(1, this.spark.element.clientWidth);
      this.pointer.move(first + ratio * ((t.at(-1) ?? first) - first));
    }
  }
}
