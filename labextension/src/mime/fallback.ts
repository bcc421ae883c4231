/** What else an output holds: the widget while its model lives, else its HTML, drawn by JupyterLab itself. */
import type { IRenderMimeRegistry, MimeModel, Renderer } from "@jupyterlab/rendermime";
import type { Panel, Widget } from "@lumino/widgets";
import { MIME_TYPE } from "./renderer.ts";

const WIDGET = "application/vnd.jupyter.widget-view+json";

export class Fallback {
  private children: Widget[] = [];
  private observer: MutationObserver | undefined;

  constructor(
    private readonly place: Panel,
    private readonly rendermime: IRenderMimeRegistry,
  ) {}

  update(model: MimeModel): void {
    this.dispose();
    const { [MIME_TYPE]: _, ...rest } = model.data;
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
      const lives = ((widget as Partial<Panel>).widgets?.length ?? 0) > 0;
      widget?.setHidden(!lives);
      saved?.setHidden(lives);
    };
    if (widget !== undefined) {
      this.observer = new MutationObserver(choose);
      this.observer.observe(widget.node, { childList: true });
    }
    choose();
  }

  dispose(): void {
    this.observer?.disconnect();
    this.children.splice(0).forEach((child) => child.dispose());
  }

  private preferred(data: Record<string, unknown>, { trusted }: MimeModel): string | undefined {
    return this.rendermime.preferredMimeType(data, trusted ? "any" : "ensure");
  }

  private add(type: string | undefined, model: MimeModel): Renderer | undefined {
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
