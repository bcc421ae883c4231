/** The log line that was written at the moment under the pointer; it leads to the log. */
import { button, h, setText, show } from "../dom.ts";
import { baseName } from "../format.ts";
import { plain } from "../logs/ansi.ts";
import { currentFile } from "../logs/files.ts";
import type { Seconds } from "../source.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";

const PAUSE = 120;

export class Said {
  readonly element: HTMLElement;
  private readonly link: HTMLButtonElement;
  private readonly text = h("span", "said-text");
  private file = "";
  private line = -1;
  private wanted: Seconds | undefined;
  private timer = 0;

  constructor(private readonly view: View) {
    this.link = button("", "link", () => view.showLine(this.file, this.line), strings.showInLog);
    this.element = h("div", "said", {}, this.link, this.text);
    this.put(strings.pointAtChart);
    view.scope.add(() => clearTimeout(this.timer));
  }

  /** Only the last of many moments is asked for. */
  at(time: Seconds): void {
    this.wanted = time;
    if (this.timer === 0) {
      this.timer = window.setTimeout(() => void this.ask(), PAUSE);
    }
  }

  private async ask(): Promise<void> {
    const time = this.wanted;
    const file = currentFile(this.view.source);
    this.wanted = undefined;
    try {
      if (time !== undefined && file !== undefined) {
        const { line, text } = await this.view.ask("line_at", { file, time });
        this.file = file;
        this.line = line ?? -1;
        this.put(line === null ? strings.noLineThen : plain(text));
      }
    } catch {
      this.put(""); // a chart can be read without it
    }
    this.timer = 0;
    if (this.wanted !== undefined) {
      this.at(this.wanted);
    }
  }

  private put(text: string): void {
    setText(this.link, this.line < 0 ? "" : `${baseName(this.file)}:${this.line + 1}`);
    show(this.link, this.line >= 0);
    setText(this.text, text);
  }
}
