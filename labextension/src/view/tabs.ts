/** A row of tabs and the one pane that is shown. */
import { h, setAttribute, setText, show } from "./dom.ts";
import type { Pane, View } from "./view.ts";

interface Tab {
  id: string;
  button: HTMLButtonElement;
  panel: HTMLElement;
  pane: Pane;
}

let serial = 0;

export class Tabs {
  readonly list: HTMLElement;
  readonly panels = h("div", "panels");
  private readonly tabs: Tab[] = [];
  private readonly prefix = `aml-${++serial}`;
  private chosen: Tab | undefined;

  constructor(private readonly view: View) {
    this.list = h("div", "tabs", { role: "tablist" });
    view.scope.listen<KeyboardEvent>(this.list, "keydown", (event) => this.key(event));
  }

  add(id: string, pane: Pane, first = false): void {
    const name = `${this.prefix}-${id}`;
    const button = h("button", "tab", {
      type: "button",
      role: "tab",
      id: `${name}-tab`,
      "aria-controls": name,
      click: () => this.choose(id),
    });
    const panel = h(
      "section",
      "panel",
      { role: "tabpanel", id: name, "aria-labelledby": `${name}-tab`, hidden: true },
      pane.element,
    );
    this.tabs[first ? "unshift" : "push"]({ id, button, panel, pane });
    this.list[first ? "prepend" : "append"](button);
    this.panels.append(panel);
    setAttribute(button, "aria-selected", false);
    setAttribute(button, "tabindex", -1);
  }

  label(id: string, text: string): void {
    const tab = this.tabs.find((each) => each.id === id);
    if (tab !== undefined) {
      setText(tab.button, text);
      tab.button.dataset["label"] = text; // keeps room for the bold one: choosing moves nothing
    }
  }

  /** Shows a tab that the reader wants. */
  choose(id: string): void {
    this.view.source.ui.tab = id;
    this.showChosen();
  }

  /** Shows the tab that the reader chose last; the first, where there is none. */
  showChosen(): void {
    const id = this.view.source.ui.tab;
    const tab = this.tabs.find((each) => each.id === id) ?? this.tabs[0];
    if (tab === undefined || tab === this.chosen) {
      return;
    }
    this.chosen = tab;
    for (const each of this.tabs) {
      setAttribute(each.button, "aria-selected", each === tab);
      setAttribute(each.button, "tabindex", each === tab ? 0 : -1);
      show(each.panel, each === tab);
    }
    this.reveal(tab.button);
    tab.pane.update();
    tab.pane.shown?.();
  }

  isShown(id: string): boolean {
    return this.chosen?.id === id;
  }

  /** Scrolls the list alone: scrollIntoView would move the notebook too. */
  private reveal({ offsetLeft, offsetWidth }: HTMLElement): void {
    const { list } = this;
    const lowest = offsetLeft - list.offsetLeft + offsetWidth - list.clientWidth;
    list.scrollLeft = Math.max(lowest, Math.min(list.scrollLeft, offsetLeft - list.offsetLeft));
  }

  private key(event: KeyboardEvent): void {
    const at = this.tabs.findIndex((tab) => tab === this.chosen);
    const last = this.tabs.length - 1;
    const moves: Record<string, number> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const to = this.tabs[moves[event.key] ?? -1];
    if (to !== undefined) {
      event.preventDefault();
      this.choose(to.id);
      to.button.focus();
    }
  }
}
