import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { IRenderMime } from "@jupyterlab/rendermime";
import type { Api } from "../src/lab/api.ts";
import { keepEnd } from "../src/mime/ending.ts";
import type { Connection } from "../src/view/connection.ts";
import { SocketSource } from "../src/view/socket.ts";

const NAME = "run/default/birds_1";
const END = { "text/html": "the end", "text/plain": "✓ Completed  birds / birds_1" };
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Output {
  changes = 0;

  constructor(
    readonly trusted: boolean,
    public data: Record<string, unknown>,
  ) {}

  setData({ data }: { data: Record<string, unknown> }): void {
    this.data = data;
    this.changes += 1;
  }
}

function shown(t: TestContext, text: string, trusted = true) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const output = new Output(trusted, { "text/html": "<b>", "text/plain": text, "x/y": { z: 1 } });
  const source = new SocketSource({ add: () => undefined } as unknown as Connection, NAME);
  const asked: string[] = [];
  const bundle = (...names: string[]): Promise<typeof END> => Promise.resolve(END).finally(() => asked.push(...names));
  const model = (): IRenderMime.IMimeModel => output as unknown as IRenderMime.IMimeModel;
  const run = { workspace: "default", id: "birds_1", created: 1 };
  const letGo = keepEnd(run, source, { bundle } as unknown as Api, model);
  let n = 0;
  const tell = (status: string): void =>
    source.received({ events: [{ topic: NAME, event: "run", n: ++n, data: { status } }] }, []);
  const pass = async (): Promise<void> => {
    t.mock.timers.tick(10_000);
    await settled();
  };
  return { output, asked, letGo, tell, pass };
}

test("an output that tells of an earlier state is given the end, once, and keeps what else it has", async (t) => {
  const { output, asked, tell, pass } = shown(t, "● NotStarted  birds / birds_1");
  tell("Running");
  await pass();
  assert.deepEqual(asked, []);
  tell("Completed");
  tell("Completed");
  await pass();
  assert.deepEqual(output.data, { ...END, "x/y": { z: 1 } });
  tell("Completed");
  await pass();
  assert.deepEqual([output.changes, asked], [1, ["default", "birds_1"]]);
});

for (const [what, text, trusted] of [
  ["has the end", "✓ Completed  birds / birds_1", true],
  ["nobody trusts", "● NotStarted  birds / birds_1", false],
  ["is a text of another kind", "saved", true],
] as const) {
  test(`an output that ${what} is left as it is`, async (t) => {
    const { output, asked, tell, pass } = shown(t, text, trusted);
    tell("Completed");
    await pass();
    assert.deepEqual([output.changes, asked], [0, []]);
  });
}

test("an end that the kernel sends is not asked for, nor one of an output that is gone", async (t) => {
  const { output, asked, letGo, tell, pass } = shown(t, "● Running  birds / birds_1");
  tell("Completed");
  output.data = { ...END };
  await pass();
  output.data = { "text/plain": "● Running  birds / birds_1" };
  tell("Completed");
  letGo();
  await pass();
  assert.deepEqual([output.changes, asked], [0, []]);
});
