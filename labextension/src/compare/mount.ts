/** Puts a comparison of runs into an element. */
import { h, setAttribute, setText, show } from "../view/dom.ts";
import { Scope } from "../view/scope.ts";
import { ensureStyles } from "../view/styles.ts";
import { Theme } from "../view/theme.ts";
import { Charts } from "./charts.ts";
import { Code } from "./code.ts";
import { Facts } from "./facts.ts";
import { Legend } from "./legend.ts";
import type { Host } from "./model.ts";
import { ensureRules } from "../lab/rules.ts";
import rules from "./compare.css";

let serial = 0;

/** Returns the function that takes everything away again. */
export function mountCompare(element: HTMLElement, host: Host): () => void {
  const { trans } = host;
  const scope = new Scope();
  const root = h("div", "", { role: "region", "aria-label": trans.__("Comparison of runs"), "data-lm-suppress-shortcuts": "true" });
  root.className = "aml aml-compare-view";
  element.append(root);
  ensureStyles(root);
  ensureRules("compare", rules);
  scope.add(() => root.remove());
  const theme = new Theme(root, scope);
  const legend = new Legend(host, scope, () => charts.update());
  const charts: Charts = new Charts(host, scope, theme, legend);
  const facts = new Facts(host);
  const code = new Code(host);
  const sections: [label: string, pane: HTMLElement, load?: () => Promise<void>][] = [
    [trans.__("Charts"), charts.element],
    [trans.__("What differs"), facts.element, () => facts.load()],
    [trans.__("Code"), code.element, () => code.load()],
  ];
  const tabs = tabbed(trans.__("Parts of the comparison"), sections);
  root.append(legend.element, ...tabs.elements);
  theme.apply();
  const ends = host.runs.map(({ source }) => source.on("metrics", () => begin()));
  /** Where there is nothing to draw, it opens on what differs. */
  const begin = (): void => {
    if (charts.isEmpty !== undefined) {
      ends.splice(0).forEach((end) => end());
      tabs.begin(charts.isEmpty ? 1 : 0);
    }
  };
  ends.forEach((end) => scope.add(end));
  begin();
  return () => scope.dispose();
}

interface Tabs {
  elements: HTMLElement[];
  /** Shows one of them, unless the reader has chosen. */
  begin(at: number): void;
}

/** A row of tabs and its panels; what has to be loaded is when it is first looked at. */
function tabbed(label: string, sections: [label: string, pane: HTMLElement, load?: () => Promise<void>][]): Tabs {
  const prefix = `aml-compare-${++serial}`;
  const panels = sections.map(([, pane], k) =>
    h("section", "panel", { role: "tabpanel", id: `${prefix}-${k}`, "aria-labelledby": `${prefix}-${k}-tab` }, pane),
  );
  const loaded = new Set<number>();
  let chosen = false;
  const buttons = sections.map(([text], k) => {
    const attributes = { type: "button", role: "tab", id: `${prefix}-${k}-tab`, "aria-controls": `${prefix}-${k}` };
    const tab = h("button", "tab", { ...attributes, click: () => choose(k) });
    setText(tab, text);
    tab.dataset["label"] = text;
    return tab;
  });
  const choose = (at: number): void => {
    buttons.forEach((tab, k) => {
      setAttribute(tab, "aria-selected", k === at);
      setAttribute(tab, "tabindex", k === at ? 0 : -1);
    });
    panels.forEach((panel, k) => show(panel, k === at));
    if (!loaded.has(at)) {
      loaded.add(at);
      void sections[at]?.[2]?.();
    }
  };
  const keyed = (event: KeyboardEvent): void => {
    const at = buttons.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
    const last = buttons.length - 1;
    const moves: Record<string, number> = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last };
    const to = moves[event.key];
    if (to !== undefined) {
      event.preventDefault();
      chosen = true;
      choose(to);
      buttons[to]?.focus();
    }
  };
  choose(0);
  const tabs = h("div", "tabs", { role: "tablist", "aria-label": label, keydown: keyed, click: () => (chosen = true) }, ...buttons);
  return { elements: [tabs, h("div", "panels", {}, ...panels)], begin: (at) => chosen || choose(at) };
}
