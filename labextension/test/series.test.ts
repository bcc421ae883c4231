import assert from "node:assert/strict";
import { test } from "node:test";
import { extremes, line, numericColumns, placeOf, smooth, shared, tableLines, timeAt, unfinished } from "../src/view/metrics/series.ts";
import { axisDuration, axisNumber } from "../src/view/metrics/ticks.ts";
import type { Metric } from "../src/view/source.ts";

const metric = (name: string, y: (number | string)[]): Metric => ({
  name,
  kind: "scalar",
  count: y.length,
  last: y.at(-1) ?? null,
  min: 1,
  max: 3,
  series: { step: y.map((_, k) => k), time: y.map((_, k) => k), y },
});

test("points come in rising order, with gaps for what cannot be drawn", () => {
  assert.deepEqual(line([2, 1, 3], { y: [20, "NaN", 30] }), { x: [1, 2, 3], y: [null, 20, 30] });
  assert.deepEqual(line([101, 102], { y: [1, 2] }, 100), { x: [1, 2], y: [1, 2] });
  assert.deepEqual(line([2, 1], { y: [1, 2], low: [0, 1], high: [2, 3] }).band, [
    [1, 0],
    [3, 2],
  ]);
});

test("smoothing begins without a bias and leaves gaps", () => {
  assert.deepEqual(smooth([4, 4, null, 4], 0.9), [4, 4, null, 4]);
  assert.deepEqual(smooth([1, 2], 0), [1, 2]);
  assert.ok(Math.abs((smooth([0, 1], 0.5)[1] ?? 0) - 2 / 3) < 1e-12);
});

test("the best value goes by the metric's name", () => {
  assert.deepEqual(extremes(metric("val/loss", [3, 1, 2])), [{ word: "min", value: 1, index: 1 }]);
  assert.deepEqual(extremes(metric("Accuracy", [3, 1, 2])), [{ word: "max", value: 3, index: 0 }]);
  assert.equal(extremes(metric("lr", [3, 1, 2])).length, 2);
  assert.deepEqual(extremes({ ...metric("loss", ["NaN"]), min: "NaN" }), []);
  assert.equal(unfinished(["NaN", 1, null, "Infinity"]), 3);
});

test("numeric columns of a table become lines", () => {
  const columns = { name: ["a", "b"], p: [1, 2], r: [2, "NaN"], flag: [true, false] };
  assert.deepEqual(
    numericColumns(columns).map(([name]) => name),
    ["p", "r"],
  );
  assert.deepEqual(tableLines({ x: [0.5, 1, 2], y: [5, 6, 7] }), { x: [0.5, 1, 2], ys: [["y", [5, 6, 7]]] });
  assert.deepEqual(tableLines({ a: [2, 1], b: [5, 6] }).x, [0, 1]);
  assert.deepEqual(tableLines({ name: ["a"] }), { x: [], ys: [] });
});

test("axis labels are short", () => {
  assert.deepEqual([0, 0.25, 1500, 25_000, 2e6, 0.0001].map(axisNumber), ["0", "0.25", "1500", "25k", "2M", "1e-4"]);
  assert.deepEqual([0, 30, 90, 7200, 172_800].map(axisDuration), ["0s", "30s", "1.5m", "2h", "2d"]);
});


test("a place on a chart has its time, and a time its place", () => {
  const series = { step: [1, 5, 9], time: [100, 140, 180], y: [1, 2, 3] };
  assert.equal(timeAt(series, "step", 90, 5), 140);
  assert.equal(timeAt(series, "step", 90, 6.5), 140);
  assert.equal(timeAt(series, "time", 90, 12.5), 102.5);
  assert.equal(placeOf(series, "step", 90, 165), 9);
  assert.equal(placeOf(series, "time", 90, 165), 75);
  assert.equal(placeOf({ step: [], time: [], y: [] }, "step", 0, 1), undefined);
});

test("lines with places of their own stand over all of them, and upright ones stay upright", () => {
  const own = shared([
    { name: "a", x: [0, 0, 1], y: [0, 0.5, 1] },
    { name: "b", x: [0, 0.5, "NaN"], y: [0.25, "NaN", 1] },
  ]);
  assert.deepEqual(own.x, [0, 0, 0, 0.5, 1]);
  assert.deepEqual(own.ys, [
    [0, 0.5, undefined, undefined, 1],
    [undefined, undefined, 0.25, null, undefined],
  ]);
  const same = shared([
    { name: "a", x: [1, 2], y: [3, 4] },
    { name: "b", x: [1, 2], y: [5, 6] },
  ]);
  assert.deepEqual(same, { x: [1, 2], ys: [[3, 4], [5, 6]] });
});
