/** A row for each trial of a sweep; a column's head orders them, a row opens the trial's monitor. */
import { arrange, button, h, icon, setAttribute, setText } from "../dom.ts";
import { anyValue, ticking } from "../format.ts";
import { Note } from "../note.ts";
import { runOf } from "../clock.ts";
import type { Trial, TrialsTopic } from "../source.ts";
import { GLYPHS, toneOf, wordOf } from "../states.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";
import { keyOf, ordered } from "./order.ts";

interface Row {
  element: HTMLTableRowElement;
  cells: Map<string, HTMLElement>;
  status: string;
}

export class TrialTable {
  readonly element: HTMLElement;
  private readonly note: Note;
  private readonly head = h("tr");
  private readonly body = h("tbody");
  private readonly rows = new Map<string, Row>();
  private columns: [id: string, label: string][] = [];
  private heads: HTMLElement[] = [];
  private topic: TrialsTopic | undefined;

  constructor(private readonly view: View) {
    this.note = new Note((message) => view.say(message));
    const table = h("table", "table trial-table", {}, h("thead", "", {}, this.head), this.body);
    this.element = h("div", "trial-list", {}, this.note.element, table);
  }

  update(topic: TrialsTopic): void {
    this.topic = topic;
    this.setColumns(topic);
    const order = this.view.source.ui.trialOrder;
    this.heads.forEach((head, k) => {
      const chosen = this.columns[k]?.[0] === order?.column;
      setAttribute(head, "aria-sort", chosen ? (order?.down === true ? "descending" : "ascending") : "none");
    });
    const trials = ordered(topic.trials, order, this.view.clock.now());
    const best = topic.trials[0];
    const elements = trials.map((trial) => this.row(trial, trial === best && trial.best !== null));
    arrange(this.body, elements);
  }

  /** Those that live grow older. */
  tick(): void {
    for (const trial of this.topic?.trials ?? []) {
      this.showTime(trial);
    }
  }

  private setColumns({ metric, parameters }: TrialsTopic): void {
    const columns: [string, string][] = [
      ["number", strings.trial],
      ["status", strings.trialState],
      ...parameters.map((name): [string, string] => [`=${name}`, name]),
      ["best", strings.trialBest(metric)],
      ["last", strings.trialLast],
      ["time", strings.trialTime],
    ];
    if (columns.join() !== this.columns.join()) {
      this.columns = columns;
      this.heads = columns.map(([id, label]) =>
        h("th", `trial-${id.startsWith("=") ? "parameter" : id}`, { scope: "col" }, button(label, "flat sort", () => this.order(id))),
      );
      this.head.replaceChildren(...this.heads);
      this.rows.clear();
    }
  }

  /** Once more turns it round, and a third time brings back the best first. */
  private order(column: string): void {
    const { ui } = this.view.source;
    const first = column === "best" && this.topic?.goal === "MAXIMIZE";
    if (ui.trialOrder?.column !== column) {
      ui.trialOrder = { column, down: first };
    } else if (ui.trialOrder.down === first) {
      ui.trialOrder = { column, down: !first };
    } else {
      delete ui.trialOrder;
    }
    if (this.topic !== undefined) {
      this.update(this.topic);
    }
  }

  private row(trial: Trial, isBest: boolean): HTMLElement {
    const row = this.rows.get(trial.id) ?? this.make(trial);
    const cell = (column: string): HTMLElement => row.cells.get(column) ?? row.element;
    if (row.status !== trial.status) {
      row.status = trial.status;
      const tone = toneOf(trial.status);
      setAttribute(cell("status"), "data-tone", tone);
      cell("status").replaceChildren(icon(GLYPHS[tone]), wordOf(trial.status));
    }
    setAttribute(cell("status"), "title", trial.reason);
    setText(cell("best"), trial.best === null ? strings.unknown : anyValue(trial.best));
    setText(cell("last"), trial.last === null ? strings.unknown : anyValue(trial.last));
    this.showTime(trial);
    setAttribute(row.element, "data-best", isBest || null);
    setAttribute(cell("best"), "title", isBest ? strings.bestTrial : null);
    return row.element;
  }

  private showTime(trial: Trial): void {
    const cell = this.rows.get(trial.id)?.cells.get("time");
    const time = keyOf(trial, "time", this.view.clock.now());
    if (cell !== undefined) {
      setText(cell, typeof time === "number" ? ticking(time) : strings.unknown);
    }
  }

  private make(trial: Trial): Row {
    const cells = new Map<string, HTMLElement>();
    for (const [id] of this.columns) {
      cells.set(id, h("td", id === "status" ? "trial-status" : ""));
    }
    const open = button(String(trial.number), "link", () => undefined, strings.openTrial(trial.id));
    setAttribute(open, "aria-label", strings.openTrial(trial.id));
    cells.get("number")?.append(open);
    for (const [name, value] of Object.entries(trial.parameters)) {
      const cell = cells.get(`=${name}`);
      if (cell !== undefined) {
        setText(cell, anyValue(value));
      }
    }
    const element = h("tr", "trial", { click: () => this.open(trial.id) }, ...cells.values());
    const row = { element, cells, status: "" };
    this.rows.set(trial.id, row);
    return row;
  }

  /** A click that ends a selection of text opens nothing. */
  private open(id: string): void {
    if (getSelection()?.isCollapsed === false) {
      return;
    }
    const { open } = this.view.source;
    if (open !== undefined) {
      open(id);
    } else {
      this.note.show(strings.openTrial(id), this.note.code(strings.showCommand(id, runOf(this.view.source)?.workspace ?? "default")));
    }
  }
}
