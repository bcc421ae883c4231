/** Which part of a long list of rows is drawn. */

export interface Layout {
  /** Where each row begins, and where the last ends. */
  readonly offsets: Float64Array;
  readonly height: number;
}

export function layoutOf(heights: readonly number[]): Layout {
  const offsets = new Float64Array(heights.length + 1);
  heights.forEach((height, index) => {
    offsets[index + 1] = (offsets[index] ?? 0) + height;
  });
  return { offsets, height: offsets[heights.length] ?? 0 };
}

/** The rows from `first` to before `end` touch what is seen, with some more on either side. */
export function visible({ offsets }: Layout, top: number, height: number, more: number): { first: number; end: number } {
  const count = offsets.length - 1;
  const first = Math.max(0, rowAt(offsets, top) - more);
  const end = Math.min(count, rowAt(offsets, top + height) + 1 + more);
  return { first: Math.min(first, count), end };
}

/** Where to scroll so that a row is seen whole, from where one is. */
export function scrolledTo({ offsets }: Layout, index: number, top: number, height: number): number {
  const start = offsets[index] ?? 0;
  const end = offsets[index + 1] ?? start;
  return start < top ? start : end > top + height ? end - height : top;
}

function rowAt(offsets: Float64Array, y: number): number {
  let low = 0;
  let high = Math.max(0, offsets.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= y) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}
