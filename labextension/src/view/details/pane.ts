/** The Details tab: tables of facts, each value to be copied. */
import { copyFrom } from "../copy.ts";
import { button, h, setAttribute } from "../dom.ts";
import { emptyState } from "../empty.ts";
import type { DetailTable } from "../source.ts";
import * as strings from "../strings.ts";
import type { Pane, View } from "../view.ts";

export class DetailsPane implements Pane {
  readonly element: HTMLElement;
  private readonly tables = h("div", "detail-tables");
  private readonly empty = emptyState("", () => undefined);
  private drawn = "";

  constructor(private readonly view: View) {
    this.element = h("div", "details", {}, this.tables, this.empty.element);
  }

  update(): void {
    const tables = this.view.source.get("details") ?? [];
    this.empty.show(tables.length > 0 ? "" : strings.noDetails);
    const text = JSON.stringify(tables);
    if (text !== this.drawn) {
      this.drawn = text;
      this.tables.replaceChildren(...tables.map((table) => this.table(table)));
    }
  }

  private table({ title, rows }: DetailTable): HTMLElement {
    const list = h("dl", "facts-list", {}, ...rows.map(([name, value]) => this.row(name, value)));
    return h("section", "detail", { "aria-label": title }, h("h3", "title", {}, title), list);
  }

  private row(name: string, value: string): HTMLElement {
    const copy = button(strings.copy, "flat copy", () => copyFrom(copy, value, (message) => this.view.say(message)));
    setAttribute(copy, "aria-label", strings.copyValue(name));
    return h("div", "fact", {}, h("dt", "", {}, name), h("dd", "", {}, h("span", "fact-value", {}, value), copy));
  }
}
