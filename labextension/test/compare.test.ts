import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf } from "../src/compare/facts.ts";
import type { Fact } from "../src/compare/model.ts";
import { overlay, sharedNames, valueNear } from "../src/compare/overlay.ts";
import { countsOf, hunksOf } from "../src/compare/unified.ts";
import { runsOf } from "../src/mime/named.ts";

test("lines of several runs stand over the union of their places", () => {
  const found = overlay([{ x: [1, 2], y: [10, null] }, undefined, { x: [2, 3], y: [20, 30] }]);
  assert.deepEqual(found.x, [1, 2, 3]);
  assert.deepEqual(found.ys, [
    [10, null, undefined],
    [undefined, undefined, undefined],
    [undefined, 20, 30],
  ]);
});

test("a line's value is that of its own nearest point", () => {
  const drawn = overlay([
    { x: [0, 10], y: [1, 2] },
    { x: [4, 5, 6], y: [3, 4, 5] },
  ]);
  assert.deepEqual(drawn.x, [0, 4, 5, 6, 10]);
  assert.equal(valueNear(drawn, 0, 1), 1);
  assert.equal(valueNear(drawn, 0, 3), 2);
  assert.equal(valueNear(drawn, 1, 4), 5);
  assert.equal(valueNear(overlay([undefined]), 0, 0), null);
});

test("what all runs have comes first in its group", () => {
  const fact = (group: string, name: string, ...values: (string | null)[]): Fact => ({ group, name, values });
  const found = {
    runs: [],
    facts: [
      fact("metrics", "acc", null, "1"),
      fact("metrics", "loss", "1", "2"),
      fact("run", "status", "a", "b"),
      fact("metrics", "auc", "1", "2"),
      fact("arguments", "--lr", "1", "2"),
    ],
    same: [{ group: "metrics", name: "epochs", value: "3" }],
  };
  assert.deepEqual(rowsOf(found, true).map(({ name }) => name), ["--lr", "auc", "epochs", "loss", "acc", "status"]);
});

test("metrics that most runs have come first", () => {
  assert.deepEqual(sharedNames([["lr", "loss"], ["loss", "acc"], ["acc"]]), ["acc", "loss", "lr"]);
});

const DIFF = `--- train.py
+++ train.py
@@ -1,3 +1,3 @@
 import torch
-lr = 0.1
+lr = 0.2
 --- not a head
@@ -10 +10,2 @@
-old
\\ No newline at end of file
+new
+--- neither
`;

test("a unified diff is read with the numbers of its lines", () => {
  const [first, second] = hunksOf(DIFF);
  assert.deepEqual(first, [
    { sign: " ", before: 1, after: 1, text: "import torch" },
    { sign: "-", before: 2, text: "lr = 0.1" },
    { sign: "+", after: 2, text: "lr = 0.2" },
    { sign: " ", before: 3, after: 3, text: "--- not a head" },
  ]);
  assert.deepEqual(second, [
    { sign: "-", before: 10, text: "old", isOpen: true },
    { sign: "+", after: 10, text: "new" },
    { sign: "+", after: 11, text: "--- neither" },
  ]);
  assert.deepEqual(countsOf(hunksOf(DIFF)), { added: 3, removed: 2 });
  assert.deepEqual(hunksOf(""), []);
});

test("a comparison in a notebook names two runs at least, and nothing odd", () => {
  const runs = [
    { id: "birds_1", created: 1 },
    { id: "birds_2", created: 2 },
  ];
  assert.deepEqual(runsOf({ workspace: "default", runs }), runs.map((run) => ({ workspace: "default", ...run })));
  const odd: unknown[] = [null, {}, { workspace: "../x", runs }, { workspace: "default", runs: runs.slice(1) }];
  odd.push({ workspace: "default", runs: [...runs, { id: "<b>", created: 3 }] }, { workspace: "default", runs: [1, 2] });
  odd.forEach((data) => assert.equal(runsOf(data), undefined));
});
