// test/series.test.ts
import assert from "node:assert/strict";
import { test } from "node:test";

// src/view/format.ts
var SPECIAL = {
  nan: NaN,
  infinity: Infinity,
  inf: Infinity,
  "+inf": Infinity,
  "-infinity": -Infinity,
  "-inf": -Infinity
};
function toNumber(value) {
  if (typeof value === "number") {
    return value;
  }
  return typeof value === "string" ? SPECIAL[value.toLowerCase()] ?? null : null;
}
function finite(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

// src/view/metrics/series.ts
function line(xs, { y, low, high }, base = 0) {
  const order = xs.map((_, k) => k).filter((k) => Number.isFinite(xs[k]));
  const at = (k) => xs[k] ?? 0;
  if (order.some((k, j) => j > 0 && at(k) < at(order[j - 1] ?? 0))) {
    order.sort((a, b) => at(a) - at(b));
  }
  const values = (numbers) => order.map((k) => finite(numbers[k]));
  const result = { x: order.map((k) => at(k) - base), y: values(y) };
  if (low !== void 0 && high !== void 0) {
    result.band = [values(low), values(high)];
  }
  return result;
}
function smooth(ys, weight) {
  let sum = 0;
  let norm = 0;
  return ys.map((y) => {
    if (y === null) {
      return null;
    }
    sum = sum * weight + y * (1 - weight);
    norm = norm * weight + (1 - weight);
    return sum / norm;
  });
}
var SMALLER = /loss|err|rmse|mae|mse|perplexity|ppl|nll|wer\b|fid\b/i;
var LARGER = /acc|auc|f1|precision|recall|score|r2|map\b|iou|dice|bleu|rouge|reward|psnr|ssim/i;
function extremes(metric2) {
  const ys = metric2.series?.y ?? [];
  const words = SMALLER.test(metric2.name) ? ["min"] : LARGER.test(metric2.name) ? ["max"] : ["min", "max"];
  return words.flatMap((word) => {
    const value = toNumber(metric2[word]);
    return value === null || !Number.isFinite(value) ? [] : [{ word, value, index: ys.indexOf(value) }];
  });
}
function unfinished(ys) {
  return ys.reduce((n, y) => finite(y) === null ? n + 1 : n, 0);
}
function numericColumns(columns) {
  return Object.entries(columns).flatMap(([name, values]) => {
    const numbers = values.map((value) => typeof value === "boolean" ? null : toNumber(value));
    return values.length > 1 && numbers.every((n) => n !== null) ? [[name, numbers]] : [];
  });
}
function tableLines(columns) {
  const numeric = numericColumns(columns);
  const [first, second] = numeric;
  if (first !== void 0 && second !== void 0 && numeric.length === 2) {
    const x = first[1];
    if (x.every((value, k) => Number.isFinite(value) && (k === 0 || value > (x[k - 1] ?? 0)))) {
      return { x, ys: [second] };
    }
  }
  const rows = first?.[1].length ?? 0;
  return { x: Array.from({ length: rows }, (_, k) => k), ys: numeric.slice(0, 8) };
}

// src/view/metrics/ticks.ts
function axisNumber(value) {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e4 || magnitude > 0 && magnitude < 1e-3) {
    const units = [
      [1e9, "G"],
      [1e6, "M"],
      [1e3, "k"]
    ];
    const unit = units.find(([size]) => magnitude >= size && magnitude < 1e12);
    return unit === void 0 ? value.toExponential(1).replace(".0e", "e").replace("e+", "e") : `${Number((value / unit[0]).toPrecision(4))}${unit[1]}`;
  }
  return String(Number(value.toPrecision(6)));
}
function axisDuration(seconds) {
  const units = [
    [86400, "d"],
    [3600, "h"],
    [60, "m"]
  ];
  const [size, letter] = units.find(([length]) => seconds >= length) ?? [1, "s"];
  return `${Number((seconds / size).toFixed(1))}${letter}`;
}

// test/series.test.ts
var metric = (name, y) => ({
  name,
  kind: "scalar",
  count: y.length,
  last: y.at(-1) ?? null,
  min: 1,
  max: 3,
  series: { step: y.map((_, k) => k), time: y.map((_, k) => k), y }
});
test("points come in rising order, with gaps for what cannot be drawn", () => {
  assert.deepEqual(line([2, 1, 3], { y: [20, "NaN", 30] }), { x: [1, 2, 3], y: [null, 20, 30] });
  assert.deepEqual(line([101, 102], { y: [1, 2] }, 100), { x: [1, 2], y: [1, 2] });
  assert.deepEqual(line([2, 1], { y: [1, 2], low: [0, 1], high: [2, 3] }).band, [
    [1, 0],
    [3, 2]
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
    ["p", "r"]
  );
  assert.deepEqual(tableLines({ x: [0.5, 1, 2], y: [5, 6, 7] }), { x: [0.5, 1, 2], ys: [["y", [5, 6, 7]]] });
  assert.deepEqual(tableLines({ a: [2, 1], b: [5, 6] }).x, [0, 1]);
  assert.deepEqual(tableLines({ name: ["a"] }), { x: [], ys: [] });
});
test("axis labels are short", () => {
  assert.deepEqual([0, 0.25, 1500, 25e3, 2e6, 1e-4].map(axisNumber), ["0", "0.25", "1500", "25k", "2M", "1e-4"]);
  assert.deepEqual([0, 30, 90, 7200, 172800].map(axisDuration), ["0s", "30s", "1.5m", "2h", "2d"]);
});
