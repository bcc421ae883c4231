/** Another run is chosen, and what differs from it is a table. */
import { reasonOf } from "../asking.ts";
import { runOf } from "../clock.ts";
import { button, h, setAttribute, setText, show } from "../dom.ts";
import { exactTime } from "../format.ts";
import type { Comparison, RunRow, Status } from "../source.ts";
import { wordOf } from "../states.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";

const TYPING = 200;
let serial = 0;

export class CompareSheet {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly chooser: HTMLElement;
  private readonly result = h("div", "comparison");
  private readonly status = h("p", "quiet", { role: "status" });
  private readonly another: HTMLButtonElement;
  private readonly whole: HTMLButtonElement;
  private other = "";
  private runs: readonly RunRow[] = [];
  private at = 0;
  private asked = 0;
  private timer = 0;

  constructor(private readonly view: View) {
    const id = `aml-runs-${++serial}`;
    this.list = h("ul", "run-list", { role: "listbox", id, "aria-label": strings.otherRuns });
    this.input = h("input", "find run-find", {
      type: "search",
      role: "combobox",
      placeholder: strings.findRun,
      "aria-label": strings.findRun,
      "aria-controls": id,
      "aria-expanded": "true",
      "aria-autocomplete": "list",
      spellcheck: "false",
      input: () => this.typed(),
      keydown: (event: KeyboardEvent) => this.key(event),
    });
    this.another = button(strings.anotherRun, "", () => this.choose());
    this.whole = button(strings.compareInTab, "", () => this.openTab(), strings.compareInTabHint);
    this.chooser = h("div", "chooser", {}, this.input, this.list);
    this.element = h("div", "compare", {}, h("div", "bar", {}, this.status, h("span", "push"), this.whole, this.another));
    this.element.append(this.chooser, this.result);
    view.scope.add(() => clearTimeout(this.timer));
  }

  /** Lets the reader choose the other run. */
  choose(): void {
    this.turn(true);
    this.input.focus();
    void this.find();
  }

  private turn(choosing: boolean): void {
    show(this.chooser, choosing);
    show(this.result, !choosing);
    show(this.another, !choosing);
    show(this.whole, !choosing && this.view.source.compare !== undefined);
  }

  private openTab(): void {
    this.view.source.compare?.([runOf(this.view.source)?.id ?? "", this.other]);
  }

  private typed(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.find(), TYPING);
  }

  private async find(): Promise<void> {
    const ticket = ++this.asked;
    setText(this.status, strings.loading);
    try {
      const { runs } = await this.view.ask("runs", { query: this.input.value });
      if (ticket === this.asked) {
        this.runs = runs;
        setText(this.status, runs.length > 0 ? strings.pickRun : strings.noOtherRun);
        this.list.replaceChildren(...runs.map((run, k) => this.option(run, k)));
        this.move(0);
      }
    } catch (error) {
      setText(this.status, strings.answerFailed(reasonOf(error)));
    }
  }

  private option(run: RunRow, k: number): HTMLElement {
    const parts = [
      h("span", "run-id", {}, run.id),
      h("span", "quiet run-state", {}, wordOf(run.status)),
      h("code", "quiet run-command", {}, run.command),
      h("span", "quiet", {}, exactTime(run.created)),
    ];
    return h("li", "run-row", { role: "option", id: `${this.list.id}-${k}`, click: () => void this.compare(run) }, ...parts);
  }

  private move(to: number): void {
    const options = [...this.list.children] as HTMLElement[];
    this.at = Math.max(0, Math.min(to, options.length - 1));
    options.forEach((option, k) => setAttribute(option, "aria-selected", k === this.at));
    const option = options[this.at];
    setAttribute(this.input, "aria-activedescendant", option?.id ?? null);
    if (option !== undefined) {
      const { list } = this;
      const top = option.offsetTop - list.offsetTop;
      list.scrollTop = Math.max(top + option.offsetHeight - list.clientHeight, Math.min(list.scrollTop, top));
    }
  }

  private key(event: KeyboardEvent): void {
    const run = this.runs[this.at];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.move(this.at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && run !== undefined) {
      event.preventDefault();
      void this.compare(run);
    }
  }

  private async compare(run: RunRow): Promise<void> {
    const ticket = ++this.asked;
    setText(this.status, strings.loading);
    this.result.replaceChildren();
    this.other = run.id;
    this.turn(false);
    this.another.focus();
    try {
      const found = await this.view.ask("compare", { run: run.id });
      if (ticket === this.asked) {
        setText(this.status, strings.differ(found.different.length, found.same));
        this.result.replaceChildren(table(found, runOf(this.view.source)?.id));
      }
    } catch (error) {
      setText(this.status, strings.answerFailed(reasonOf(error)));
    }
  }
}

/** The server calls it `metric loss`, or `base image`. */
function factName(name: string): string {
  const [, kind = "", rest = ""] = /^(\w+) (.+)$/.exec(name) ?? [];
  return strings.factOf[kind]?.(rest) ?? strings.told(name);
}

/** As the reader's language has it, where it is a word of ours. */
export function factValue(name: string, value: string | null): string | null {
  if (value === null) {
    return null;
  }
  return name === "status" ? wordOf(value as Status) : name === "runs in" ? strings.told(value) : value;
}

function table({ runs, different }: Comparison, own: string | undefined): HTMLElement {
  const heading = (id: string): HTMLElement => h("th", "", { scope: "col" }, id, id === own ? ` (${strings.thisRun})` : "");
  const head = h("tr", "", {}, h("th", "", { scope: "col" }, strings.fact), ...runs.map(heading));
  const rows = different.map(([name, ...values]) =>
    h("tr", "", {}, h("th", "", { scope: "row" }, factName(name)), ...values.map((value) => h("td", "", {}, factValue(name, value) ?? strings.unknown))),
  );
  return different.length === 0 ? h("p", "empty", {}, strings.nothingDiffers) : h("table", "table different", {}, h("thead", "", {}, head), h("tbody", "", {}, ...rows));
}
