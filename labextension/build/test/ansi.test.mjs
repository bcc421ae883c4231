// test/ansi.test.ts
import assert from "node:assert/strict";
import { test } from "node:test";

// src/view/logs/ansi.ts
var ESCAPES = (
  // eslint-disable-next-line no-control-regex
  /\x1b\[([0-9;:<=>?]*)[ -/]*([@-~])|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g
);
function settled(line) {
  if (!line.includes("\r")) {
    return line;
  }
  const parts = line.split("\r").filter((part) => part !== "");
  return parts.at(-1) ?? "";
}
function parse(line) {
  const text = settled(line);
  const spans = [];
  let style = {};
  let from = 0;
  const push = (to) => {
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
function plain(line) {
  return settled(line).replace(ESCAPES, "");
}
function applied(style, parameters) {
  const next = { ...style };
  const codes = parameters.split(/[;:]/).map((code) => code === "" ? 0 : Number(code));
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const [color, used] = extended(codes, at + 1);
      at += used;
      if (color !== void 0) {
        next[code === 38 ? "fg" : "bg"] = color;
      }
    } else {
      applyOne(next, code);
    }
  }
  return next;
}
var FLAGS = {
  1: "bold",
  2: "dim",
  3: "italic",
  4: "underline",
  7: "inverse",
  9: "strike"
};
var ENDS = {
  0: ["fg", "bg", "bold", "dim", "italic", "underline", "inverse", "strike"],
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  27: ["inverse"],
  29: ["strike"],
  39: ["fg"],
  49: ["bg"]
};
function applyOne(style, code) {
  for (const name of ENDS[code] ?? []) {
    delete style[name];
  }
  const flag = FLAGS[code];
  if (flag !== void 0) {
    Object.assign(style, { [flag]: true });
  }
  const inRange = (first) => code >= first && code < first + 8;
  if (inRange(30) || inRange(90)) {
    style.fg = code < 90 ? code - 30 : code - 82;
  } else if (inRange(40) || inRange(100)) {
    style.bg = code < 100 ? code - 40 : code - 92;
  }
}
function extended(codes, at) {
  if (codes[at] === 5) {
    return [indexed(codes[at + 1] ?? 0), 2];
  }
  if (codes[at] === 2) {
    const [r, g, b] = [1, 2, 3].map((k) => byte(codes[at + k]));
    return [`rgb(${r},${g},${b})`, 4];
  }
  return [void 0, 0];
}
function byte(value) {
  return Math.min(255, Math.max(0, value ?? 0));
}
function indexed(index) {
  const n = byte(index);
  if (n < 16) {
    return n;
  }
  if (n >= 232) {
    const grey = 8 + (n - 232) * 10;
    return `rgb(${grey},${grey},${grey})`;
  }
  const level = (part) => part === 0 ? 0 : 55 + part * 40;
  const cube = n - 16;
  return `rgb(${level(Math.floor(cube / 36))},${level(Math.floor(cube / 6) % 6)},${level(cube % 6)})`;
}

// test/ansi.test.ts
var ESC = "\x1B";
test("colours, weights and their ends", () => {
  assert.deepEqual(parse(`a${ESC}[1;31mb${ESC}[22mc${ESC}[0md`), [
    { text: "a", style: {} },
    { text: "b", style: { bold: true, fg: 1 } },
    { text: "c", style: { fg: 1 } },
    { text: "d", style: {} }
  ]);
});
test("bright, indexed and true colours", () => {
  const styles = (codes) => parse(`${ESC}[${codes}mx`)[0]?.style;
  assert.deepEqual(styles("92;103"), { fg: 10, bg: 11 });
  assert.deepEqual(styles("38;5;9"), { fg: 9 });
  assert.deepEqual(styles("38;5;196"), { fg: "rgb(255,0,0)" });
  assert.deepEqual(styles("48;5;232;4"), { bg: "rgb(8,8,8)", underline: true });
  assert.deepEqual(styles("38;2;1;2;300"), { fg: "rgb(1,2,255)" });
  assert.deepEqual(styles("7;3;2"), { inverse: true, italic: true, dim: true });
});
test("every other escape is dropped", () => {
  assert.equal(plain(`a${ESC}[2Kb${ESC}]0;title\x07c${ESC}]8;;http://x${ESC}\\d${ESC}(Be${ESC}7\bf`), "abcdef");
  assert.equal(plain(`cut ${ESC}[3`), "cut 3");
  assert.equal(plain(`never ended ${ESC}]0;title`), "never ended ");
  assert.equal(plain("tab	here, \xE9, \u6F22, \u{1F426}"), "tab	here, \xE9, \u6F22, \u{1F426}");
});
test("a line rewritten in place shows its last part", () => {
  assert.equal(settled("10%\r50%\r100%"), "100%");
  assert.equal(settled("windows\r"), "windows");
  assert.equal(settled("\r\r"), "");
});
test("a long hostile line is quick", () => {
  const line = `${ESC}]`.repeat(2e3) + `${ESC}[`.repeat(2e3) + ";".repeat(4e3);
  const before = performance.now();
  plain(line);
  assert.ok(performance.now() - before < 200);
});
