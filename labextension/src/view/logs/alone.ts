/** A whole log by itself: in a tab of the browser, or as a download where there is none to be had. */
import { load, save, toBlob } from "../blobs.ts";
import { baseName } from "../format.ts";
import { during, type Fail, inButton } from "../outputs/download.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";
import { plain } from "./ansi.ts";

/** A larger one is downloaded as it is: a tab would be slow with it. */
const MOST_SHOWN = 32 << 20;
const MOST = 2 ** 31;

export async function openAlone(view: View, name: string, control: HTMLButtonElement, fail: Fail): Promise<void> {
  const size = view.source.get("logs")?.files.find((file) => file.name === name)?.size ?? 0;
  if (size > MOST) {
    fail(strings.logTooLarge(name));
    return;
  }
  // Only a click may open a window, and the log is read after it.
  const page = size > MOST_SHOWN ? null : window.open("", "_blank");
  const failed = (why: string): void => {
    page?.close();
    fail(why);
  };
  await during(inButton(control), failed, async (told) => {
    const loaded = await load(view, name, { progress: told });
    if (page === null || !showIn(page, settledText(loaded.parts))) {
      page?.close();
      save(toBlob(loaded), baseName(name));
    }
  });
}

/** Without what only a terminal understands. */
export function settledText(parts: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  const text = parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
  return text.split("\n").map(plain).join("\n");
}

/** Returns whether the page could be had: one that a sandboxed frame has opened may not belong to it. */
function showIn(page: Window, text: string): boolean {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the tab may still be reading it
  try {
    page.opener = null;
    page.location.replace(url);
    return true;
  } catch {
    return false;
  }
}
