// test/logs.test.ts
import assert from "node:assert/strict";
import { test } from "node:test";

// src/view/logs/marks.ts
function matches(text, query, matchCase) {
  if (query === "") {
    return [];
  }
  const escaped = query.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = text.matchAll(new RegExp(escaped, matchCase ? "g" : "gi"));
  return [...found].map((match) => [match.index, match.index + match[0].length]);
}
function marked(spans, ranges) {
  const edges = ranges.flat();
  const result = [];
  let start = 0;
  for (const { text, style } of spans) {
    const end = start + text.length;
    const cuts = [start, ...edges.filter((edge) => edge > start && edge < end), end];
    cuts.slice(1).forEach((to, k) => {
      const from = cuts[k] ?? start;
      const inside = ranges.some(([a, b]) => from >= a && to <= b);
      result.push({ text: text.slice(from - start, to - start), style, marked: inside });
    });
    start = end;
  }
  return result;
}

// src/view/logs/reason.ts
function quoted(lines, reason) {
  const texts = lines.map((line) => line.trim());
  const at = texts.findLastIndex((text) => text.length > 3 && reason.includes(text));
  return at >= 0 ? at : texts.findLastIndex((text) => text !== "");
}

// src/view/logs/scale.ts
var ROW = 18;
var HIGHEST = 8e6;
var Scale = class {
  constructor(total, viewHeight) {
    this.total = total;
    this.viewHeight = viewHeight;
  }
  /** Lines that fit, with their fraction. */
  get fits() {
    return this.viewHeight / ROW;
  }
  /** The first visible line, with its fraction, when the last line stands at the bottom. */
  get lastTop() {
    return Math.max(0, this.total - this.fits);
  }
  get height() {
    return Math.min(HIGHEST, this.total * ROW);
  }
  /** Whether a pixel scrolled is a pixel moved. */
  get exact() {
    return this.total * ROW <= HIGHEST;
  }
  get range() {
    return Math.max(0, this.height - this.viewHeight);
  }
  toScroll(top, lastTop = this.lastTop) {
    return lastTop > 0 ? Math.min(this.range, top * this.range / lastTop) : 0;
  }
  toTop(scroll, lastTop = this.lastTop) {
    return this.range > 0 ? Math.min(1, Math.max(0, scroll / this.range)) * lastTop : 0;
  }
};

// test/logs.test.ts
test("a query is text, not a pattern", () => {
  assert.deepEqual(matches("a.b axb a.B", "a.b", false), [
    [0, 3],
    [8, 11]
  ]);
  assert.deepEqual(matches("a.b a.B", "a.b", true), [[0, 3]]);
  assert.deepEqual(matches("abc", "", false), []);
});
test("marks cut pieces and keep their styles", () => {
  const spans = [
    { text: "abc", style: { bold: true } },
    { text: "def", style: {} }
  ];
  assert.deepEqual(
    marked(spans, [[2, 4]]).map(({ text, style, marked: inside }) => [text, style.bold ?? false, inside]),
    [
      ["ab", true, false],
      ["c", true, true],
      ["d", false, true],
      ["ef", false, false]
    ]
  );
});
test("a short file scrolls pixel for pixel", () => {
  const scale = new Scale(1e3, 360);
  assert.equal(scale.exact, true);
  assert.equal(scale.height, 1e3 * ROW);
  assert.equal(scale.lastTop, 980);
  assert.equal(scale.toTop(10 * ROW), 10);
  assert.equal(scale.toScroll(10), 10 * ROW);
});
test("a file of any length stays below the browsers' limit, and both ends are reached", () => {
  const scale = new Scale(1e8, 360);
  assert.equal(scale.exact, false);
  assert.ok(scale.height <= 8e6);
  assert.equal(scale.toTop(0), 0);
  assert.equal(scale.toTop(scale.height - 360), 99999980);
  assert.equal(scale.toScroll(99999980), scale.height - 360);
});
test("a file that fits does not scroll", () => {
  const scale = new Scale(3, 360);
  assert.equal(scale.lastTop, 0);
  assert.equal(scale.toTop(5), 0);
  assert.equal(scale.toScroll(0), 0);
});
test("the reason's own line is found, else the last that says anything", () => {
  const lines = ["Traceback", "  x = 1", "ValueError: no", "bye", ""];
  assert.equal(quoted(lines, "The script ended with code 1. ValueError: no"), 2);
  assert.equal(quoted(lines, "It was killed."), 3);
  assert.equal(quoted([], "x"), -1);
});
