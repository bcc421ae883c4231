/** The Outputs tab. */
import { hasEnded, runOf } from "../clock.ts";
import { button, h, setAttribute, setText, show } from "../dom.ts";
import { emptyState } from "../empty.ts";
import { baseName, size } from "../format.ts";
import type { OutputFile } from "../source.ts";
import { strings } from "../strings.ts";
import type { Pane, View } from "../view.ts";
import { downloadAll, downloadOne, inButton } from "./download.ts";
import { Preview } from "./preview.ts";
import { RegisterForm } from "./register.ts";
import { TreeView } from "./treeview.ts";

export class OutputsPane implements Pane {
  readonly element: HTMLElement;
  private readonly summary = h("span", "quiet");
  private readonly chosen = h("span", "chosen");
  private readonly failure = h("span", "failure", { role: "alert" });
  private readonly one: HTMLButtonElement;
  private readonly register: HTMLButtonElement;
  private readonly form: RegisterForm;
  private readonly content: HTMLElement;
  private readonly tree: TreeView;
  private readonly preview: Preview;
  private readonly empty = emptyState(strings.outputsCode, (message) => this.view.say(message));

  constructor(private readonly view: View) {
    this.tree = new TreeView(view, strings.files, view.source.ui, () => this.choose());
    this.preview = new Preview(view);
    const all = button(strings.downloadAll, "", () => this.download(this.files, runOf(view.source)?.id ?? "run", all));
    this.one = button(strings.download, "", () => this.downloadChosen());
    this.register = button(strings.register, "", () => this.form.open(this.path), strings.registerHint);
    this.form = new RegisterForm(view, this.register);
    const bar = h("div", "bar", {}, this.summary, all, this.failure, h("span", "push"), this.chosen);
    bar.append(this.one, this.register);
    const split = h("div", "split", {}, this.tree.element, this.preview.element);
    this.content = h("div", "outputs-content", {}, bar, this.form.element, split);
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

  /** The chosen file or folder; empty where none is chosen. */
  private get path(): string {
    const path = this.view.source.ui.output ?? "";
    return under(this.files, path).length > 0 ? path : "";
  }

  private choose(): void {
    setText(this.failure, "");
    this.form.close();
    this.showChosen();
  }

  private showChosen(): void {
    const { path } = this;
    const file = this.files.find(({ name }) => name === path);
    show(this.one, path !== "");
    show(this.register, path !== "");
    setText(this.chosen, file === undefined && path !== "" ? `${path}/` : path);
    setAttribute(this.chosen, "title", path || null);
    if (file === undefined) {
      this.preview.clear();
    } else {
      void this.preview.open(file);
    }
  }

  private downloadChosen(): void {
    const [file, ...others] = under(this.files, this.path);
    if (file?.name === this.path) {
      void downloadOne(this.view, file, inButton(this.one), (why) => setText(this.failure, why));
    } else if (file !== undefined) {
      this.download([file, ...others], baseName(this.path), this.one);
    }
  }

  private download(files: readonly OutputFile[], archive: string, control: HTMLButtonElement): void {
    setText(this.failure, "");
    const fail = (why: string): void => setText(this.failure, why);
    void downloadAll(this.view, files, `${archive}.zip`, inButton(control), fail);
  }
}

/** The file of a path, or the files under a folder. */
function under(files: readonly OutputFile[], path: string): OutputFile[] {
  return path === "" ? [] : files.filter(({ name }) => name === path || name.startsWith(`${path}/`));
}
