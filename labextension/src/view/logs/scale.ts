/** Lines to scroll pixels and back. A file may be higher than a browser lets an element be, so the two are scaled. */

/** Height of a line in pixels; the style sheet has the same. */
export const ROW = 18;

/** Browsers stop between 17 and 33 million pixels. */
const HIGHEST = 8_000_000;

export class Scale {
  constructor(
    readonly total: number,
    readonly viewHeight: number,
  ) {}

  /** Lines that fit, with their fraction. */
  get fits(): number {
    return this.viewHeight / ROW;
  }

  /** The first visible line, with its fraction, when the last line stands at the bottom. */
  get lastTop(): number {
    return Math.max(0, this.total - this.fits);
  }

  get height(): number {
    return Math.min(HIGHEST, this.total * ROW);
  }

  /** Whether a pixel scrolled is a pixel moved. */
  get exact(): boolean {
    return this.total * ROW <= HIGHEST;
  }

  private get range(): number {
    return Math.max(0, this.height - this.viewHeight);
  }

  toScroll(top: number, lastTop = this.lastTop): number {
    return lastTop > 0 ? Math.min(this.range, (top * this.range) / lastTop) : 0;
  }

  toTop(scroll: number, lastTop = this.lastTop): number {
    return this.range > 0 ? Math.min(1, Math.max(0, scroll / this.range)) * lastTop : 0;
  }
}
