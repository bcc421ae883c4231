/** The Nodes tab. */
import { hasEnded, runOf } from "../clock.ts";
import { arrange, h } from "../dom.ts";
import { emptyState } from "../empty.ts";
import { strings } from "../strings.ts";
import type { Pane, View } from "../view.ts";
import type { Pointer } from "./meter.ts";
import { NodeBlock } from "./node.ts";

export class NodesPane implements Pane {
  readonly element: HTMLElement;
  private readonly list = h("div", "node-list");
  private readonly empty = emptyState("", () => undefined);
  private readonly blocks = new Map<number, NodeBlock>();
  private readonly inSight = new Set<Element>();
  private readonly pointer: Pointer;
  private readonly observer: IntersectionObserver;
  private readonly redraw: () => void;

  constructor(private readonly view: View) {
    this.element = h("div", "nodes", {}, this.list, this.empty.element);
    this.redraw = view.scope.framed(() => this.draw());
    this.pointer = {
      time: null,
      move: (time) => {
        this.pointer.time = time;
        this.redraw();
      },
    };
    this.observer = new IntersectionObserver((entries) => this.sighted(entries));
    view.scope.add(() => this.observer.disconnect());
    view.scope.resized(this.element, this.redraw);
    view.theme.onChange(this.redraw);
  }

  update(): void {
    const nodes = this.view.source.get("nodes") ?? [];
    const elements = nodes.map((node) => {
      const block = this.blocks.get(node.node) ?? this.make(node.node);
      block.update(node, nodes.length > 1);
      return block.element;
    });
    arrange(this.list, elements);
    const ended = hasEnded(runOf(this.view.source));
    this.empty.show(nodes.length > 0 ? "" : ended ? strings.noNodesEnded : strings.noNodes);
    this.redraw();
  }

  private make(node: number): NodeBlock {
    const block = new NodeBlock(this.pointer);
    this.blocks.set(node, block);
    this.observer.observe(block.element);
    return block;
  }

  private sighted(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) {
        this.inSight.add(target);
      } else {
        this.inSight.delete(target);
      }
    }
    this.redraw();
  }

  private draw(): void {
    for (const block of this.blocks.values()) {
      if (this.inSight.has(block.element)) {
        block.draw(this.view.theme);
      }
    }
  }
}
