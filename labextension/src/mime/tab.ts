/** A run's monitor in a tab of its own. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { WidgetTracker } from "@jupyterlab/apputils";
import { showTab, Tab } from "../lab/tab.ts";
import { mount } from "../view/mount.ts";
import type { SocketSource, Sources } from "../view/socket.ts";
import { strings } from "../view/strings.ts";
import { Connecting } from "./connecting.ts";

export class Tabs {
  readonly tracker = new WidgetTracker<MonitorTab>({ namespace: "aml-monitor" });

  constructor(private readonly shell: JupyterFrontEnd["shell"]) {}

  /** Shows a run, in the tab that it has already if it has one. */
  show(name: string, sources: Sources): void {
    showTab(this.shell, this.tracker, idOf(name), () => new MonitorTab(sources, name));
  }
}

const idOf = (name: string): string => `jupyter-aml-${name}`;

export class MonitorTab extends Tab {
  private readonly source: SocketSource;
  private readonly run: string;
  private undo: () => void;

  constructor(
    private readonly sources: Sources,
    /** Of its topic. */
    readonly name: string,
  ) {
    super();
    this.id = idOf(name);
    this.run = name.replace(/^.*\//, "");
    this.title.label = this.title.caption = this.run;
    this.addClass("jp-AmlMonitorTab");
    this.source = sources.take(name);
    const unname = this.source.on("run", () => this.named());
    this.named();
    const connecting = new Connecting(this.node, this.source);
    const unmount = mount(this.node, this.source);
    this.undo = () => {
      unname();
      unmount();
      connecting.dispose();
    };
    void this.source.ready.then((isKnown) => isKnown || this.isDisposed || this.explain());
  }

  /** A tab is too narrow for an id, whose end tells runs apart. */
  private named(): void {
    const told = this.source.get("run");
    if (told?.number) {
      this.title.label = `${told.experiment} #${told.number}`;
    }
  }

  /** The run has been deleted since its tab was open. */
  private explain(): void {
    this.undo();
    this.undo = () => undefined;
    const text = document.createElement("p");
    text.setAttribute("role", "alert");
    text.style.padding = "16px";
    text.textContent = strings.unknownRun(this.run);
    this.node.replaceChildren(text);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.undo();
      this.sources.release(this.source);
      super.dispose();
    }
  }
}
