/** Paths as rows of a tree. No drawing here. */
import { baseName } from "../format.ts";
import type { Seconds } from "../source.ts";

export interface ListedFile {
  name: string;
  size: number;
  /** When it was changed, where that is known. */
  t?: Seconds;
}

export interface TreeRow {
  path: string;
  name: string;
  level: number;
  /** Absent: a folder. */
  file?: ListedFile;
  /** All bytes under a folder. */
  size: number;
  count: number;
  open: boolean;
}

interface Folder {
  path: string;
  folders: Map<string, Folder>;
  files: ListedFile[];
  size: number;
  count: number;
}

/** The visible rows: folders before files, by name. */
export function treeRows(files: readonly ListedFile[], isOpen: (path: string, count: number) => boolean): TreeRow[] {
  const rows: TreeRow[] = [];
  addRows(rows, folderOf(files), 1, isOpen);
  return rows;
}

function newFolder(path: string): Folder {
  return { path, folders: new Map(), files: [], size: 0, count: 0 };
}

function folderOf(files: readonly ListedFile[]): Folder {
  const root = newFolder("");
  for (const file of files) {
    let folder = root;
    for (const part of file.name.split("/").slice(0, -1)) {
      const path = folder.path === "" ? part : `${folder.path}/${part}`;
      const next = folder.folders.get(part) ?? newFolder(path);
      folder.folders.set(part, next);
      next.size += file.size;
      next.count += 1;
      folder = next;
    }
    folder.files.push(file);
  }
  return root;
}

const ORDER = new Intl.Collator("en", { numeric: true });

function addRows(
  rows: TreeRow[],
  folder: Folder,
  level: number,
  isOpen: (path: string, count: number) => boolean,
): void {
  const folders = [...folder.folders.entries()].sort(([a], [b]) => ORDER.compare(a, b));
  for (const [name, inner] of folders) {
    const open = isOpen(inner.path, inner.count);
    rows.push({ path: inner.path, name, level, size: inner.size, count: inner.count, open });
    if (open) {
      addRows(rows, inner, level + 1, isOpen);
    }
  }
  for (const file of [...folder.files].sort((a, b) => ORDER.compare(a.name, b.name))) {
    const name = baseName(file.name);
    rows.push({ path: file.name, name, level, file, size: file.size, count: 1, open: false });
  }
}
