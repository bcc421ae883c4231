/** Where the reader is: which folder, file and notebook a command means. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { PathExt } from "@jupyterlab/coreutils";
import type { IDocumentWidget } from "@jupyterlab/docregistry";
import type { IFileBrowserFactory } from "@jupyterlab/filebrowser";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { ReadonlyPartialJSONObject } from "@lumino/coreutils";

export interface Place {
  /** Relative to the server's root. */
  folder: string;
  /** Empty where none is meant. */
  script: string;
}

export class Places {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly notebooks: INotebookTracker | null,
    private readonly browsers: IFileBrowserFactory | null,
  ) {}

  /** The notebook in front. */
  get notebook(): NotebookPanel | null {
    const panel = this.notebooks?.currentWidget ?? null;
    return panel !== null && panel === this.app.shell.currentWidget ? panel : null;
  }

  /** The folder that a command names, else that of what is in front, else the file browser's. */
  of(args: ReadonlyPartialJSONObject): Place {
    const named = args["folder"] ?? args["cwd"];
    if (typeof named === "string") {
      return { folder: this.local(named), script: typeof args["script"] === "string" ? args["script"] : "" };
    }
    const path = this.documentPath;
    if (path !== undefined) {
      const isScript = /\.(py|sh)$/.test(path);
      return { folder: PathExt.dirname(path), script: isScript ? PathExt.basename(path) : "" };
    }
    return { folder: this.local(this.browsers?.tracker.currentWidget?.model.path ?? ""), script: "" };
  }

  /** The file or folder that is selected in the file browser. */
  get selected(): (Place & { isFolder: boolean }) | undefined {
    const item = this.browsers?.tracker.currentWidget?.selectedItems().next().value;
    if (!item) {
      return undefined;
    }
    const path = this.local(item.path);
    const isFolder = item.type === "directory";
    return isFolder
      ? { folder: path, script: "", isFolder }
      : { folder: PathExt.dirname(path), script: PathExt.basename(path), isFolder };
  }

  private get documentPath(): string | undefined {
    const path = (this.app.shell.currentWidget as Partial<IDocumentWidget> | null)?.context?.path;
    return path === undefined ? undefined : this.local(path);
  }

  /** Without the name of a drive, which the server does not know. */
  private local(path: string): string {
    return this.app.serviceManager.contents.localPath(path).replace(/^\/+/, "");
  }
}
