/** Finds in the whole file, wherever the list stands. */
import { reasonOf } from "../asking.ts";
import { button, h, setAttribute, setText } from "../dom.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";
import type { LineList } from "./list.ts";
import type { LineStore } from "./store.ts";

const TYPING = 200;
const AGAIN = 3000;

export class Find {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly count = h("span", "count", { "aria-live": "polite" });
  private readonly caseButton: HTMLButtonElement;
  private found: number[] = [];
  private all = 0;
  private at = -1;
  private searchedTotal = 0;
  private searchedAt = 0;
  private asked = 0;
  private timer = 0;

  constructor(
    private readonly view: View,
    private readonly list: LineList,
    private readonly store: () => LineStore | undefined,
    private readonly redraw: () => void,
  ) {
    this.input = h("input", "find", {
      type: "search",
      placeholder: strings.findShort,
      "aria-label": strings.find,
      spellcheck: "false",
      input: () => this.typed(),
      keydown: (event: KeyboardEvent) => this.key(event),
    });
    this.input.value = view.source.ui.query ?? "";
    this.caseButton = button("Aa", "flat", () => this.toggleCase(), strings.matchCase);
    setAttribute(this.caseButton, "aria-label", strings.matchCase);
    const previous = button("↑", "flat", () => this.step(-1), strings.previous);
    const next = button("↓", "flat", () => this.step(1), strings.next);
    setAttribute(previous, "aria-label", strings.previous);
    setAttribute(next, "aria-label", strings.next);
    this.element = h("span", "finder", { role: "search" }, this.input, this.caseButton, this.count, previous, next);
    view.scope.add(() => clearTimeout(this.timer));
    this.apply();
  }

  focus(): void {
    this.input.focus();
    this.input.select();
  }

  /** Another file, or more lines in this one: search anew, without moving the list. */
  refresh(newFile: boolean): void {
    const total = this.store()?.total ?? 0;
    const due = total !== this.searchedTotal && Date.now() - this.searchedAt > AGAIN;
    if (this.query !== "" && (newFile || due)) {
      void this.search(false);
    }
  }

  private get query(): string {
    return this.input.value;
  }

  private get matchCase(): boolean {
    return this.view.source.ui.matchCase ?? false;
  }

  private typed(): void {
    clearTimeout(this.timer);
    this.view.source.ui.query = this.query;
    this.apply();
    this.timer = window.setTimeout(() => void this.search(true), TYPING);
  }

  private toggleCase(): void {
    this.view.source.ui.matchCase = !this.matchCase;
    this.apply();
    void this.search(true);
  }

  private apply(): void {
    setAttribute(this.caseButton, "aria-pressed", this.matchCase);
    this.list.highlight = { query: this.query, matchCase: this.matchCase };
    if (this.query === "") {
      this.found = [];
      this.all = 0;
      this.at = -1;
      this.list.current = -1;
    }
    this.showCount();
    this.redraw();
  }

  private async search(jump: boolean): Promise<void> {
    const store = this.store();
    if (store === undefined || this.query === "") {
      return;
    }
    const ticket = ++this.asked;
    this.searchedTotal = store.total;
    this.searchedAt = Date.now();
    if (jump) {
      setText(this.count, strings.searching);
    }
    try {
      const params = { file: store.file, query: this.query, case: this.matchCase };
      const answer = await this.view.ask("search", params);
      if (ticket === this.asked) {
        this.accept(answer.total, answer.lines, jump);
      }
    } catch (error) {
      this.accept(0, [], false);
      setText(this.count, strings.searchFailed);
      setAttribute(this.count, "title", reasonOf(error));
    }
  }

  private accept(total: number, lines: number[], jump: boolean): void {
    const line = this.found[this.at] ?? -1;
    this.all = total;
    this.found = lines;
    if (jump) {
      const below = lines.findIndex((each) => each >= Math.floor(this.list.top));
      this.at = Math.max(0, below);
      this.reveal();
    } else {
      this.at = lines.indexOf(line);
    }
    this.showCount();
  }

  private step(by: number): void {
    const n = this.found.length;
    if (n > 0) {
      this.at = this.at < 0 ? (by > 0 ? 0 : n - 1) : (this.at + by + n) % n;
      this.reveal();
      this.showCount();
    }
  }

  private reveal(): void {
    const line = this.found[this.at];
    if (line === undefined) {
      return;
    }
    if (!this.list.wrap && this.list.isVisible(line)) {
      this.list.current = line;
      this.list.following = false;
      this.redraw();
    } else {
      this.list.goTo(line);
    }
  }

  private showCount(): void {
    setAttribute(this.count, "title", null);
    const n = this.all.toLocaleString("en-US");
    const text = this.all === 0 ? strings.noMatch : strings.position(this.at < 0 ? "–" : String(this.at + 1), n);
    setText(this.count, this.query === "" ? "" : text);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Enter") {
      event.preventDefault();
      this.step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      this.input.value = "";
      this.typed();
      this.list.element.focus();
    }
  }
}
