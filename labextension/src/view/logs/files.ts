/** Chooses the file, grouped by who wrote it. */
import { h, setAttribute, show } from "../dom.ts";
import { baseName } from "../format.ts";
import type { LogFile, LogGroup, Source } from "../source.ts";
import { strings } from "../strings.ts";

const GROUPS: readonly LogGroup[] = ["script", "build", "system"];

export class FileChoice {
  readonly element: HTMLSelectElement;
  private drawn = "";

  constructor(chosen: (file: string) => void) {
    this.element = h("select", "select", {
      "aria-label": strings.logFile,
      change: () => chosen(this.element.value),
    });
  }

  update(files: readonly LogFile[], file: string | undefined): void {
    const drawing = files.map(({ name, group }) => `${group}/${name}`).join("\n");
    if (drawing !== this.drawn) {
      this.drawn = drawing; // only then: an open list would close
      this.element.replaceChildren(...GROUPS.flatMap((group) => optionsOf(group, files)));
    }
    show(this.element, files.length > 0);
    if (file !== undefined && this.element.value !== file) {
      this.element.value = file;
    }
    setAttribute(this.element, "title", file ?? null);
  }
}

function optionsOf(group: LogGroup, files: readonly LogFile[]): Node[] {
  const members = files.filter((file) => file.group === group);
  const options = members.map(({ name }) => h("option", "", { value: name }, baseName(name)));
  return members.length === 0 ? [] : [h("optgroup", "", { label: strings.groups[group] }, ...options)];
}

/** The file to show: the reader's choice while it exists, else the one that the run is writing. */
export function currentFile(source: Source): string | undefined {
  const logs = source.get("logs");
  const names = logs?.files?.map(({ name }) => name) ?? [];
  const { file } = source.ui;
  if (file !== undefined && names.includes(file)) {
    return file;
  }
  return logs?.active ?? (source.get("tail")?.file || names[0]);
}
