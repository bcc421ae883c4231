/** The Outputs tab. */
import { hasEnded, runOf } from "../clock.ts";
import { button, h, setAttribute, setText, show } from "../dom.ts";
import { emptyState } from "../empty.ts";
import { size } from "../format.ts";
import type { OutputFile } from "../source.ts";
import * as strings from "../strings.ts";
import type { Pane, View } from "../view.ts";
import { downloadAll, downloadOne } from "./download.ts";
import { Preview } from "./preview.ts";
import { TreeView } from "./treeview.ts";

export class OutputsPane implements Pane {
  readonly element: HTMLElement;
  private readonly summary = h("span", "quiet");
  private readonly chosen = h("span", "chosen");
  private readonly failure = h("span", "failure", { role: "alert" });
  private readonly all: HTMLButtonElement;
  private readonly one: HTMLButtonElement;
  private readonly content: HTMLElement;
  private readonly tree: TreeView;
  private readonly preview: Preview;
  private readonly empty = emptyState(strings.outputsCode, (message) => this.view.say(message));

  constructor(private readonly view: View) {
    this.tree = new TreeView(view, (file) => this.choose(file));
    this.preview = new Preview(view);
    const fail = (message: string): void => setText(this.failure, message);
    this.all = button(strings.downloadAll, "", () => void downloadAll(view, this.files, this.archive, this.all, fail));
    this.one = button(strings.download, "", () => {
      if (this.file !== undefined) {
        void downloadOne(view, this.file, this.one, fail);
      }
    });
    const bar = h("div", "bar", {}, this.summary, this.all, this.failure, h("span", "push"), this.chosen, this.one);
    const split = h("div", "split", {}, this.tree.element, this.preview.element);
    this.content = h("div", "outputs-content", {}, bar, split);
    this.element = h("div", "outputs", {}, this.content, this.empty.element);
  }

  update(): void {
    const { files } = this;
    const ended = hasEnded(runOf(this.view.source));
    show(this.content, files.length > 0);
    this.empty.show(files.length > 0 ? "" : ended ? strings.noOutputsEnded : strings.noOutputs);
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    setText(this.summary, strings.fileCount(files.length, size(bytes)));
    this.tree.update(files);
    this.showChosen();
  }

  private get files(): readonly OutputFile[] {
    return this.view.source.get("files") ?? [];
  }

  private get file(): OutputFile | undefined {
    return this.files.find(({ name }) => name === this.view.source.ui.output);
  }

  private get archive(): string {
    return `${runOf(this.view.source)?.id ?? "run"}.zip`;
  }

  private choose(file: OutputFile): void {
    setText(this.failure, "");
    void this.preview.open(file);
    this.showChosen();
  }

  private showChosen(): void {
    const { file } = this;
    show(this.one, file !== undefined);
    setText(this.chosen, file === undefined ? "" : file.name);
    setAttribute(this.chosen, "title", file?.name ?? null);
    if (file !== undefined) {
      void this.preview.open(file);
    }
  }
}
