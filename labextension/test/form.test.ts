import assert from "node:assert/strict";
import { test } from "node:test";
import { type Desk, type Fault, FormModel, fresh, type Preview, remembered } from "../src/commands/form_model.ts";
import { summaryOf } from "../src/commands/summary.ts";

const PREVIEW: Preview = {
  experiment: "birds",
  files: 2,
  size: 10,
  limit: 300,
  largest: [],
  secrets: [],
  python: null,
  line: "%aml_submit train.py",
  errors: [],
};

class ScriptedDesk implements Desk {
  errors: Fault[] = [];
  asked: Record<string, unknown>[] = [];
  scripts: string[] = [];

  async preview(asked: object): Promise<Preview> {
    this.asked.push(asked as Record<string, unknown>);
    return { ...PREVIEW, errors: this.errors };
  }

  async submit(asked: object): Promise<{ id: string }> {
    this.asked.push(asked as Record<string, unknown>);
    if (this.errors.length > 0) {
      throw new Error("refused");
    }
    return { id: "birds_1" };
  }

  async choices() {
    return { scripts: this.scripts, experiments: [], environments: [], computes: [] };
  }

  faults(): Fault[] {
    return this.errors;
  }
}

function form(errors: Fault[] = [], scripts: string[] = []): { model: FormModel; desk: ScriptedDesk } {
  const desk = new ScriptedDesk();
  desk.errors = errors;
  desk.scripts = scripts;
  return { model: new FormModel(desk, fresh("birds"), "python3", () => undefined), desk };
}

test("what is wrong is told at a field that was touched, and everywhere once it was tried", async () => {
  const { model } = form([
    { field: "script", message: "Which script?" },
    { field: "nodes", message: "Too many." },
  ]);
  await model.open();
  assert.equal(model.fault("script"), undefined);
  assert.equal(await model.submit(), undefined);
  assert.equal(model.fault("script"), "Which script?");
  assert.equal(model.fault("nodes"), "Too many.");
  assert.equal(model.firstWrong, "script");
  model.set("script", "train.py");
  assert.equal(model.fault("script"), undefined); // until the server has looked again
  assert.equal(model.busy, false);
  model.close();
});

test("nothing chosen is null for the server", async () => {
  const { model, desk } = form();
  model.set("script", " train.py ");
  model.set("nodes", Number.NaN);
  assert.equal(await model.submit(), "birds_1");
  const { script, environment, experiment, nodes, kernel_name } = desk.asked.at(-1) ?? {};
  assert.deepEqual([script, environment, experiment, nodes, kernel_name], ["train.py", null, null, null, "python3"]);
});

test("the only script there is, is chosen; the line is that of the server", async () => {
  const { model } = form([], ["train.py", "birds.ipynb"]);
  await model.open();
  assert.equal(model.asked.script, "train.py");
  assert.equal(await model.line(), "%aml_submit train.py");
  model.close();
});

test("what was submitted last comes back, but the arguments of another script", () => {
  const kept = { ...fresh("birds"), script: "train.py", arguments: "--lr 1", nodes: 2, folder: "elsewhere", odd: 1, compute: 7 };
  assert.deepEqual(remembered(kept, "birds"), { ...fresh("birds"), script: "train.py", arguments: "--lr 1", nodes: 2 });
  assert.deepEqual(remembered(kept, "birds", "eval.py"), { ...fresh("birds"), script: "eval.py", nodes: 2 });
  assert.deepEqual(remembered("nonsense", "birds"), fresh("birds"));
});

test("the status bar counts what runs and what waits, and weighs GPUs by their number", () => {
  const gpu = (count: number, use: number | null) => ({ count, use, memory: null });
  assert.deepEqual(summaryOf([]), { running: 0, waiting: 0, gpu: null });
  assert.deepEqual(
    summaryOf([
      { status: "Running", gpu: gpu(3, 100) },
      { status: "Running", gpu: gpu(1, 0) },
      { status: "Running", gpu: gpu(8, null) },
      { status: "Queued", gpu: null },
      { status: "Preparing", gpu: null },
    ]),
    { running: 3, waiting: 2, gpu: 75 },
  );
});
