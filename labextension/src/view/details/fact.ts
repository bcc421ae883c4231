/** One row of the details: a name and its value, to be copied. */
import { copyFrom } from "../copy.ts";
import { button, h, setAttribute } from "../dom.ts";
import { strings } from "../strings.ts";

export function factRow(name: string, value: string, say: (message: string) => void, ...more: HTMLElement[]): HTMLElement {
  const copy = button(strings.copy, "flat copy", () => copyFrom(copy, value, say));
  setAttribute(copy, "aria-label", strings.copyValue(name));
  const told = h("span", "fact-value", {}, value);
  return h("div", "fact", {}, h("dt", "", {}, name), h("dd", "", {}, told, h("span", "fact-buttons", {}, ...more, copy)));
}
