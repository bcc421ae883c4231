import assert from "node:assert/strict";
import { test } from "node:test";
import { ran } from "../src/view/clock.ts";
import { anyValue, duration, number, ofSize, size, ticking, toNumber } from "../src/view/format.ts";

test("time spans", () => {
  assert.deepEqual([0, 0.2, 9.94, 9.96, 14.7, 134, 3600, 90_000].map(duration), [
    "0 s",
    "0.2 s",
    "9.9 s",
    "9 s",
    "14 s",
    "2 m 14 s",
    "1 h 00 m",
    "1 d 01 h",
  ]);
  assert.equal(ticking(3.9), "3 s");
  assert.equal(duration(-5), "0 s");
});

test("a run takes from its script's start to its end", () => {
  assert.equal(ran({ started: null, ended: null }, 120), null);
  assert.equal(ran({ started: null, ended: 115 }, 120), null);
  assert.equal(ran({ started: 112, ended: null }, 120), 8);
  assert.equal(ran({ started: 112, ended: 116 }, 120), 4);
});

test("sizes", () => {
  assert.deepEqual([0, 999, 1000, 123_456, 999_600, 2.1e9].map(size), ["0 B", "999 B", "1.0 KB", "123 KB", "1.0 MB", "2.1 GB"]);
  assert.equal(ofSize(61e9, 80e9), "61.0 / 80.0 GB");
  assert.equal(ofSize(500e6, 8e9), "500 MB / 8.0 GB");
});

test("numbers", () => {
  assert.deepEqual([0, 0.123456, 12, 1234567, 0.00001234, 1e12, NaN, -Infinity].map(number), [
    "0",
    "0.12346",
    "12",
    "1,234,567",
    "1.234e-5",
    "1e12",
    "NaN",
    "-Infinity",
  ]);
});

test("what JSON cannot write comes as text", () => {
  assert.ok(Number.isNaN(toNumber("NaN")));
  assert.equal(toNumber("-Infinity"), -Infinity);
  assert.equal(toNumber("cpu"), null);
  assert.deepEqual(["cpu", "nan", true, null, [1, 2]].map(anyValue), ["cpu", "NaN", "true", "null", "[1,2]"]);
});
