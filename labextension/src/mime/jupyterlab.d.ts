/** What is used of JupyterLab's packages: their own types would bring some 300 packages into node_modules. */

declare module "@lumino/widgets" {
  export class Widget {
    constructor(options?: object);
    readonly node: HTMLElement;
    readonly parent: Widget | null;
    readonly isAttached: boolean;
    readonly isDisposed: boolean;
    id: string;
    readonly title: { label: string; closable: boolean };
    addClass(name: string): void;
    setHidden(hidden: boolean): void;
    dispose(): void;
    protected onAfterAttach(message: unknown): void;
    protected onCloseRequest(message: unknown): void;
  }
  export class Panel extends Widget {
    readonly widgets: readonly Widget[];
    addWidget(widget: Widget): void;
  }
}

declare module "@jupyterlab/rendermime" {
  import type { Widget } from "@lumino/widgets";

  export interface MimeModel {
    readonly trusted: boolean;
    readonly data: Readonly<Record<string, unknown>>;
  }
  export interface Renderer extends Widget {
    renderModel(model: MimeModel): Promise<void>;
  }
  export interface RendererFactory {
    readonly safe: boolean;
    readonly mimeTypes: readonly string[];
    readonly defaultRank?: number;
    createRenderer(options: { mimeType: string }): Renderer;
  }
  export interface IRenderMimeRegistry {
    addFactory(factory: RendererFactory, rank?: number): void;
    preferredMimeType(bundle: Readonly<Record<string, unknown>>, safe?: "ensure" | "any"): string | undefined;
    createRenderer(mimeType: string): Renderer;
  }
  /** The token that a plugin asks for it by. */
  export const IRenderMimeRegistry: unknown;
}
