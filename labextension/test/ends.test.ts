import assert from "node:assert/strict";
import { test } from "node:test";
import { Ends, type Seen } from "../src/commands/ends.ts";

function browser(): { read(): string | null; write(text: string): void } {
  let kept: string | null = null;
  return { read: () => kept, write: (text) => (kept = text) };
}

const run = (id: string, status: Seen["status"], created = 1): Seen => ({ id, status, created });

test("an end is told once, and not again after a reload", () => {
  const memory = browser();
  const page = new Ends(memory);
  assert.deepEqual(page.first([run("a", "Running"), run("old", "Failed")]), []);
  assert.equal(page.take(run("a", "Running")), false);
  assert.equal(page.take(run("a", "Completed")), true);
  assert.equal(page.take(run("a", "Completed")), false);
  assert.deepEqual(new Ends(memory).first([run("a", "Completed")]), []);
});

test("a run that ended while no page was open is told of by the next", () => {
  const memory = browser();
  new Ends(memory).first([run("a", "Running")]);
  assert.deepEqual(new Ends(memory).first([run("a", "Failed"), run("b", "Completed", 2)]), ["a"]);
});

test("a run that is over before it was seen alive is news; a change of an old one is not", () => {
  const page = new Ends(browser());
  page.first([run("a", "Completed", 10)]);
  assert.equal(page.take(run("b", "Failed", 11)), true);
  assert.equal(page.take(run("older", "Failed", 9)), false);
});

test("a run that is gone is forgotten, and a broken memory is an empty one", () => {
  const memory = browser();
  memory.write("{not json");
  const page = new Ends(memory);
  page.first([run("a", "Queued")]);
  page.forget("a");
  assert.equal(memory.read(), "[]");
});
