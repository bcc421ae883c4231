import assert from "node:assert/strict";
import { test } from "node:test";
import { toText } from "../src/view/blobs.ts";
import { nearest, place, stretches } from "../src/view/nodes/spark.ts";
import { treeRows } from "../src/view/outputs/tree.ts";
import { crc32, zip } from "../src/view/outputs/zip.ts";
import { reached } from "../src/view/phases.ts";
import type { Phase } from "../src/view/source.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

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
      ["b.txt", 1],
    ],
  );
  assert.deepEqual([all[0]?.size, all[0]?.count], [30, 3]);
  assert.equal(treeRows(files, () => false).length, 2);
});

test("an archive has its checksums and its directory", async () => {
  assert.equal(crc32([bytes("1234"), bytes("56789")]), 0xcbf43926);
  const blob = zip([{ name: "a/é.txt", parts: [bytes("hi")] }]);
  const view = new DataView(await blob.arrayBuffer());
  assert.equal(view.getUint32(0, true), 0x04034b50);
  assert.equal(view.getUint32(view.byteLength - 22, true), 0x06054b50);
  assert.equal(view.getUint32(view.getUint32(view.byteLength - 6, true), true), 0x02014b50);
});

test("text is told from other bytes, also where a character is cut", () => {
  const whole = { parts: [bytes("aé").slice(0, 2), bytes("aé").slice(2)], mime: "", size: 3 };
  assert.equal(toText(whole), "aé");
  assert.equal(toText({ ...whole, parts: [bytes("aé").slice(0, 2)] }), "a");
  assert.equal(toText({ ...whole, parts: [new Uint8Array([0xff, 0xfe])] }), undefined);
  assert.equal(toText({ ...whole, parts: [new Uint8Array([65, 0])] }), undefined);
});

test("samples are found by time", () => {
  const t = [10, 20, 30];
  assert.deepEqual([0, 14, 16, 30, 99].map((time) => nearest(t, time)), [0, 0, 1, 2, 2]);
  assert.deepEqual([5, 10, 25, 40].map((time) => place(t, time)), [0, 0, 0.75, 1]);
  assert.equal(place([], 1), 0);
  assert.deepEqual(stretches([1, null, 2, 3]), [
    [0, 1],
    [2, 4],
  ]);
});

test("a failed phase is where the line stops", () => {
  const phase = (name: string, state: Phase["state"]): Phase => ({ name, state, start: null, end: null, note: null });
  const phases = [phase("Prepare", "done"), phase("Run", "failed"), phase("Finish", "pending")];
  assert.deepEqual(reached(phases).length, 2);
  assert.deepEqual(reached(phases.slice(2)).length, 1);
});
