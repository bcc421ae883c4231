import assert from "node:assert/strict";
import { test } from "node:test";
import { relativePath, submitCell } from "../src/commands/cell.ts";

test("a folder is named from where the notebook is", () => {
  assert.equal(relativePath("birds", "birds"), ".");
  assert.equal(relativePath("birds/notebooks", "birds"), "..");
  assert.equal(relativePath("", "birds/src"), "birds/src");
  assert.equal(relativePath("fish/a", "birds"), "../../birds");
});

const LINE = "%aml_submit --env birds:2 train.py --lr 0.1";

test("the cell submits the same, from wherever the notebook is", () => {
  const used = ["import os", "%load_ext jupyter_ext"];
  assert.equal(submitCell(LINE, "birds", "birds", used), `run = ${LINE}`);
  assert.equal(submitCell(LINE, "my birds", "", used), "run = %aml_submit --source 'my birds' --env birds:2 train.py --lr 0.1");
  assert.equal(submitCell(LINE, "it's", "", used), `run = %aml_submit --source 'it'"'"'s' --env birds:2 train.py --lr 0.1`);
});

test("the cell loads the extension where none has", () => {
  assert.equal(submitCell(LINE, "a", "a", ["print(1)"]), `%load_ext jupyter_ext\nrun = ${LINE}`);
  for (const used of ["run = %aml_submit x.py", "  %load_ext  jupyter_ext", "%%aml_env birds"]) {
    assert.equal(submitCell(LINE, "a", "a", ["1", used]), `run = ${LINE}`);
  }
});
