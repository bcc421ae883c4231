import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trial } from "../src/view/source.ts";
import { bestSoFar, ordered } from "../src/view/trials/order.ts";

const trial = (number: number, best: Trial["best"], parameters: Record<string, unknown>, ended: number | null = null): Trial => ({
  id: `HD_1_${number}`,
  number,
  parameters,
  status: ended === null ? "Running" : "Completed",
  reason: null,
  best,
  last: best,
  started: 100,
  ended,
});

const TRIALS = [
  trial(1, 0.9, { lr: 0.5, units: "10" }, 130),
  trial(0, 0.2, { lr: 0.1, units: "9" }, 110),
  trial(2, null, { units: "2" }),
];
const numbers = (column: string, down: boolean): number[] =>
  ordered(TRIALS, { column, down }, 150).map((each) => each.number);

test("trials are in the order in which they come until a column is chosen", () => {
  assert.deepEqual(ordered(TRIALS, undefined, 0).map((each) => each.number), [1, 0, 2]);
  assert.deepEqual(numbers("number", false), [0, 1, 2]);
  assert.deepEqual(numbers("number", true), [2, 1, 0]);
});

test("what has no value comes last, whichever way", () => {
  assert.deepEqual(numbers("best", false), [0, 1, 2]);
  assert.deepEqual(numbers("best", true), [1, 0, 2]);
  assert.deepEqual(numbers("=lr", true), [1, 0, 2]);
});

test("parameters are ordered as numbers where they are, and those that live by their age", () => {
  assert.deepEqual(numbers("=units", false), [2, 0, 1]);
  assert.deepEqual(numbers("time", true), [2, 1, 0]);
});

test("the best so far goes by the goal", () => {
  assert.deepEqual(bestSoFar([null, 1, 3, 2, null], true), [null, 1, 3, 3, 3]);
  assert.deepEqual(bestSoFar([4, 1, 3], false), [4, 1, 1]);
});
