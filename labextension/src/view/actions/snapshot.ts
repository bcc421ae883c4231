/** The files that were sent with a run. */
import { reasonOf } from "../asking.ts";
import { h, setText } from "../dom.ts";
import { size } from "../format.ts";
import { Preview } from "../outputs/preview.ts";
import { TreeView } from "../outputs/treeview.ts";
import type { SnapshotFile } from "../source.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";

export class SnapshotSheet {
  readonly element: HTMLElement;
  private readonly summary = h("p", "quiet", { role: "status" });
  private readonly tree: TreeView;
  private readonly preview: Preview;

  constructor(private readonly view: View) {
    this.preview = new Preview(view, "snapshot_file");
    this.tree = new TreeView(view, strings.snapshotFiles, {}, (row) => {
      if (row.file !== undefined) {
        void this.preview.open(row.file);
      }
    });
    const split = h("div", "split", {}, this.tree.element, this.preview.element);
    this.element = h("div", "snapshot", {}, h("div", "bar", {}, this.summary), split);
  }

  /** A snapshot never changes, so it is asked for once. */
  async load(): Promise<void> {
    if (this.tree.isEmpty) {
      setText(this.summary, strings.loading);
      try {
        const { id, total, files } = await this.view.ask("snapshot", {});
        setText(this.summary, summaryOf(files, total, id));
        this.tree.update(files);
      } catch (error) {
        setText(this.summary, strings.answerFailed(reasonOf(error)));
      }
    }
  }
}

function summaryOf(files: readonly SnapshotFile[], total: number, id: string): string {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const shown = strings.fileCount(files.length, size(bytes));
  return `${total > files.length ? strings.firstOf(shown, total) : shown} · ${id}`;
}
