import assert from "node:assert/strict";
import { test } from "node:test";
import { marked, matches } from "../src/view/logs/marks.ts";
import { quoted } from "../src/view/logs/reason.ts";
import { ROW, Scale } from "../src/view/logs/scale.ts";

test("a query is text, not a pattern", () => {
  assert.deepEqual(matches("a.b axb a.B", "a.b", false), [
    [0, 3],
    [8, 11],
  ]);
  assert.deepEqual(matches("a.b a.B", "a.b", true), [[0, 3]]);
  assert.deepEqual(matches("abc", "", false), []);
});

test("marks cut pieces and keep their styles", () => {
  const spans = [
    { text: "abc", style: { bold: true } },
    { text: "def", style: {} },
  ];
  assert.deepEqual(
    marked(spans, [[2, 4]]).map(({ text, style, marked: inside }) => [text, style.bold ?? false, inside]),
    [
      ["ab", true, false],
      ["c", true, true],
      ["d", false, true],
      ["ef", false, false],
    ],
  );
});

test("a short file scrolls pixel for pixel", () => {
  const scale = new Scale(1000, 360);
  assert.equal(scale.exact, true);
  assert.equal(scale.height, 1000 * ROW);
  assert.equal(scale.lastTop, 980);
  assert.equal(scale.toTop(10 * ROW), 10);
  assert.equal(scale.toScroll(10), 10 * ROW);
});

test("a file of any length stays below the browsers' limit, and both ends are reached", () => {
  const scale = new Scale(100_000_000, 360);
  assert.equal(scale.exact, false);
  assert.ok(scale.height <= 8_000_000);
  assert.equal(scale.toTop(0), 0);
  assert.equal(scale.toTop(scale.height - 360), 99_999_980);
  assert.equal(scale.toScroll(99_999_980), scale.height - 360);
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
