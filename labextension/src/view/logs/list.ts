/** The virtual list: only the rows in sight exist, and a row stays the same element as long as it is in sight. */
import { arrange, h, setAttribute } from "../dom.ts";
import type { View } from "../view.ts";
import { type Highlight, row, type Stamp } from "./row.ts";
import { ROW, Scale } from "./scale.ts";
import type { LineStore } from "./store.ts";

interface Row {
  element: HTMLElement;
  text: string | undefined;
  look: string;
}

export class LineList {
  readonly element: HTMLElement;
  /** At the end, and staying there. */
  following = true;
  wrap = false;
  /** What stands before each line; nothing where it is undefined. */
  stamp: ((store: LineStore, line: number) => Stamp) | undefined;
  highlight: Highlight = { query: "", matchCase: false };
  current = -1;
  /** First visible line; its fraction is how much of it has left at the top. */
  top = 0;
  private readonly layer = h("div", "layer");
  private readonly stage: HTMLElement;
  private readonly spacer: HTMLElement;
  private rows = new Map<number, Row>();
  private scale = new Scale(0, 0);
  private first = 0;
  private expected = 0;
  private wrappedEnd: number | undefined;

  constructor(
    view: View,
    private store: LineStore | undefined,
    private readonly moved: () => void,
  ) {
    this.stage = h("div", "stage", {}, this.layer);
    this.spacer = h("div", "spacer", {}, this.stage);
    this.element = h("div", "lines", { tabindex: 0, role: "region" }, this.spacer);
    view.scope.listen(this.element, "scroll", () => this.scrolled());
    view.scope.listen<WheelEvent>(this.element, "wheel", (event) => this.wheel(event), { passive: false });
    view.scope.listen<KeyboardEvent>(this.element, "keydown", (event) => this.key(event));
    view.scope.listen(document, "selectionchange", () => this.selected());
  }

  show(store: LineStore): void {
    this.store = store;
    this.rows.clear();
    this.wrappedEnd = undefined;
    this.spacer.style.minWidth = "";
  }

  /** Brings a line to the middle and marks it. */
  goTo(line: number): void {
    this.current = line;
    this.following = false;
    this.top = Math.max(0, line - Math.floor(this.scale.fits / 2));
    this.moved();
  }

  isVisible(line: number): boolean {
    return line >= this.top && line + 1 <= this.top + this.scale.fits;
  }

  render(): void {
    const store = this.store;
    const height = this.element.clientHeight;
    if (store === undefined || height === 0) {
      return;
    }
    this.scale = new Scale(store.total, height);
    this.spacer.style.height = `${this.scale.height}px`;
    this.stage.style.height = `${Math.min(height, this.scale.height)}px`;
    this.element.style.setProperty("--aml-digits", String(Math.max(3, String(store.total).length)));
    if (this.wrap) {
      this.renderWrapped(store);
    } else {
      this.renderPlain(store);
    }
    this.syncScroll();
  }

  private renderPlain(store: LineStore): void {
    const { lastTop, fits } = this.scale;
    this.top = this.following ? lastTop : Math.min(this.top, lastTop);
    const first = Math.floor(this.top);
    this.fill(store, first, Math.min(store.total, first + Math.ceil(fits) + 1));
    this.place((first - this.top) * ROW);
    this.spacer.style.minWidth = `${Math.max(this.layer.scrollWidth, this.spacer.clientWidth)}px`;
  }

  /** Heights are only known once drawn, so a page more is drawn above: moving up then stays exact. */
  private renderWrapped(store: LineStore): void {
    const page = Math.ceil(this.scale.fits) + 1;
    const anchor = this.following ? store.total : Math.min(Math.floor(this.top), store.total);
    this.fill(store, Math.max(0, anchor - page), Math.min(store.total, anchor + page));
    const height = this.layer.offsetHeight;
    const lowest = Math.min(0, this.scale.viewHeight - height);
    const offset = this.following ? lowest : -this.heightAbove(this.top);
    const reachesEnd = anchor + page >= store.total;
    this.place(reachesEnd ? Math.max(offset, lowest) : offset);
    if (reachesEnd && offset <= lowest) {
      this.top = this.topAt(-lowest);
      this.wrappedEnd = this.top;
    }
  }

