// test/outputs.test.ts
import assert from "node:assert/strict";
import { test } from "node:test";

// src/view/blobs.ts
var PIECE = 1 << 20;
function toText({ parts }) {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    const text = parts.map((part) => decoder.decode(part, { stream: true })).join("");
    return text.includes("\0") ? void 0 : text;
  } catch {
    return void 0;
  }
}

// src/view/format.ts
function baseName(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}

// src/view/nodes/spark.ts
function place(t, time) {
  const first = t[0] ?? 0;
  const span = (t.at(-1) ?? first) - first;
  return span > 0 ? Math.min(1, Math.max(0, (time - first) / span)) : 0;
}
function nearest(t, time) {
  let low = 0;
  let high = t.length - 1;
  while (low < high) {
    const middle = low + high >> 1;
    if ((t[middle] ?? 0) < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const before = t[low - 1];
  return before !== void 0 && time - before < (t[low] ?? time) - time ? low - 1 : low;
}
function stretches(values) {
  const result = [];
  values.forEach((value, k) => {
    const last = result.at(-1);
    if (value === null) {
      return;
    }
    if (last !== void 0 && last[1] === k) {
      last[1] = k + 1;
    } else {
      result.push([k, k + 1]);
    }
  });
  return result;
}

// src/view/outputs/tree.ts
function treeRows(files, isOpen) {
  const rows = [];
  addRows(rows, folderOf(files), 1, isOpen);
  return rows;
}
function newFolder(path) {
  return { path, folders: /* @__PURE__ */ new Map(), files: [], size: 0, count: 0 };
}
function folderOf(files) {
  const root = newFolder("");
  for (const file of files) {
    let folder = root;
    for (const part of file.name.split("/").slice(0, -1)) {
      const path = folder.path === "" ? part : `${folder.path}/${part}`;
      const next = folder.folders.get(part) ?? newFolder(path);
      folder.folders.set(part, next);
      next.size += file.size;
      next.count += 1;
      folder = next;
    }
    folder.files.push(file);
  }
  return root;
}
var ORDER = new Intl.Collator("en", { numeric: true });
function addRows(rows, folder, level, isOpen) {
  const folders = [...folder.folders.entries()].sort(([a], [b]) => ORDER.compare(a, b));
  for (const [name, inner] of folders) {
    const open = isOpen(inner.path, inner.count);
    rows.push({ path: inner.path, name, level, size: inner.size, count: inner.count, open });
    if (open) {
      addRows(rows, inner, level + 1, isOpen);
    }
  }
  for (const file of [...folder.files].sort((a, b) => ORDER.compare(a.name, b.name))) {
    const name = baseName(file.name);
    rows.push({ path: file.name, name, level, file, size: file.size, count: 1, open: false });
  }
}

// src/view/outputs/zip.ts
var TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit += 1) {
    c = c & 1 ? 3988292384 ^ c >>> 1 : c >>> 1;
  }
  return c;
});
function crc32(parts) {
  let crc = 4294967295;
  for (const part of parts) {
    for (let k = 0; k < part.length; k += 1) {
      crc = (TABLE[(crc ^ (part[k] ?? 0)) & 255] ?? 0) ^ crc >>> 8;
    }
  }
  return (crc ^ 4294967295) >>> 0;
}
function zip(entries) {
  const body = [];
  const directory = [];
  let offset = 0;
  for (const { name, parts } of entries) {
    const path = new TextEncoder().encode(name);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const common = fields(length, crc32(parts), path.length);
    const local = record(67324752, [], common, [], path);
    body.push(local, ...parts);
    directory.push(record(33639248, [20], common, [0, 0, 0, 0, 0, offset & 65535, offset >>> 16], path));
    offset += local.length + length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = entries.length;
  const end = record(101010256, [0, 0, count, count], [...split(size), ...split(offset), 0], [], new Uint8Array());
  return new Blob([...body, ...directory, end], { type: "application/zip" });
}
function fields(length, crc, nameLength) {
  return [20, 2048, 0, 0, 33, ...split(crc), ...split(length), ...split(length), nameLength, 0];
}
function split(value) {
  return [value & 65535, value >>> 16];
}
function record(signature, before, common, after, name) {
  const words = [...split(signature), ...before, ...common, ...after];
  const bytes2 = new Uint8Array(words.length * 2 + name.length);
  const view = new DataView(bytes2.buffer);
  words.forEach((word, k) => view.setUint16(k * 2, word, true));
  bytes2.set(name, words.length * 2);
  return bytes2;
}

// src/view/phases.ts
function reached(phases2) {
  const end = phases2.findIndex((phase) => phase.state === "failed" || phase.state === "canceled");
  return end < 0 ? phases2 : phases2.slice(0, end + 1);
}

// test/outputs.test.ts
var bytes = (text) => new TextEncoder().encode(text);
test("paths become a tree, folders first, numbers in order", () => {
  const files = ["b.txt", "a/2.txt", "a/10.txt", "a/c/x"].map((name) => ({ name, size: 10, t: 0 }));
  const all = treeRows(files, () => true);
  assert.deepEqual(
    all.map(({ path, level }) => [path, level]),
    [
      ["a", 1],
      ["a/c", 2],
      ["a/c/x", 3],
      ["a/2.txt", 2],
      ["a/10.txt", 2],
      ["b.txt", 1]
    ]
  );
  assert.deepEqual([all[0]?.size, all[0]?.count], [30, 3]);
  assert.equal(treeRows(files, () => false).length, 2);
});
test("an archive has its checksums and its directory", async () => {
  assert.equal(crc32([bytes("1234"), bytes("56789")]), 3421780262);
  const blob = zip([{ name: "a/\xE9.txt", parts: [bytes("hi")] }]);
  const view = new DataView(await blob.arrayBuffer());
  assert.equal(view.getUint32(0, true), 67324752);
  assert.equal(view.getUint32(view.byteLength - 22, true), 101010256);
  assert.equal(view.getUint32(view.getUint32(view.byteLength - 6, true), true), 33639248);
});
test("text is told from other bytes, also where a character is cut", () => {
  const whole = { parts: [bytes("a\xE9").slice(0, 2), bytes("a\xE9").slice(2)], mime: "", size: 3 };
  assert.equal(toText(whole), "a\xE9");
  assert.equal(toText({ ...whole, parts: [bytes("a\xE9").slice(0, 2)] }), "a");
  assert.equal(toText({ ...whole, parts: [new Uint8Array([255, 254])] }), void 0);
  assert.equal(toText({ ...whole, parts: [new Uint8Array([65, 0])] }), void 0);
});
test("samples are found by time", () => {
  const t = [10, 20, 30];
  assert.deepEqual([0, 14, 16, 30, 99].map((time) => nearest(t, time)), [0, 0, 1, 2, 2]);
  assert.deepEqual([5, 10, 25, 40].map((time) => place(t, time)), [0, 0, 0.75, 1]);
  assert.equal(place([], 1), 0);
  assert.deepEqual(stretches([1, null, 2, 3]), [
    [0, 1],
    [2, 4]
  ]);
});
test("a failed phase is where the line stops", () => {
  const phase = (name, state) => ({ name, state, start: null, end: null, note: null });
  const phases2 = [phase("Prepare", "done"), phase("Run", "failed"), phase("Finish", "pending")];
  assert.deepEqual(reached(phases2).length, 2);
  assert.deepEqual(reached(phases2.slice(2)).length, 1);
});
