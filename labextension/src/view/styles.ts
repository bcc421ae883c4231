/** The view's rules, put once into whatever root the view stands in. */
import uplot from "uplot/dist/uPlot.min.css";
import base from "./style/base.css";
import head from "./style/head.css";
import logs from "./style/logs.css";
import metrics from "./style/metrics.css";
import nodes from "./style/nodes.css";
import outputs from "./style/outputs.css";
import sheet from "./style/sheet.css";
import trials from "./style/trials.css";

const RULES = [uplot, base, head, logs, metrics, nodes, outputs, sheet, trials].join("\n");
const MARK = "data-aml-view";

export function ensureStyles(element: HTMLElement): void {
  const root = element.getRootNode();
  const target = root instanceof ShadowRoot ? root : document.head;
  const version = String(RULES.length); // two versions of the view may share a page
  if (target.querySelector(`style[${MARK}="${version}"]`) === null) {
    const style = document.createElement("style");
    style.setAttribute(MARK, version);
    style.textContent = RULES;
    target.append(style);
  }
}
