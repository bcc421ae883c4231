/** What lies over the tabs until it is closed: one thing at a time, with a title. */
import { button, h, setAttribute, setText, show } from "./dom.ts";
import type { Scope } from "./scope.ts";
import { strings } from "./strings.ts";

export class Sheet {
  readonly element: HTMLElement;
  private readonly title = h("h3", "sheet-title", { tabindex: -1 });
  private readonly content = h("div", "sheet-content");
  private back: HTMLElement | undefined;

  /** While it is open, what is behind it cannot be reached. */
  constructor(
    scope: Scope,
    private readonly behind: readonly HTMLElement[],
  ) {
    const close = button("✕", "flat", () => this.close(), strings.close);
    setAttribute(close, "aria-label", strings.close);
    const bar = h("div", "bar", {}, this.title, h("span", "push"), close);
    this.element = h("div", "sheet", { role: "dialog", hidden: true }, bar, this.content);
    scope.listen<KeyboardEvent>(this.element, "keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        this.close();
      }
    });
  }

  /** Shows something; closing it gives the focus back to where it came from. */
  open(title: string, content: HTMLElement, back: HTMLElement): void {
    this.back = back;
    setText(this.title, title);
    setAttribute(this.element, "aria-label", title);
    this.content.replaceChildren(content);
    this.cover(true);
    this.title.focus();
  }

  close(): void {
    if (this.element.hidden) {
      return;
    }
    this.cover(false);
    this.content.replaceChildren();
    this.back?.focus();
  }

  private cover(covers: boolean): void {
    show(this.element, covers);
    this.behind.forEach((element) => (element.inert = covers));
  }
}