  private fill(store: LineStore, first: number, end: number): void {
    store.want(first, end);
    const rows = new Map<number, Row>();
    for (let line = first; line < end; line += 1) {
      rows.set(line, this.rowFor(line, store.get(line), this.stamp?.(store, line)));
    }
    this.rows = rows;
    this.first = first;
    arrange(
      this.layer,
      [...rows.values()].map(({ element }) => element),
    );
  }

  private rowFor(line: number, text: string | undefined, stamp: Stamp | undefined): Row {
    const { query, matchCase } = this.highlight;
    const isCurrent = line === this.current;
    const look = `${query}\n${matchCase}${isCurrent}${stamp?.exact}`;
    const old = this.rows.get(line);
    if (old !== undefined && old.text === text && old.look === look) {
      return old;
    }
    return { element: row(line, text, this.highlight, isCurrent, stamp), text, look };
  }

  private place(offset: number): void {
    this.layer.style.transform = `translateY(${offset}px)`;
  }

  private syncScroll(): void {
    const scroll = this.scale.toScroll(this.top, this.lastTop());
    if (Math.abs(this.element.scrollTop - scroll) > 1) {
      this.element.scrollTop = scroll;
    }
    this.expected = this.element.scrollTop;
  }

  private lastTop(): number {
    return this.wrap ? (this.wrappedEnd ?? this.scale.lastTop) : this.scale.lastTop;
  }

  /** Only a scroll that is not our own says where the reader wants to be. */
  private scrolled(): void {
    const { scrollTop } = this.element;
    if (Math.abs(scrollTop - this.expected) <= 1) {
      return;
    }
    const up = scrollTop < this.expected;
    this.expected = scrollTop;
    this.settle(this.scale.toTop(scrollTop, this.lastTop()), up);
  }

  private settle(top: number, up: boolean): void {
    const last = this.lastTop();
    const slack = this.scale.exact ? 0.1 : 0.5;
    this.top = Math.max(0, Math.min(top, this.wrap ? this.scale.total : last));
    this.following = !up && this.top >= last - slack;
    this.moved();
  }

  private moveBy(pixels: number): void {
    const top = this.wrap ? this.topAt(this.heightAbove(this.top) + pixels) : this.top + pixels / ROW;
    this.settle(top, pixels < 0);
  }

  /** Height of the drawn rows above a place. */
  private heightAbove(top: number): number {
    const line = Math.floor(top);
    const element = this.rows.get(line)?.element;
    return element === undefined
      ? (top - this.first) * ROW
      : element.offsetTop + (top - line) * element.offsetHeight;
  }

  /** The place that stands so many pixels below the first drawn row. */
  private topAt(pixels: number): number {
    let bottom = 0;
    for (const [line, { element }] of this.rows) {
      const { offsetTop, offsetHeight } = element;
      if (pixels < offsetTop + offsetHeight) {
        return line + (pixels - offsetTop) / offsetHeight;
      }
      bottom = offsetTop + offsetHeight;
    }
    return this.first + this.rows.size + (pixels - bottom) / ROW;
  }

  private wheel(event: WheelEvent): void {
    if (event.ctrlKey || event.deltaY === 0 || (this.scale.exact && !this.wrap)) {
      return;
    }
    const unit = event.deltaMode === 0 ? 1 : event.deltaMode === 1 ? ROW : this.scale.viewHeight;
    const before = this.top;
    const atEnd = this.following && event.deltaY > 0;
    if (!atEnd) {
      this.moveBy(event.deltaY * unit);
    }
    if (this.top !== before) {
      event.preventDefault();
    }
  }

  private key(event: KeyboardEvent): void {
    const page = Math.max(ROW, this.scale.viewHeight - ROW);
    const steps: Record<string, number> = { ArrowUp: -ROW, ArrowDown: ROW, PageUp: -page, PageDown: page };
    const step = event.key === " " ? (event.shiftKey ? -page : page) : steps[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (step !== undefined) {
      this.moveBy(step);
    } else if (event.key === "Home") {
      this.settle(0, true);
    } else if (event.key === "End") {
      this.following = true;
      this.moved();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Who selects text wants it to stay where it is. */
  private selected(): void {
    const selection = document.getSelection();
    if (this.following && selection?.isCollapsed === false && this.layer.contains(selection.anchorNode)) {
      this.following = false;
      this.moved();
    }
  }

  label(text: string): void {
    setAttribute(this.element, "aria-label", text);
  }
}
