/** Light or dark: from JupyterLab's own colours, else VS Code's mark, else the system's preference. */
import type { Scope } from "./scope.ts";

export class Theme {
  private readonly callbacks = new Set<() => void>();
  private colors = "";
  private readonly preference = matchMedia("(prefers-color-scheme: dark)");

  constructor(
    private readonly root: HTMLElement,
    scope: Scope,
  ) {
    const changed = scope.framed(() => this.apply());
    scope.listen(this.preference, "change", changed);
    const observer = new MutationObserver(changed);
    observer.observe(document.body, { attributes: true });
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "style"] });
    scope.add(() => observer.disconnect());
    // JupyterLab may load a theme's style sheet, which is in the body, after it has marked the body.
    scope.listen(document, "load", changed, { capture: true });
    // What is made before it is put into the page has no colours until then.
    scope.resized(this.root, () => this.apply());
  }

  onChange(callback: () => void): void {
    this.callbacks.add(callback);
  }

  /** A colour of this view by its variable, for drawings. */
  color(name: string): string {
    return getComputedStyle(this.root).getPropertyValue(`--aml-${name}`).trim();
  }

  apply(): void {
    this.root.dataset["theme"] = this.isDark() ? "dark" : "light";
    const colors = ["bg", "ink", "accent", "line"].map((name) => this.color(name)).join();
    if (colors !== this.colors) {
      this.colors = colors;
      this.callbacks.forEach((callback) => callback());
    }
  }

  private isDark(): boolean {
    const style = getComputedStyle(this.root);
    if (style.getPropertyValue("--jp-layout-color0").trim() !== "") {
      return isDarkColor(style.backgroundColor);
    }
    const marks = document.body.classList;
    if (marks.contains("vscode-light") || marks.contains("vscode-dark")) {
      return marks.contains("vscode-dark");
    }
    return this.preference.matches;
  }
}

/** True of a computed colour (`rgb(…)`) that is nearer to black than to white. */
export function isDarkColor(color: string): boolean {
  const [r = 255, g = 255, b = 255] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}
