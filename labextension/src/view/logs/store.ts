/** The lines of one file that are here, and the asking for those that are not. */
import { reasonOf } from "../asking.ts";
import { hasEnded, runOf } from "../clock.ts";
import type { Lines, Seconds } from "../source.ts";
import type { View } from "../view.ts";

const CHUNK = 200;
const KEPT = 20_000;
const AT_ONCE = 2;
/** Milliseconds after which lines without a time are asked for again. */
const MARKED = 2500;

export class LineStore {
  total = 0;
  /** Why lines are missing, as a sentence; empty while all is well. */
  failure = "";
  private readonly lines = new Map<number, string>();
  private readonly times = new Map<number, Seconds | null>();
  private timesAskedAt = 0;
  private readonly pending = new Set<number>();
  private wanted: [first: number, end: number] = [0, 0];
  /** A last line may still be without its end: it is read anew when the file has grown. */
  private unsure = -1;
  private probed = false;

  constructor(
    private readonly view: View,
    readonly file: string,
    private readonly changed: () => void,
  ) {}

  get(line: number): string | undefined {
    return this.lines.get(line);
  }

  /** When a line was written: null where nobody watched, undefined where it is not known yet. */
  time(line: number): Seconds | null | undefined {
    return this.times.get(line);
  }

  accept({ first, total, lines, times }: Lines): void {
    this.setTotal(total);
    lines.forEach((text, k) => this.lines.set(first + k, text));
    let line = first;
    for (const [end, written] of times ?? []) {
      for (; line < end; line += 1) {
        this.times.set(line, written);
      }
    }
    if (first + lines.length >= total && lines.length > 0) {
      this.unsure = total - 1;
    }
    this.evict();
  }

  setTotal(total: number): void {
    if (total < this.total) {
      this.lines.clear();
      this.times.clear();
    } else if (total > this.total) {
      this.lines.delete(this.unsure);
      this.unsure = -1;
    }
    this.total = total;
  }

  /** Says which lines are looked at; the missing ones come later. */
  want(first: number, end: number): void {
    this.wanted = [Math.max(0, first), Math.min(this.total, end)];
    this.fetch();
  }

  /** Says that the times of the lines looked at are wanted too: lines that came in a flood may have none yet. */
  wantTimes(): void {
    const [first, end] = this.wanted;
    const now = Date.now();
    if (now - this.timesAskedAt < MARKED || hasEnded(runOf(this.view.source))) {
      return;
    }
    for (let line = first; line < end; line += 1) {
      if (this.lines.has(line) && !this.times.has(line) && line < this.total - 1) {
        this.timesAskedAt = now;
        void this.load(Math.floor(line / CHUNK));
        return;
      }
    }
  }

  /** Asks for the beginning of a file whose length nobody has told. */
  probe(): void {
    if (!this.probed) {
      this.probed = true;
      void this.load(0);
    }
  }

  private fetch(): void {
    const [first, end] = this.wanted;
    for (let line = first; line < end && this.pending.size < AT_ONCE; line += 1) {
      const chunk = Math.floor(line / CHUNK);
      if (!this.lines.has(line) && !this.pending.has(chunk)) {
        void this.load(chunk);
      }
    }
  }

  private async load(chunk: number): Promise<void> {
    this.pending.add(chunk);
    try {
      const answer = await this.view.ask("lines", { file: this.file, first: chunk * CHUNK, count: CHUNK });
      this.failure = "";
      this.pending.delete(chunk);
      if (answer.total >= this.total) {
        this.accept(answer);
      } else {
        this.accept({ ...answer, total: this.total });
      }
      if (answer.lines.length > 0) {
        this.fetch();
      }
    } catch (error) {
      this.failure = reasonOf(error);
      setTimeout(() => this.pending.delete(chunk), 3000);
    }
    this.changed();
  }

  private evict(): void {
    if (this.lines.size <= KEPT) {
      return;
    }
    const middle = (this.wanted[0] + this.wanted[1]) / 2;
    for (const line of this.lines.keys()) {
      if (Math.abs(line - middle) > KEPT / 4) {
        this.lines.delete(line);
        this.times.delete(line);
      }
    }
  }
}
