/** Puts text on the clipboard and says so in place. */
import { strings } from "./strings.ts";

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyOldWay(text); // pages over plain http have no clipboard object
  }
}

function copyOldWay(text: string): void {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.cssText = "position:fixed;opacity:0";
  const before = document.activeElement;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) {
    before.focus();
  }
}

/** Copies, and marks the control as done for a moment. */
export function copyFrom(control: HTMLElement, text: string, say: (message: string) => void): void {
  void copyText(text).then(() => {
    control.dataset["done"] = strings.copied;
    say(strings.copied);
    setTimeout(() => delete control.dataset["done"], 1200);
  });
}
