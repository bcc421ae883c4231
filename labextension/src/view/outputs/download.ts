/** Buttons that bring files to the reader's machine. */
import { reasonOf } from "../asking.ts";
import { load, save, toBlob } from "../blobs.ts";
import { setText } from "../dom.ts";
import { baseName } from "../format.ts";
import type { OutputFile } from "../source.ts";
import * as strings from "../strings.ts";
import type { View } from "../view.ts";
import { type Entry, MOST_BYTES, zip } from "./zip.ts";

/** Blobs of more than this fail in browsers. */
const MOST_ONE = 2 ** 31;

/** Shows progress in the button; what goes wrong goes to `fail`. */
async function during(
  control: HTMLButtonElement,
  fail: (message: string) => void,
  task: (progress: (done: number, all: number) => void) => Promise<void>,
): Promise<void> {
  const label = control.textContent ?? "";
  control.disabled = true;
  fail("");
  try {
    await task((done, all) => setText(control, strings.downloading(Math.floor((done / Math.max(1, all)) * 100))));
  } catch (error) {
    fail(strings.downloadFailed(reasonOf(error)));
  }
  setText(control, label);
  control.disabled = false;
}

export async function downloadOne(
  view: View,
  file: OutputFile,
  control: HTMLButtonElement,
  fail: (message: string) => void,
): Promise<void> {
  if (file.size > MOST_ONE) {
    fail(strings.tooLargeOne);
    return;
  }
  await during(control, fail, async (progress) => {
    save(toBlob(await load(view, file.name, Infinity, progress)), baseName(file.name));
  });
}

export async function downloadAll(
  view: View,
  files: readonly OutputFile[],
  archive: string,
  control: HTMLButtonElement,
  fail: (message: string) => void,
): Promise<void> {
  const all = files.reduce((sum, file) => sum + file.size, 0);
  if (all > Math.min(MOST_ONE, MOST_BYTES)) {
    fail(strings.tooLarge);
    return;
  }
  await during(control, fail, async (progress) => {
    const entries: Entry[] = [];
    let before = 0;
    for (const { name, size } of files) {
      const { parts } = await load(view, name, Infinity, (done) => progress(before + done, all));
      entries.push({ name, parts });
      before += size;
    }
    save(zip(entries), archive);
  });
}
