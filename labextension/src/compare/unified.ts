/** Reads what `diff -u` writes. */

export type Sign = "+" | "-" | " ";

export interface DiffLine {
  sign: Sign;
  /** Its number in the file before and in the file after, from 1; absent where it is not in that file. */
  before?: number;
  after?: number;
  text: string;
  /** The file ends here without a line end. */
  isOpen?: boolean;
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Its hunks, each as lines. */
export function hunksOf(diff: string): DiffLine[][] {
  const hunks: DiffLine[][] = [];
  let before = 0;
  let after = 0;
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    const start = HUNK.exec(line);
    const hunk = hunks.at(-1);
    if (start !== null) {
      before = Number(start[1]);
      after = Number(start[2]);
      hunks.push([]);
    } else if (hunk !== undefined) {
      const [sign, text] = [line.charAt(0), line.slice(1).replace(/\r$/, "")];
      const last = hunk.at(-1);
      if (sign === "+") {
        hunk.push({ sign, after: after++, text });
      } else if (sign === "-") {
        hunk.push({ sign, before: before++, text });
      } else if (sign === "\\" && last !== undefined) {
        last.isOpen = true;
      } else {
        hunk.push({ sign: " ", before: before++, after: after++, text });
      }
    }
  }
  return hunks;
}

/** How many lines came and went. */
export function countsOf(hunks: readonly (readonly DiffLine[])[]): { added: number; removed: number } {
  const signs = hunks.flatMap((lines) => lines.map(({ sign }) => sign));
  return { added: signs.filter((sign) => sign === "+").length, removed: signs.filter((sign) => sign === "-").length };
}
