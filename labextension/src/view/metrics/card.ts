/** A metric's own place in the pane. */
import { h, setAttribute, setText } from "../dom.ts";
import type { Metric } from "../source.ts";

export interface Card {
  readonly element: HTMLElement;
  /** Takes a new value; cheap, for the drawing waits until the card is in sight. */
  set(metric: Metric): void;
  /** Draws what was set. Called only while in sight. */
  draw(): void;
}

export class Frame {
  readonly element: HTMLElement;
  readonly facts = h("div", "facts");
  readonly readout = h("span", "readout");
  readonly body = h("div", "card-body");
  private readonly title = h("h3", "title");

  constructor(kind: string) {
    const head = h("div", "card-head", {}, this.title, this.readout);
    this.element = h("article", `card ${kind}`, {}, head, this.facts, this.body);
  }

  name(metric: Metric): void {
    setText(this.title, metric.name);
    setAttribute(this.title, "title", metric.description ?? metric.name);
    setAttribute(this.element, "aria-label", metric.name);
  }
}
