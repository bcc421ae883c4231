/** A button that is on or off. */
import { button, setAttribute } from "./dom.ts";

export interface Toggle {
  element: HTMLButtonElement;
  set(on: boolean): void;
}

export function toggle(label: string, hint: string, changed: (on: boolean) => void): Toggle {
  const element = button(label, "toggle", () => changed(element.getAttribute("aria-pressed") !== "true"), hint);
  const set = (on: boolean): void => setAttribute(element, "aria-pressed", on);
  set(false);
  return { element, set };
}
