/** The charts of a comparison: one for each metric, drawn when it is in sight. */
import { arrange, button, h, setText, show } from "../view/dom.ts";
import type { Scope } from "../view/scope.ts";
import type { Axis, Metric } from "../view/source.ts";
import type { Theme } from "../view/theme.ts";
import { type Toggle, toggle } from "../view/toggle.ts";
import { OverlayCard } from "./chart.ts";
import type { Legend } from "./legend.ts";
import { Looks } from "./looks.ts";
import type { Host } from "./model.ts";
import { sharedNames } from "./overlay.ts";

let serial = 0;

export class Charts {
  readonly element: HTMLElement;
  private readonly looks: Looks;
  private readonly cards = new Map<string, OverlayCard>();
  private readonly inSight = new Set<Element>();
  private readonly grid = h("div", "grid");
  private readonly empty: HTMLElement;
  private readonly reset: HTMLButtonElement;
  private readonly weight = h("output", "weight", {}, "0");
  private readonly axes: Record<Axis, Toggle>;
  private readonly observer: IntersectionObserver;
  private readonly sync = `aml-compare-${++serial}`;
  private readonly drawSoon: () => void;

  constructor(
    private readonly host: Host,
    private readonly scope: Scope,
    private readonly theme: Theme,
    private readonly legend: Legend,
  ) {
    const { trans } = host;
    this.looks = new Looks(trans, () => this.update());
    const axis = (name: Axis, label: string): Toggle => toggle(label, "", () => this.looks.setAxis(name));
    this.axes = { step: axis("step", trans.__("Step")), time: axis("time", trans.__("Time since the start")) };
    this.reset = button(trans.__("Reset zoom"), "", () => this.looks.setRange(null));
    const label = trans.__("Horizontal axis");
    const axes = h("span", "segments", { role: "group", "aria-label": label }, this.axes.step.element, this.axes.time.element);
    const bar = h("div", "bar", {}, axes, this.slider(), h("span", "push"), this.reset);
    this.empty = h("p", "empty", {}, trans.__("None of these runs has logged a metric more than once."));
    this.element = h("div", "metrics", {}, bar, this.grid, this.empty);
    this.drawSoon = scope.framed(() => this.draw());
    this.observer = new IntersectionObserver((entries) => this.sighted(entries), { rootMargin: "80px" });
    scope.add(() => this.observer.disconnect());
    for (const { source } of host.runs) {
      scope.add(source.on("metrics", () => this.update()));
      scope.add(source.on("run", this.drawSoon)); // it tells when the script began
    }
    this.update();
  }

  /** undefined until all runs have told what they logged. */
  get isEmpty(): boolean | undefined {
    return this.host.runs.some(({ source }) => source.get("metrics") === undefined) ? undefined : this.cards.size === 0;
  }

  /** Takes what is new; cheap, for drawing waits until a chart is in sight. */
  update(): void {
    const names = sharedNames(this.host.runs.map(({ source }) => (source.get("metrics") ?? []).filter(isChart).map(({ name }) => name)));
    arrange(this.grid, names.map((name) => this.card(name).element));
    show(this.empty, names.length === 0);
    show(this.reset, this.looks.range !== null);
    this.axes.step.set(this.looks.axis === "step");
    this.axes.time.set(this.looks.axis === "time");
    this.drawSoon();
  }

  private slider(): HTMLElement {
    const slid = (): void => {
      setText(this.weight, slider.value);
      this.looks.setSmoothing(Number(slider.value));
    };
    const slider = h("input", "slider", { type: "range", min: 0, max: 0.99, step: 0.01, value: 0, input: slid });
    return h("label", "smoothing", {}, this.host.trans.__("Smoothing"), slider, this.weight);
  }

  private card(name: string): OverlayCard {
    let card = this.cards.get(name);
    if (card === undefined) {
      const { scope, theme, sync } = this;
      card = new OverlayCard(this.host, name, this.looks, this.legend, { scope, theme, sync });
      this.cards.set(name, card);
      this.observer.observe(card.element);
    }
    return card;
  }

  private sighted(entries: readonly IntersectionObserverEntry[]): void {
    entries.forEach(({ target, isIntersecting }) => this.inSight[isIntersecting ? "add" : "delete"](target));
    this.drawSoon();
  }

  private draw(): void {
    [...this.cards.values()].filter(({ element }) => this.inSight.has(element)).forEach((card) => card.draw());
  }
}

function isChart({ kind, series, count }: Metric): boolean {
  return series !== undefined && (count > 1 || kind === "list");
}
