/** An output that is a run: its monitor where the server knows the run, else what else the output holds. */
import type { IRenderMime, IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { Panel, type Widget } from "@lumino/widgets";
import type { Message } from "@lumino/messaging";
import { mount } from "../view/mount.ts";
import type { SocketSource, Sources } from "../view/socket.ts";
import { Fallback } from "./fallback.ts";
import { runOf, sameRun, type NamedRun } from "./named.ts";
import { Connecting } from "./connecting.ts";

export const MIME_TYPE = "application/vnd.jupyter-aml.run+json";

export class MonitorRenderer extends Panel {
  private run: NamedRun | undefined;
  private model: IRenderMime.IMimeModel | undefined;
  private source: SocketSource | undefined;
  private undo: (() => void)[] = [];
  private fallback: Fallback | undefined;
  private needsFallback = false;

  constructor(
    private readonly sources: Sources,
    private readonly rendermime: IRenderMimeRegistry,
  ) {
    super();
    this.addClass("jp-AmlMonitor");
  }

  /** Called again whenever the output is updated. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const run = runOf(model.data[MIME_TYPE]);
    this.model = model;
    if (run !== undefined && sameRun(run, this.run)) {
      this.fallback?.update(model);
      return;
    }
    this.clear();
    this.run = run;
    if (run === undefined) {
      this.fallBack();
      return;
    }
    const source = this.sources.take(`run/${run.workspace}/${run.id}`);
    this.source = source;
    const known = await source.ready;
    if (this.source !== source) {
      return;
    }
    if (known && source.get("run")?.created === run.created) {
      const connecting = new Connecting(this.node, source);
      this.undo.push(() => connecting.dispose(), mount(this.node, source));
    } else {
      this.fallBack();
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.clear();
      super.dispose();
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.needsFallback) {
      this.fallBack();
    }
  }

  /** The notebook's own registry, which knows its widgets, is found among the parents. */
  private fallBack(): void {
    this.needsFallback = !this.isAttached;
    if (this.isAttached && this.model !== undefined) {
      this.fallback = new Fallback(this, registryOf(this) ?? this.rendermime);
      this.fallback.update(this.model);
    }
  }

  private clear(): void {
    this.undo.splice(0).reverse().forEach((undo) => undo());
    this.fallback?.dispose();
    this.fallback = undefined;
    this.needsFallback = false;
    if (this.source !== undefined) {
      this.sources.release(this.source);
      this.source = undefined;
    }
  }
}

function registryOf(widget: Widget): IRenderMimeRegistry | undefined {
  for (let at = widget.parent; at !== null; at = at.parent) {
    if ("rendermime" in at) {
      return at.rendermime as IRenderMimeRegistry;
    }
  }
  return undefined;
}
