/** Which line of a log shows why the run ended. */
import type { View } from "../view.ts";
import { plain } from "./ansi.ts";

const LOOK_BACK = 200;

/** The last line that the reason quotes, else the last that holds anything; undefined where nothing can be read. */
export async function reasonLine(view: View, file: string, reason: string): Promise<number | undefined> {
  try {
    const { total } = await view.ask("lines", { file, first: 0, count: 1 });
    const from = Math.max(0, total - LOOK_BACK);
    const { first, lines } = await view.ask("lines", { file, first: from, count: LOOK_BACK });
    const at = quoted(lines.map(plain), reason);
    return at < 0 ? undefined : first + at;
  } catch {
    return undefined;
  }
}

export function quoted(lines: readonly string[], reason: string): number {
  const texts = lines.map((line) => line.trim());
  const at = texts.findLastIndex((text) => text.length > 3 && reason.includes(text));
  return at >= 0 ? at : texts.findLastIndex((text) => text !== "");
}
