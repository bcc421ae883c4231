/** Brings files to the reader's machine. */
import { reasonOf } from "../asking.ts";
import { load, save, toBlob } from "../blobs.ts";
import { setText } from "../dom.ts";
import { baseName } from "../format.ts";
import type { OutputFile } from "../source.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";
import { type Entry, MOST_BYTES, zip } from "./zip.ts";

/** Blobs of more than this fail in browsers. */
const MOST_ONE = 2 ** 31;

/** Where a download that takes a while is seen. */
export interface Progress {
  /** Its beginning and its end, which comes before what went wrong. */
  busy(on: boolean): void;
  /** How far it is, where it comes in several pieces. */
  tell(text: string): void;
}

export type Fail = (message: string) => void;

/** Shows the progress in the button that began it. */
export function inButton(control: HTMLButtonElement): Progress {
  const label = control.textContent ?? "";
  return {
    busy(on) {
      control.disabled = on;
      setText(control, label);
    },
    tell: (text) => setText(control, text),
  };
}

/** Does what takes a while; what goes wrong goes to `fail`. */
export async function during(
  progress: Progress,
  fail: Fail,
  task: (told: (done: number, all: number) => void) => Promise<void>,
): Promise<void> {
  progress.busy(true);
  try {
    await task((done, all) => {
      if (done < all) {
        progress.tell(strings.downloading(Math.floor((done / all) * 100)));
      }
    });
    progress.busy(false);
  } catch (error) {
    progress.busy(false);
    fail(strings.downloadFailed(reasonOf(error)));
  }
}

export async function downloadOne(
  view: View,
  file: OutputFile,
  progress: Progress,
  fail: Fail,
): Promise<void> {
  if (file.size > MOST_ONE) {
    fail(strings.tooLargeOne);
    return;
  }
  await during(progress, fail, async (told) => {
    save(toBlob(await load(view, file.name, { progress: told })), baseName(file.name));
  });
}

export async function downloadAll(
  view: View,
  files: readonly OutputFile[],
  archive: string,
  progress: Progress,
  fail: Fail,
): Promise<void> {
  const all = files.reduce((sum, file) => sum + file.size, 0);
  if (all > Math.min(MOST_ONE, MOST_BYTES)) {
    fail(strings.tooLarge);
    return;
  }
  await during(progress, fail, async (told) => {
    const entries: Entry[] = [];
    let before = 0;
    for (const { name, size } of files) {
      const { parts } = await load(view, name, { progress: (done) => told(before + done, all) });
      entries.push({ name, parts });
      before += size;
    }
    save(zip(entries), archive);
  });
}
