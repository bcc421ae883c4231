/** Numbers and times as the reader sees them. */
import type { Num } from "./source.ts";

/** A time span: `0.2 s`, `14 s`, `2 m 05 s`, `3 h 07 m`, `2 d 04 h`. */
export function duration(seconds: number): string {
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
  return minutes < 1440
    ? `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`
    : `${Math.floor(minutes / 1440)} d ${pad(Math.floor(minutes / 60) % 24)} h`;
}

/** A time span that ticks: no tenths, so that its width stays. */
export function ticking(seconds: number): string {
  return seconds < 10 ? `${Math.floor(Math.max(0, seconds))} s` : duration(seconds);
}

function pad(n: number): string {
  return String(n).padStart(2, "0");
}

const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];

/** Bytes in powers of 1000, as the rest of the product writes them. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** A part of a whole, the unit once where both have it: `10.0 / 80.0 GB`. */
export function ofSize(part: number, whole: number): string {
  const [value, unit] = size(part).split(" ");
  const all = size(whole);
  return all.endsWith(` ${unit}`) ? `${value} / ${all}` : `${value} ${unit} / ${all}`;
}

const SPECIAL: Record<string, number> = {
  nan: NaN,
  infinity: Infinity,
  inf: Infinity,
  "+inf": Infinity,
  "-infinity": -Infinity,
  "-inf": -Infinity,
};

/** The number that JSON may have had to write as a string; null where it is none. */
export function toNumber(value: unknown): number | null {
  if (typeof value === "number") {
    return value;
  }
  return typeof value === "string" ? (SPECIAL[value.toLowerCase()] ?? null) : null;
}

/** What can be drawn: a finite number, else a gap. */
export function finite(value: Num | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A metric's value in about five significant digits. */
export function number(value: number): string {
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

/** Any logged value as text. */
export function anyValue(value: unknown): string {
  const n = toNumber(value);
  if (n !== null) {
    return number(n);
  }
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/** The exact local time, to the second. */
export function exactTime(unix: number): string {
  const d = new Date(unix * 1000);
  const date = `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`;
  return `${date} ${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`;
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
