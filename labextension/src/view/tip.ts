/** One small box with exact facts, beside whatever is pointed at or focused. */
import { h, setText, show } from "./dom.ts";
import type { Scope } from "./scope.ts";

export class Tip {
  readonly element = h("div", "tip", { "aria-hidden": "true", hidden: true });

  constructor(
    private readonly root: HTMLElement,
    private readonly scope: Scope,
  ) {}

  /** Shows the text while the pointer or the focus is on the element. */
  on(element: HTMLElement, text: () => string): void {
    const open = (): void => this.place(element, text());
    const close = (): void => show(this.element, false);
    this.scope.listen(element, "pointerenter", open);
    this.scope.listen(element, "focus", open);
    this.scope.listen(element, "pointerleave", close);
    this.scope.listen(element, "blur", close);
  }

  private place(element: HTMLElement, text: string): void {
    if (text === "") {
      return;
    }
    setText(this.element, text);
    show(this.element, true);
    const frame = this.root.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    const left = Math.min(box.left - frame.left, frame.width - this.element.offsetWidth - 8);
    this.element.style.left = `${Math.max(4, left)}px`;
    this.element.style.top = `${box.bottom - frame.top + 4}px`;
  }
}
