/** The tree of files, by pointer or keyboard. */
import { arrange, h, setAttribute } from "../dom.ts";
import { exactTime, size } from "../format.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";
import { type ListedFile, type TreeRow, treeRows } from "./tree.ts";

/** Folders with more than this begin folded. */
const MANY = 100;

/** What the reader has chosen in a tree. */
export interface TreeChoices {
  output?: string;
  folded?: string[];
}

export class TreeView {
  readonly element: HTMLElement;
  private files: readonly ListedFile[] = [];
  private rows: TreeRow[] = [];
  private readonly drawn = new Map<string, { key: string; element: HTMLElement }>();
  private readonly turned = new Map<string, boolean>();
  private at = "";

  constructor(
    view: View,
    label: string,
    private readonly choices: TreeChoices,
    private readonly chosen: (row: TreeRow) => void,
  ) {
    this.element = h("div", "tree", { role: "tree", "aria-label": label });
    choices.folded?.forEach((path) => this.turned.set(path, false));
    view.scope.listen<KeyboardEvent>(this.element, "keydown", (event) => this.key(event));
    view.scope.listen<MouseEvent>(this.element, "click", (event) => {
      const path = (event.target as HTMLElement).closest<HTMLElement>("[data-path]")?.dataset["path"];
      this.act(this.rows.find((row) => row.path === path));
    });
  }

  get isEmpty(): boolean {
    return this.files.length === 0;
  }

  update(files: readonly ListedFile[]): void {
    this.files = files;
    this.draw();
  }

  private draw(): void {
    this.rows = treeRows(this.files, (path, count) => this.turned.get(path) ?? count <= MANY);
    const chosen = this.choices.output;
    if (!this.rows.some(({ path }) => path === this.at)) {
      this.at = chosen ?? this.rows[0]?.path ?? "";
    }
    const elements = this.rows.map((row) => this.elementFor(row));
    arrange(this.element, elements);
    const tabbable = this.rows.findIndex(({ path }) => path === this.at);
    this.rows.forEach((row, k) => {
      const element = elements[k];
      if (element !== undefined) {
        setAttribute(element, "tabindex", k === Math.max(0, tabbable) ? 0 : -1);
        setAttribute(element, "aria-selected", row.path === chosen);
        setAttribute(element, "aria-expanded", row.file === undefined ? row.open : null);
      }
    });
  }

  private elementFor(row: TreeRow): HTMLElement {
    const key = JSON.stringify([row.size, row.file?.t, row.open]);
    const old = this.drawn.get(row.path);
    if (old?.key === key) {
      return old.element;
    }
    const element = rowElement(row);
    if (old?.element === document.activeElement) {
      requestAnimationFrame(() => element.focus());
    }
    this.drawn.set(row.path, { key, element });
    return element;
  }

  private act(row: TreeRow | undefined): void {
    if (row === undefined) {
      return;
    }
    this.at = row.path;
    this.choices.output = row.path;
    if (row.file === undefined) {
      this.turn(row, !row.open);
    } else {
      this.draw();
    }
    this.chosen(row);
  }

  private turn(row: TreeRow, open: boolean): void {
    this.turned.set(row.path, open);
    this.choices.folded = [...this.turned].filter(([, isOpen]) => !isOpen).map(([path]) => path);
    this.draw();
    this.focus();
  }

  private focus(): void {
    this.drawn.get(this.at)?.element.focus();
  }

  private key(event: KeyboardEvent): void {
    const at = this.rows.findIndex(({ path }) => path === this.at);
    const row = this.rows[at];
    const target = row === undefined ? undefined : this.target(event.key, at, row);
    if (target !== undefined) {
      this.at = target.path;
      this.draw();
      this.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      this.act(row);
    } else if (row?.file === undefined && row !== undefined && /^Arrow(Left|Right)$/.test(event.key)) {
      this.turn(row, event.key === "ArrowRight");
    } else {
      return;
    }
    event.preventDefault();
  }

  /** The row that a key moves to; undefined: it moves to none. */
  private target(key: string, at: number, row: TreeRow): TreeRow | undefined {
    switch (key) {
      case "ArrowDown":
        return this.rows[at + 1];
      case "ArrowUp":
        return this.rows[at - 1];
      case "Home":
        return this.rows[0];
      case "End":
        return this.rows.at(-1);
      case "ArrowLeft":
        return row.open ? undefined : this.rows.findLast((each, k) => k < at && each.level < row.level);
      case "ArrowRight":
        return row.open ? this.rows[at + 1] : undefined;
      default:
        return undefined;
    }
  }
}

function rowElement(row: TreeRow): HTMLElement {
  const isFolder = row.file === undefined;
  const mark = h("span", "mark", { "aria-hidden": "true" }, isFolder ? (row.open ? "▾" : "▸") : "");
  const name = h("span", isFolder ? "file-name folder" : "file-name", {}, row.name);
  const changed = row.file?.t === undefined ? "" : strings.changed(exactTime(row.file.t));
  const about = isFolder ? strings.fileCount(row.count, size(row.size)) : changed;
  return h(
    "div",
    "tree-row",
    {
      role: "treeitem",
      "aria-level": row.level,
      "data-path": row.path,
      title: `${row.path}\n${about}`,
      style: `--aml-level: ${row.level - 1}`,
    },
    mark,
    name,
    h("span", "file-size", {}, size(row.size)),
  );
}
