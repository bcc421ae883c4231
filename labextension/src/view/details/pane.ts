/** The Details tab: tables of facts, each value to be copied; what is as in the last run can be folded. */
import { reasonOf } from "../asking.ts";
import { h, setText, show } from "../dom.ts";
import { emptyState } from "../empty.ts";
import type { DetailTable, Requests } from "../source.ts";
import { strings } from "../strings.ts";
import { toggle } from "../toggle.ts";
import type { Pane, View } from "../view.ts";
import { factRow } from "./fact.ts";
import { type Fact, splitTable } from "./same.ts";
import { Tags } from "./tags.ts";

type Previous = Requests["previous"]["result"];

export class DetailsPane implements Pane {
  readonly element: HTMLElement;
  private readonly tables = h("div", "detail-tables");
  private readonly tags: Tags;
  private readonly empty = emptyState("", () => undefined);
  private readonly bar: HTMLElement;
  private readonly status = h("span", "quiet", { role: "status" });
  private readonly same = toggle(strings.same, strings.sameHint, (on) => this.fold(on));
  private previous: Previous | undefined;
  private drawn = "";

  constructor(private readonly view: View) {
    this.tags = new Tags(view);
    this.bar = h("div", "bar", {}, this.same.element, this.status);
    this.element = h("div", "details", {}, this.bar, this.tables, this.empty.element);
    if (view.source.ui.same === true) {
      this.fold(true);
    }
  }

  update(): void {
    const tables = this.view.source.get("details") ?? [];
    this.empty.show(tables.length > 0 ? "" : strings.noDetails);
    show(this.bar, tables.length > 0);
    const before = this.view.source.ui.same === true ? this.previous?.details : undefined;
    const text = JSON.stringify([tables.filter((table) => !table.tags), before !== undefined]);
    this.tags.update(tables.find((table) => table.tags)?.rows ?? []);
    if (text !== this.drawn) {
      this.drawn = text;
      this.tables.replaceChildren(...tables.map((table) => this.section(table, before)));
    }
  }

  /** What changed against the run before is only asked for when somebody wants to see it. */
  private fold(on: boolean): void {
    this.view.source.ui.same = on;
    this.same.set(on);
    setText(this.status, "");
    if (on) {
      void this.ask();
    }
    this.update();
  }

  private async ask(): Promise<void> {
    try {
      this.previous ??= await this.view.ask("previous", {});
      const { id } = this.previous;
      setText(this.status, id === null ? strings.firstRun : strings.comparedWith(id));
    } catch (error) {
      setText(this.status, strings.answerFailed(reasonOf(error)));
    }
    this.update();
  }

  private section(table: DetailTable, before: readonly DetailTable[] | undefined): HTMLElement {
    if (table.tags) {
      return this.tags.element;
    }
    const own = ownWords(table);
    const content = before === undefined || before.length === 0 ? [this.list(own.rows)] : this.folded(own, before.map(ownWords));
    return h("section", "detail", { "aria-label": own.title }, h("h3", "title", {}, own.title), ...content);
  }

  private folded(table: DetailTable, before: readonly DetailTable[]): HTMLElement[] {
    const { changed, same, gone } = splitTable(table, before);
    const rows = changed.map(({ name, value, was }) => this.row(name, value, was ?? strings.nothing));
    rows.push(...gone.map(([name, was]) => this.row(name, strings.unknown, was)));
    const parts: HTMLElement[] = rows.length > 0 ? [h("dl", "facts-list", {}, ...rows)] : [];
    if (same.length > 0) {
      const list = this.list(same);
      const summary = h("summary", "quiet", {}, strings.asBefore(same.length));
      parts.push(h("details", "same", {}, summary, list));
    }
    return parts;
  }

  private list(rows: readonly Fact[]): HTMLElement {
    return h("dl", "facts-list", {}, ...rows.map(([name, value]) => this.row(name, value)));
  }

  private row(name: string, value: string, was?: string): HTMLElement {
    const row = factRow(name, value, (message) => this.view.say(message));
    if (was !== undefined) {
      row.append(h("dd", "was", {}, strings.was(was)));
    }
    return row;
  }
}

/** Tables whose facts have names of the server's; those of the others are the user's. */
const NAMED = ["Run", "Environment", "Snapshot"];
const SAID = ["Runs in", "Retries"];

function ownWords({ title, rows, ...more }: DetailTable): DetailTable {
  const row = ([name, value]: Fact): [string, string] => [strings.told(name), SAID.includes(name) ? strings.told(value) : value];
  return { ...more, title: strings.told(title), rows: NAMED.includes(title) ? rows.map(row) : rows };
}
