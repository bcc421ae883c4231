/** Terminal text to styled pieces: colours and weights are kept, every other escape is dropped. */

/** 0-15 are the palette's own; a string is a CSS colour. */
export type Color = number | string;

export interface Style {
  fg?: Color;
  bg?: Color;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
  inverse?: boolean;
  strike?: boolean;
}

export interface Span {
  text: string;
  style: Style;
}

// CSI sequences, OSC and other strings up to their end (or the line's), two-byte escapes, other control characters.
const ESCAPES =
  // eslint-disable-next-line no-control-regex
  /\x1b\[([0-9;:<=>?]*)[ -/]*([@-~])|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** What a terminal would show of a line rewritten in place: the last part that holds anything. */
export function settled(line: string): string {
  if (!line.includes("\r")) {
    return line;
  }
  const parts = line.split("\r").filter((part) => part !== "");
  return parts.at(-1) ?? "";
}

export function parse(line: string): Span[] {
  const text = settled(line);
  const spans: Span[] = [];
  let style: Style = {};
  let from = 0;
  const push = (to: number): void => {
    if (to > from) {
      spans.push({ text: text.slice(from, to), style });
    }
  };
  for (const match of text.matchAll(ESCAPES)) {
    push(match.index);
    from = match.index + match[0].length;
    if (match[2] === "m") {
      style = applied(style, match[1] ?? "");
    }
  }
  push(text.length);
  return spans;
}

export function plain(line: string): string {
  return settled(line).replace(ESCAPES, "");
}

function applied(style: Style, parameters: string): Style {
  const next = { ...style };
  const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const [color, used] = extended(codes, at + 1);
      at += used;
      if (color !== undefined) {
        next[code === 38 ? "fg" : "bg"] = color;
      }
    } else {
      applyOne(next, code);
    }
  }
  return next;
}

const FLAGS: Record<number, keyof Style> = {
  1: "bold",
  2: "dim",
  3: "italic",
  4: "underline",
  7: "inverse",
  9: "strike",
};

const ENDS: Record<number, (keyof Style)[]> = {
  0: ["fg", "bg", "bold", "dim", "italic", "underline", "inverse", "strike"],
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  27: ["inverse"],
  29: ["strike"],
  39: ["fg"],
  49: ["bg"],
};

function applyOne(style: Style, code: number): void {
  for (const name of ENDS[code] ?? []) {
    delete style[name];
  }
  const flag = FLAGS[code];
  if (flag !== undefined) {
    Object.assign(style, { [flag]: true });
  }
  const inRange = (first: number): boolean => code >= first && code < first + 8;
  if (inRange(30) || inRange(90)) {
    style.fg = code < 90 ? code - 30 : code - 82;
  } else if (inRange(40) || inRange(100)) {
    style.bg = code < 100 ? code - 40 : code - 92;
  }
}

/** The colour after 38 or 48, and how many codes it took. */
function extended(codes: number[], at: number): [Color | undefined, number] {
  if (codes[at] === 5) {
    return [indexed(codes[at + 1] ?? 0), 2];
  }
  if (codes[at] === 2) {
    const [r, g, b] = [1, 2, 3].map((k) => byte(codes[at + k]));
    return [`rgb(${r},${g},${b})`, 4];
  }
  return [undefined, 0];
}

function byte(value: number | undefined): number {
  return Math.min(255, Math.max(0, value ?? 0));
}

/** A colour of the 256: 16 of the palette, a cube of 6 x 6 x 6, 24 greys. */
function indexed(index: number): Color {
  const n = byte(index);
  if (n < 16) {
    return n;
  }
  if (n >= 232) {
    const grey = 8 + (n - 232) * 10;
    return `rgb(${grey},${grey},${grey})`;
  }
  const level = (part: number): number => (part === 0 ? 0 : 55 + part * 40);
  const cube = n - 16;
  return `rgb(${level(Math.floor(cube / 36))},${level(Math.floor(cube / 6) % 6)},${level(cube % 6)})`;
}
