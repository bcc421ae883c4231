/** The runs that are compared: each with its line's look, its state, and whether its line is drawn. */
import { hasEnded, ran } from "../view/clock.ts";
import { button, h, setAttribute, setText } from "../view/dom.ts";
import { duration } from "../view/format.ts";
import type { Scope } from "../view/scope.ts";
import { wordOf } from "../view/states.ts";
import { strings } from "../view/strings.ts";
import type { Host, Run } from "./model.ts";

/** Lines are told apart by colour, and without it by their dashes. */
export const DASHES: readonly number[][] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [14, 4], [2, 6], [8, 3, 2, 3, 2, 3]];
export const MOST_RUNS = DASHES.length;

export class Legend {
  readonly element: HTMLElement;
  private readonly hidden = new Set<string>();

  constructor(host: Host, scope: Scope, changed: () => void) {
    const items = host.runs.map((run, k) => this.item(host, scope, run, k, changed));
    this.element = h("ul", "legend-list", { "aria-label": host.trans.__("Runs that are compared") }, ...items);
  }

  isShown(run: string): boolean {
    return !this.hidden.has(run);
  }

  private item(host: Host, scope: Scope, run: Run, k: number, changed: () => void): HTMLElement {
    const { id, source } = run;
    const { trans } = host;
    const check = h("input", "", {
      type: "checkbox",
      "aria-label": trans.__("Draw the lines of %1", id),
      change: () => {
        this.hidden[check.checked ? "delete" : "add"](id);
        changed();
      },
    });
    check.checked = true;
    const open = (): void => host.open?.(id);
    const name = host.open === undefined ? h("span", "", {}, id) : button(id, "link", open, trans.__("Open its monitor"));
    const about = h("span", "quiet legend-about");
    const item = h("li", "legend-run", {}, check, swatch(k), name, about);
    const update = (): void => {
      const told = source.get("run");
      if (told !== undefined) {
        const spent = ran(told, told.now);
        const span = spent === null ? "" : ` · ${duration(spent)}`;
        const state = wordOf(told.status);
        setText(about, `${state}${hasEnded(told) ? span : ""} · ${told.command}`);
        setAttribute(about, "title", told.reason === null ? told.command : strings.told(told.reason));
      }
    };
    scope.add(source.on("run", update));
    update();
    return item;
  }
}

/** A short piece of a run's line. */
export function swatch(k: number): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  const set = (element: Element, values: Record<string, string>): void =>
    Object.entries(values).forEach(([name, value]) => element.setAttribute(name, value));
  set(svg, { class: "aml-swatch", width: "28", height: "10", "aria-hidden": "true" });
  set(line, { x1: "0", y1: "5", x2: "28", y2: "5", "stroke-dasharray": (DASHES[k] ?? []).join(" ") });
  line.style.stroke = `var(--aml-line-${k})`;
  svg.append(line);
  return svg;
}
