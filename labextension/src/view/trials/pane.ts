/** The Trials tab of a sweep: what each has reached as a chart, and a row for each that opens its monitor. */
import { hasEnded, runOf } from "../clock.ts";
import { h, setAttribute, setText, show } from "../dom.ts";
import { emptyState } from "../empty.ts";
import { finite, number } from "../format.ts";
import { Plot } from "../metrics/plot.ts";
import type { Trial, TrialsTopic } from "../source.ts";
import { strings } from "../strings.ts";
import type { Pane, View } from "../view.ts";
import { bestSoFar } from "./order.ts";
import { TrialTable } from "./table.ts";

export class TrialsPane implements Pane {
  readonly element: HTMLElement;
  private readonly table: TrialTable;
  private readonly plot: Plot;
  private readonly title = h("h3", "title");
  private readonly readout = h("span", "readout");
  private readonly chart: HTMLElement;
  private readonly empty = emptyState("", () => undefined);
  private drawn: Trial[] = [];
  private topic: TrialsTopic | undefined;

  constructor(private readonly view: View) {
    this.table = new TrialTable(view);
    this.plot = new Plot({
      lines: [{ color: "third" }, { color: "accent", dots: true }],
      theme: view.theme,
      scope: view.scope,
      whole: () => true,
      isTime: () => false,
      pointed: (index) => this.point(index),
    });
    setAttribute(this.plot.element, "role", "img");
    this.chart = h("div", "trial-chart", {}, h("div", "card-head", {}, this.title, this.readout), this.plot.element);
    this.element = h("div", "trials", {}, this.chart, this.table.element, this.empty.element);
    view.clock.onTick(() => this.table.tick());
  }

  update(): void {
    const topic = this.view.source.get("trials") ?? undefined;
    const trials = topic?.trials ?? [];
    this.topic = topic;
    this.empty.show(trials.length > 0 ? "" : hasEnded(runOf(this.view.source)) ? strings.noTrialsEnded : strings.noTrials);
    show(this.table.element, trials.length > 0);
    show(this.chart, trials.some(({ best }) => finite(best) !== null));
    if (topic !== undefined && trials.length > 0) {
      this.table.update(topic);
      this.draw(topic);
    }
  }

  private draw({ metric, goal, trials }: TrialsTopic): void {
    this.drawn = [...trials].sort((a, b) => a.number - b.number);
    const values = this.drawn.map(({ best }) => finite(best));
    if (values.some((value) => value !== null)) {
      const best = bestSoFar(values, goal === "MAXIMIZE");
      this.plot.set([this.drawn.map((trial) => trial.number), best, values], null);
      setText(this.title, metric);
      setAttribute(this.plot.element, "aria-label", strings.trialsOf(metric));
      this.point(null);
    }
  }

  private point(index: number | null): void {
    const trial = index === null ? this.topic?.trials[0] : this.drawn[index];
    if (trial === undefined) {
      return;
    }
    const parameters = Object.entries(trial.parameters).map(([name, value]) => `${name} ${String(value)}`);
    const value = finite(trial.best);
    setText(this.readout, [strings.trialNumber(trial.number), value === null ? strings.unknown : number(value), ...parameters].join("  ·  "));
  }
}
