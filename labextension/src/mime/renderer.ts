/** An output that names runs: a live view of them where the server knows them, else what else the output holds. */
import type { ISessionContext } from "@jupyterlab/apputils";
import type { IRenderMime, IRenderMimeRegistry } from "@jupyterlab/rendermime";
import type { Message } from "@lumino/messaging";
import { Panel, type Widget } from "@lumino/widgets";
import type { SocketSource, Sources } from "../view/socket.ts";
import { Fallback } from "./fallback.ts";
import { type NamedRun, sameRun } from "./named.ts";

/** A MIME type of ours, and how what it names is shown. */
export interface Kind {
  mimeType: string;
  /** undefined: nothing that can be shown. */
  named(data: unknown): NamedRun[] | undefined;
  /** Returns the function that takes it away again; `model` gives the output as it is now. */
  show(
    node: HTMLElement,
    runs: readonly NamedRun[],
    sources: readonly SocketSource[],
    model: () => IRenderMime.IMimeModel | undefined,
  ): () => void;
}

export class RunsRenderer extends Panel {
  private runs: NamedRun[] | undefined;
  private model: IRenderMime.IMimeModel | undefined;
  private taken: SocketSource[] = [];
  private undo: (() => void) | undefined;
  private fallback: Fallback | undefined;
  private needsFallback = false;

  constructor(
    private readonly kind: Kind,
    private readonly sources: Sources,
    private readonly rendermime: IRenderMimeRegistry,
  ) {
    super();
    this.addClass("jp-AmlMonitor");
  }

  /** Called again whenever the output is updated. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const runs = this.kind.named(model.data[this.kind.mimeType]);
    this.model = model;
    if (runs !== undefined && this.shows(runs)) {
      this.fallback?.update(model);
      return;
    }
    this.clear();
    this.runs = runs;
    if (runs === undefined) {
      this.fallBack();
      return;
    }
    const taken = runs.map(({ workspace, id }) => this.sources.take(`run/${workspace}/${id}`));
    this.taken = taken;
    const known = await Promise.all(taken.map(({ ready }) => ready));
    if (this.taken !== taken) {
      return;
    }
    if (known.every((is) => is) && runs.every(({ created }, k) => taken[k]?.get("run")?.created === created)) {
      this.undo = this.kind.show(this.node, runs, taken, () => this.model);
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

  private shows(runs: readonly NamedRun[]): boolean {
    return runs.length === this.runs?.length && runs.every((run, k) => sameRun(run, this.runs?.[k]));
  }

  /** The notebook's own registry, which knows its widgets, is found among the parents. */
  private fallBack(): void {
    this.needsFallback = !this.isAttached;
    if (this.isAttached && this.model !== undefined) {
      const { rendermime = this.rendermime, sessionContext } = surroundings(this);
      this.fallback = new Fallback(this, rendermime, this.kind.mimeType, sessionContext?.ready);
      this.fallback.update(this.model);
    }
  }

  private clear(): void {
    this.undo?.();
    this.undo = undefined;
    this.fallback?.dispose();
    this.fallback = undefined;
    this.needsFallback = false;
    this.taken.splice(0).forEach((source) => this.sources.release(source));
  }
}

interface Surroundings {
  rendermime?: IRenderMimeRegistry;
  sessionContext?: ISessionContext;
}

/** What the parents have, the nearest first. */
function surroundings(widget: Widget): Surroundings {
  const { parent } = widget;
  if (parent === null) {
    return {};
  }
  const { rendermime, sessionContext } = parent as Surroundings;
  return { ...surroundings(parent), ...(rendermime && { rendermime }), ...(sessionContext && { sessionContext }) };
}
