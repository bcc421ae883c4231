/** Small helpers over the document. Text is only ever set as text. */

type Child = Node | string | null;
type Attributes = Record<string, string | number | boolean | null | ((event: never) => void)>;

const SVG = "http://www.w3.org/2000/svg";

/** An element named like `div.row.quiet`; attributes that are functions become listeners. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  classes = "",
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (classes !== "") {
    element.className = classes.replace(/\S+/g, "aml-$&");
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value as unknown as EventListener);
    } else {
      setAttribute(element, name, value);
    }
  }
  for (const child of children) {
    if (child !== null) {
      element.append(child);
    }
  }
  return element;
}

export function setAttribute(element: Element, name: string, value: string | number | boolean | null): void {
  const text = value === null ? null : String(value);
  if (text === null) {
    element.removeAttribute(name);
  } else if (element.getAttribute(name) !== text) {
    element.setAttribute(name, text);
  }
}

/** Sets the text only where it differs: a selection inside stays. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

export function show(element: HTMLElement, shown: boolean): void {
  if (element.hidden === shown) {
    element.hidden = !shown;
  }
}

export function button(label: string, classes: string, click: () => void, hint?: string): HTMLButtonElement {
  return h("button", `button ${classes}`, { type: "button", title: hint ?? null, click }, label);
}

/** A drawing of 16 by 16 in the text's colour; the words beside it say what it means. */
export function icon(path: string, classes = ""): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  setAttribute(svg, "viewBox", "0 0 16 16");
  setAttribute(svg, "aria-hidden", "true");
  setAttribute(svg, "class", `aml-icon ${classes.replace(/\S+/g, "aml-$&")}`);
  const shape = document.createElementNS(SVG, "path");
  setAttribute(shape, "d", path);
  svg.append(shape);
  return svg;
}

/** Makes the children be exactly these, in order. One that already stands right is not moved: a selection in it stays. */
export function arrange(parent: Element, children: readonly Node[]): void {
  const wanted = new Set(children);
  for (const child of [...parent.childNodes]) {
    if (!wanted.has(child)) {
      child.remove();
    }
  }
  let at = parent.firstChild;
  for (const child of children) {
    if (child === at) {
      at = at.nextSibling;
    } else {
      parent.insertBefore(child, at);
    }
  }
}
