/** A run's files in the browser's memory: read piece by piece, let go when no longer shown. */
import type { Scope } from "./scope.ts";
import type { View } from "./view.ts";

const PIECE = 1 << 20;

export interface Loaded {
  parts: Uint8Array[];
  mime: string;
  /** Size of the whole file, which may be more than was read. */
  size: number;
}

/** The requests for a part of a file: of those that the run wrote, of those that were sent. */
export type FileOperation = "file" | "snapshot_file";

interface Loading {
  op?: FileOperation;
  limit?: number;
  progress?: (done: number, size: number) => void;
}

/** Reads a file from its beginning, at most `limit` bytes. */
export async function load(view: View, name: string, loading: Loading = {}): Promise<Loaded> {
  const { op = "file", limit = Infinity, progress } = loading;
  const parts: Uint8Array[] = [];
  let done = 0;
  for (;;) {
    const chunk = await view.ask(op, { name, offset: done, limit: Math.min(PIECE, limit - done) });
    parts.push(chunk.data);
    done += chunk.data.length;
    progress?.(done, chunk.size);
    if (done >= Math.min(limit, chunk.size) || chunk.data.length === 0) {
      return { parts, mime: chunk.mime, size: chunk.size };
    }
  }
}

export function toBlob({ parts, mime }: Loaded): Blob {
  return new Blob(parts, { type: mime });
}

/** Text, or undefined for what is none. A character cut at the end is left out. */
export function toText({ parts }: Loaded): string | undefined {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    const text = parts.map((part) => decoder.decode(part, { stream: true })).join("");
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Addresses of blobs, each revoked when another takes its place or the view goes. */
export class BlobUrl {
  private url = "";

  constructor(scope: Scope) {
    scope.add(() => this.clear());
  }

  set(blob: Blob): string {
    this.clear();
    this.url = URL.createObjectURL(blob);
    return this.url;
  }

  clear(): void {
    URL.revokeObjectURL(this.url);
    this.url = "";
  }
}

/** Hands a blob to the browser as a download. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may still be reading it
}
