/** A run's monitor in a tab of its own. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Panel } from "@lumino/widgets";
import { mount } from "../view/mount.ts";
import type { SocketSource, Sources } from "../view/socket.ts";
import { Connecting } from "./connecting.ts";

export class Tabs {
  private readonly open = new Map<string, MonitorTab>();

  constructor(private readonly shell: JupyterFrontEnd["shell"]) {}

  /** Shows a run, in the tab that it has already if it has one. */
  show(name: string, sources: Sources): void {
    let tab = this.open.get(name);
    if (tab === undefined || tab.isDisposed) {
      tab = new MonitorTab(sources, name);
      this.open.set(name, tab);
      this.shell.add(tab, "main");
    }
    this.shell.activateById(tab.id);
  }
}

class MonitorTab extends Panel {
  private readonly source: SocketSource;
  private readonly undo: () => void;

  constructor(
    private readonly sources: Sources,
    name: string,
  ) {
    super();
    this.id = `jupyter-aml-${name}`;
    this.title.label = name.replace(/^.*\//, "");
    this.title.closable = true;
    this.addClass("jp-AmlMonitorTab");
    this.source = sources.take(name);
    const connecting = new Connecting(this.node, this.source);
    const unmount = mount(this.node, this.source);
    this.undo = () => {
      unmount();
      connecting.dispose();
    };
  }

  /** A tab that is closed is gone. */
  protected override onCloseRequest(): void {
    this.dispose();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.undo();
      this.sources.release(this.source);
      super.dispose();
    }
  }
}
