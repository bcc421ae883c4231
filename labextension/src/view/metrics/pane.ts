/** The Metrics tab: cards that draw when they are in sight, a few a frame. */
import { hasEnded, runOf } from "../clock.ts";
import { arrange, button, h, setAttribute, setText, show } from "../dom.ts";
import { emptyState } from "../empty.ts";
import { exactTime } from "../format.ts";
import type { Axis, Metric } from "../source.ts";
import { strings } from "../strings.ts";
import { type Toggle, toggle } from "../toggle.ts";
import type { Pane, View } from "../view.ts";
import { ImageCard, TextCard } from "./artifact.ts";
import type { Card } from "./card.ts";
import { ChartCard } from "./chart.ts";
import { CurvesCard } from "./curves.ts";
import { MatrixCard } from "./matrix.ts";
import { Said } from "./said.ts";
import { TableCard, ValuesCard } from "./table.ts";
import { Shared } from "./zoom.ts";

const BUDGET = 10;
let serial = 0;

export class MetricsPane implements Pane {
  readonly element: HTMLElement;
  private readonly shared: Shared;
  private readonly cards = new Map<string, Card>();
  private readonly byElement = new Map<Element, Card>();
  private readonly inSight = new Set<Card>();
  private readonly waiting = new Set<Card>();
  private readonly values = new ValuesCard();
  private readonly grid = h("div", "grid");
  private readonly bar: HTMLElement;
  private readonly empty = emptyState(strings.metricsCode, (message) => this.view.say(message));
  private readonly reset: HTMLButtonElement;
  private readonly unmark: HTMLButtonElement;
  private readonly said: Said;
  private readonly slider: HTMLInputElement;
  private readonly weight = h("output", "weight");
  private readonly axes: Record<Axis, Toggle>;
  private readonly sync = `aml-${++serial}`;
  private readonly observer: IntersectionObserver;
  private readonly drawSome: () => void;

  constructor(private readonly view: View) {
    this.said = new Said(view);
    this.shared = new Shared(view.source, () => this.sharedChanged(), (time) => this.said.at(time));
    const axis = (name: Axis): Toggle => toggle(strings.axes[name], "", () => this.shared.setAxis(name));
    this.axes = { step: axis("step"), time: axis("time") };
    this.reset = button(strings.resetZoom, "", () => this.shared.setRange(null));
    this.slider = h("input", "slider", { type: "range", min: 0, max: 0.99, step: 0.01, input: () => this.slid() });
    this.slider.value = String(this.shared.smoothing);
    const axes = h("span", "segments", { role: "group", "aria-label": strings.axis });
    axes.append(this.axes.step.element, this.axes.time.element);
    const smoothing = h("label", "smoothing", {}, strings.smoothing, this.slider, this.weight);
    this.unmark = button("", "", () => this.shared.unmark(), strings.unmark);
    this.bar = h("div", "bar", {}, axes, smoothing, h("span", "push"), this.unmark, this.reset);
    this.element = h("div", "metrics", {}, this.bar, this.grid, this.said.element, this.empty.element);
    this.drawSome = view.scope.framed(() => this.draw());
    this.observer = new IntersectionObserver((entries) => this.sighted(entries), { rootMargin: "80px" });
    view.scope.add(() => this.observer.disconnect());
    this.showShared();
  }

  update(): void {
    const metrics = this.view.source.get("metrics") ?? [];
    const placed = metrics.flatMap((metric) => this.place(metric));
    this.values.update(metrics.filter(isSingle));
    const order = ["chart", "values", "tabular", "matrix", "image", "artifact"];
    const rank = (element: HTMLElement): number => order.findIndex((kind) => element.matches(`.aml-${kind}`));
    const elements = [...placed, this.values.element].sort((a, b) => rank(a) - rank(b));
    arrange(this.grid, elements);
    show(this.bar, metrics.some(isChart));
    show(this.said.element, metrics.some(isChart));
    this.showShared();
    show(this.grid, metrics.length > 0);
    this.empty.show(metrics.length > 0 ? "" : this.emptyText());
  }

  private emptyText(): string {
    return hasEnded(runOf(this.view.source)) ? strings.noMetricsEnded : strings.noMetrics;
  }

  private place(metric: Metric): HTMLElement[] {
    if (isSingle(metric)) {
      return [];
    }
    const key = `${kindOf(metric)} ${metric.name}`;
    let card = this.cards.get(key);
    if (card === undefined) {
      card = this.make(metric);
      this.cards.set(key, card);
      this.byElement.set(card.element, card);
      this.observer.observe(card.element);
    }
    card.set(metric);
    this.want(card);
    return [card.element];
  }

  private make(metric: Metric): Card {
    switch (kindOf(metric)) {
      case "chart":
        return new ChartCard(this.view, this.shared, this.sync);
      case "matrix":
        return new MatrixCard();
      case "curves":
        return new CurvesCard(this.view);
      case "table":
        return new TableCard(this.view);
      case "image":
        return new ImageCard(this.view);
      default:
        return new TextCard(this.view);
    }
  }

  private want(card: Card): void {
    this.waiting.add(card);
    this.drawSome();
  }

  private sighted(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const card = this.byElement.get(target);
      if (card !== undefined && isIntersecting) {
        this.inSight.add(card);
      } else if (card !== undefined) {
        this.inSight.delete(card);
      }
    }
    this.drawSome();
  }

  private draw(): void {
    const until = performance.now() + BUDGET;
    for (const card of this.waiting) {
      if (this.inSight.has(card)) {
        this.waiting.delete(card);
        card.draw();
        if (performance.now() > until) {
          this.drawSome();
          return;
        }
      }
    }
  }

  private slid(): void {
    this.shared.setSmoothing(Number(this.slider.value));
  }

  private sharedChanged(): void {
    this.showShared();
    for (const card of this.cards.values()) {
      this.waiting.add(card);
    }
    this.drawSome();
  }

  private showShared(): void {
    const { axis, smoothing, range } = this.shared;
    this.axes.step.set(axis === "step");
    this.axes.time.set(axis === "time");
    const { moment } = this.shared;
    show(this.unmark, moment !== undefined);
    setText(this.unmark, moment === undefined ? "" : `✕ ${exactTime(moment).slice(-8)}`);
    setText(this.weight, smoothing.toFixed(2));
    setAttribute(this.reset, "style", range === null ? "visibility: hidden" : null);
  }
}

/** Which card shows it. */
function kindOf(metric: Metric): string {
  if (isChart(metric)) {
    return "chart";
  }
  if (metric.curves !== undefined) {
    return "curves";
  }
  return metric.matrix !== undefined ? "matrix" : metric.columns !== undefined ? "table" : metric.kind;
}

function isChart(metric: Metric): boolean {
  return metric.series !== undefined && metric.series.y.length > 1;
}

function isSingle(metric: Metric): boolean {
  return (metric.kind === "scalar" || metric.kind === "list") && !isChart(metric);
}
