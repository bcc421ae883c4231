/** What a pane says before it has anything: what will come, when, and the lines to paste for it. */
import { copyFrom } from "./copy.ts";
import { button, h, setText, show } from "./dom.ts";
import { strings } from "./strings.ts";

export interface EmptyState {
  element: HTMLElement;
  /** An empty text hides it. */
  show(text: string): void;
}

export function emptyState(code: string, say: (message: string) => void): EmptyState {
  const sentence = h("p");
  const copy = button(strings.copy, "", () => copyFrom(copy, code, say));
  const paste = h("div", "paste", {}, h("pre", "code", {}, code), copy);
  show(paste, code !== "");
  const element = h("div", "empty", {}, sentence, paste);
  return {
    element,
    show(text) {
      setText(sentence, text);
      show(element, text !== "");
    },
  };
}
