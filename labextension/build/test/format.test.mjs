// test/format.test.ts
import assert from "node:assert/strict";
import { test } from "node:test";

// src/view/format.ts
function duration(seconds) {
  const s = Math.max(0, seconds);
  if (s < 9.95) {
    return s < 0.05 ? "0 s" : `${s.toFixed(1)} s`;
  }
  const whole = Math.floor(s);
  if (whole < 60) {
    return `${whole} s`;
  }
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} m ${pad(whole % 60)} s`;
  }
  const minutes = Math.floor(whole / 60);
  return minutes < 1440 ? `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m` : `${Math.floor(minutes / 1440)} d ${pad(Math.floor(minutes / 60) % 24)} h`;
}
function ticking(seconds) {
  return seconds < 10 ? `${Math.floor(Math.max(0, seconds))} s` : duration(seconds);
}
function pad(n) {
  return String(n).padStart(2, "0");
}
var UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];
function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1e3;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
function ofSize(part, whole) {
  const [value, unit] = size(part).split(" ");
  const all = size(whole);
  return all.endsWith(` ${unit}`) ? `${value} / ${all}` : `${value} ${unit} / ${all}`;
}
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
function number(value) {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }
  const magnitude = Math.abs(value);
  if (Number.isInteger(value) && magnitude < 1e9) {
    return value.toLocaleString("en-US");
  }
  if (magnitude < 1e-4 || magnitude >= 1e9) {
    return value.toExponential(3).replace(/\.?0+e/, "e").replace("e+", "e");
  }
  return String(Number(value.toPrecision(5)));
}
function anyValue(value) {
  const n = toNumber(value);
  if (n !== null) {
    return number(n);
  }
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

// test/format.test.ts
test("time spans", () => {
  assert.deepEqual([0, 0.2, 9.94, 9.96, 14.7, 134, 3600, 9e4].map(duration), [
    "0 s",
    "0.2 s",
    "9.9 s",
    "9 s",
    "14 s",
    "2 m 14 s",
    "1 h 00 m",
    "1 d 01 h"
  ]);
  assert.equal(ticking(3.9), "3 s");
  assert.equal(duration(-5), "0 s");
});
test("sizes", () => {
  assert.deepEqual([0, 999, 1e3, 123456, 999600, 21e8].map(size), ["0 B", "999 B", "1.0 KB", "123 KB", "1.0 MB", "2.1 GB"]);
  assert.equal(ofSize(61e9, 8e10), "61.0 / 80.0 GB");
  assert.equal(ofSize(5e8, 8e9), "500 MB / 8.0 GB");
});
test("numbers", () => {
  assert.deepEqual([0, 0.123456, 12, 1234567, 1234e-8, 1e12, NaN, -Infinity].map(number), [
    "0",
    "0.12346",
    "12",
    "1,234,567",
    "1.234e-5",
    "1e12",
    "NaN",
    "-Infinity"
  ]);
});
test("what JSON cannot write comes as text", () => {
  assert.ok(Number.isNaN(toNumber("NaN")));
  assert.equal(toNumber("-Infinity"), -Infinity);
  assert.equal(toNumber("cpu"), null);
  assert.deepEqual(["cpu", "nan", true, null, [1, 2]].map(anyValue), ["cpu", "NaN", "true", "null", "[1,2]"]);
});
