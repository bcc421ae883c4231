import assert from "node:assert/strict";
import { test } from "node:test";
import { splitTable } from "../src/view/details/same.ts";
import { stampOf } from "../src/view/logs/times.ts";
import { settledText } from "../src/view/logs/alone.ts";
import { proposed } from "../src/view/outputs/register.ts";

test("details are split into what changed, what did not, and what is gone", () => {
  const before = [
    { title: "Run", rows: [["Run id", "a"], ["Script", "train.py"], ["Parent", "p"]] as [string, string][] },
    { title: "Git", rows: [["branch", "main"]] as [string, string][] },
  ];
  const split = splitTable({ title: "Run", rows: [["Run id", "b"], ["Script", "train.py"], ["Compute", "gpu"]] }, before);
  assert.deepEqual(split, {
    changed: [
      { name: "Run id", value: "b", was: "a" },
      { name: "Compute", value: "gpu", was: undefined },
    ],
    same: [["Script", "train.py"]],
    gone: [["Parent", "p"]],
  });
  assert.deepEqual(splitTable({ title: "New", rows: [["a", "1"]] }, before).changed, [{ name: "a", value: "1", was: undefined }]);
});

test("a line's time is its clock, and what it is after the start", () => {
  const stamp = stampOf(1e9 + 125, 1e9);
  assert.match(stamp.short, /^\d\d:48:45$/);
  assert.match(stamp.exact, /^2001-09-09 \d\d:48:45, 2 m 05 s after the start$/);
  assert.match(stampOf(1e9, null).exact, /^2001-09-09 \d\d:46:40$/);
  assert.deepEqual(stampOf(undefined, 1e9), { short: "", exact: "" });
  assert.equal(stampOf(null, 1e9).short, "–");
});

test("a log by itself is plain text, whatever its pieces", () => {
  const bytes = new TextEncoder().encode("\x1b[1mé\x1b[0m one\n10%\r100%\nlast");
  assert.equal(settledText([bytes.slice(0, 5), bytes.slice(5)]), "é one\n100%\nlast");
});

test("a model's name is proposed from the path, and is legal", () => {
  assert.equal(proposed("outputs/model.pt"), "model");
  assert.equal(proposed("outputs/my model (1).tar"), "my-model-1-");
  assert.equal(proposed("outputs/plots"), "plots");
  assert.equal(proposed("outputs/_.pt"), "model");
});
