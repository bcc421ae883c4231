/** What else an output holds: the widget while its model lives, else its HTML, drawn by JupyterLab itself. */
import type { IRenderMime, IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { Panel, type Widget } from "@lumino/widgets";

const WIDGET = "application/vnd.jupyter.widget-view+json";

type Bundle = Parameters<IRenderMimeRegistry["preferredMimeType"]>[0];

export class Fallback {
  private children: Widget[] = [];
  private observer: MutationObserver | undefined;
  /** Counts what was shown. */
  private turn = 0;

  constructor(
    private readonly place: Panel,
    private readonly rendermime: IRenderMimeRegistry,
    /** What is not there to be drawn. */
    private readonly mimeType: string,
    /** When the notebook's session has its kernel, where there is one. */
    private readonly ready: Promise<void> | undefined,
  ) {}

  update(model: IRenderMime.IMimeModel): void {
    this.dispose();
    const { [this.mimeType]: _, ...rest } = model.data as Bundle;
    const first = this.preferred(rest, model);
    if (first !== WIDGET) {
      this.add(first, model);
      return;
    }
    const { [WIDGET]: __, ...still } = rest;
    const widget = this.add(WIDGET, model);
    const saved = this.add(this.preferred(still, model), model);
    // The widget's renderer is empty but for an error where its model is gone: it shows when it has a view.
    const choose = (): void => {
      const lives = widget instanceof Panel && widget.widgets.length > 0;
      widget?.setHidden(!lives);
      saved?.setHidden(lives);
    };
    void this.lookAgain(model);
    if (widget !== undefined) {
      this.observer = new MutationObserver(choose);
      this.observer.observe(widget.node, { childList: true });
    }
    choose();
  }

  dispose(): void {
    this.observer?.disconnect();
    this.turn += 1;
    this.children.splice(0).forEach((child) => child.dispose());
  }

  /** A page that was loaded again knows its kernel's widgets once it has a session, and makes them by another factory then. */
  private async lookAgain(model: IRenderMime.IMimeModel): Promise<void> {
    const { turn } = this;
    const factory = this.rendermime.getFactory(WIDGET);
    await this.ready;
    await new Promise((resolve) => setTimeout(resolve)); // whoever else has waited for it goes first
    if (turn === this.turn && this.rendermime.getFactory(WIDGET) !== factory) {
      this.update(model);
    }
  }

  private preferred(data: Bundle, { trusted }: IRenderMime.IMimeModel): string | undefined {
    return this.rendermime.preferredMimeType(data, trusted ? "any" : "ensure");
  }

  private add(type: string | undefined, model: IRenderMime.IMimeModel): IRenderMime.IRenderer | undefined {
    if (type === undefined) {
      return undefined;
    }
    const child = this.rendermime.createRenderer(type);
    this.children.push(child);
    this.place.addWidget(child);
    child.renderModel(model).catch((error: unknown) => console.error(error));
    return child;
  }
}
