/** A part's style sheet, put into the page once. */

export function ensureRules(part: string, rules: string): void {
  const mark = `data-aml-${part}`;
  if (document.head.querySelector(`style[${mark}]`) === null) {
    const style = document.createElement("style");
    style.setAttribute(mark, "");
    style.textContent = rules;
    document.head.append(style);
  }
}
