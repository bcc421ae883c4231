/** A line under the header that says what came of a command, until it is put away. */
import { copyFrom } from "./copy.ts";
import { button, h, setAttribute, show } from "./dom.ts";
import { strings } from "./strings.ts";

export class Note {
  readonly element: HTMLElement;
  private readonly parts = h("span", "note-parts");

  constructor(private readonly say: (message: string) => void) {
    const close = button("✕", "flat", () => this.hide(), strings.close);
    setAttribute(close, "aria-label", strings.close);
    this.element = h("div", "note", { hidden: true }, this.parts, h("span", "push"), close);
  }

  /** Shows a sentence, which is soon followed by another. */
  tell(sentence: string, ...parts: HTMLElement[]): void {
    delete this.element.dataset["bad"];
    this.parts.replaceChildren(sentence, ...parts);
    show(this.element, true);
  }

  /** Shows a sentence, and what belongs to it, and tells a screen reader. */
  show(sentence: string, ...parts: HTMLElement[]): void {
    this.tell(sentence, ...parts);
    this.say([sentence, ...parts.map((part) => part.textContent)].join(" "));
  }

  fail(sentence: string): void {
    this.show(sentence);
    this.element.dataset["bad"] = "true";
  }

  hide(): void {
    show(this.element, false);
  }

  /** A piece of code with a button that copies it. */
  code(text: string): HTMLElement {
    const copy = button(strings.copy, "", () => copyFrom(copy, text, this.say));
    setAttribute(copy, "aria-label", strings.copyValue(text));
    return h("span", "note-code", {}, h("code", "terminal", {}, text), copy);
  }
}
