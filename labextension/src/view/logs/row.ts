/** One line of a log as an element. */
import { h } from "../dom.ts";
import { type Color, parse, type Style } from "./ansi.ts";
import { type MarkedSpan, marked, matches } from "./marks.ts";

/** What stands before a line besides its number. */
export interface Stamp {
  short: string;
  exact: string;
}

export interface Highlight {
  query: string;
  matchCase: boolean;
}

export function row(
  line: number,
  text: string | undefined,
  highlight: Highlight,
  current: boolean,
  stamp?: Stamp,
): HTMLElement {
  const element = h("div", text === undefined ? "row pending" : current ? "row current" : "row");
  element.dataset["line"] = String(line + 1);
  if (stamp !== undefined) {
    element.dataset["time"] = stamp.short;
    element.title = stamp.exact;
  }
  if (text !== undefined) {
    const content = h("span", "text");
    content.append(...pieces(text, highlight));
    element.append(content);
  }
  return element;
}

function pieces(text: string, { query, matchCase }: Highlight): Node[] {
  const spans = parse(text);
  const ranges = matches(spans.map((span) => span.text).join(""), query, matchCase);
  return marked(spans, ranges).map(piece);
}

function piece({ text, style, marked: isMarked }: MarkedSpan): Node {
  if (!isMarked && Object.keys(style).length === 0) {
    return document.createTextNode(text);
  }
  const element = document.createElement(isMarked ? "mark" : "span");
  element.textContent = text;
  paint(element, style);
  return element;
}

function paint(element: HTMLElement, style: Style): void {
  const fg = style.inverse === true ? (style.bg ?? "var(--aml-bg)") : style.fg;
  const bg = style.inverse === true ? (style.fg ?? "var(--aml-ink)") : style.bg;
  if (fg !== undefined) {
    element.style.color = css(fg);
  }
  if (bg !== undefined) {
    element.style.background = css(bg);
  }
  const names = (["bold", "dim", "italic", "underline", "strike"] as const).filter((name) => style[name]);
  if (names.length > 0) {
    element.classList.add(...names.map((name) => `aml-${name}`));
  }
}

function css(color: Color): string {
  return typeof color === "number" ? `var(--aml-ansi-${color})` : color;
}
