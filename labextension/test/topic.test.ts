import assert from "node:assert/strict";
import { test } from "node:test";
import { Topic } from "../src/lab/topic.ts";
import type { Connection, Listener } from "../src/view/connection.ts";

class Wire {
  readonly sent: Record<string, unknown>[] = [];
  readonly listeners = new Set<Listener>();
  isOpen = true;

  add(listener: Listener): void {
    this.listeners.add(listener);
    listener.opened();
  }

  remove(listener: Listener): void {
    this.listeners.delete(listener);
  }

  send(message: Record<string, unknown>): void {
    this.sent.push(message);
  }

  say(message: object): void {
    this.listeners.forEach((listener) => listener.received(message, []));
  }
}

function listening(wire: Wire): { topic: Topic; heard: string[] } {
  const heard: string[] = [];
  const topic = new Topic(wire as unknown as Connection, "runs/default", {
    event: (name, data) => heard.push(`${name} ${JSON.stringify(data)}`),
    began: () => heard.push("began"),
    lost: (lost) => heard.push(lost ? "lost" : "found"),
    refused: (reason) => heard.push(`refused ${reason}`),
  });
  return { topic, heard };
}

const event = (n: number, data: unknown): object => ({ events: [{ topic: "runs/default", event: "row", n, data }] });

test("what was missed comes once, in its order", () => {
  const wire = new Wire();
  const { topic, heard } = listening(wire);
  wire.say({ topic: "runs/default", epoch: "a" });
  wire.say(event(1, "one"));
  wire.say({ events: [{ topic: "runs/other", event: "row", n: 2, data: "not ours" }] });
  wire.listeners.forEach((listener) => listener.closed(false));
  topic.opened();
  assert.deepEqual(wire.sent.at(-1), { op: "subscribe", topic: "runs/default", from: 1, epoch: "a" });
  wire.say({ topic: "runs/default", epoch: "a" });
  wire.say(event(1, "one"));
  wire.say(event(2, "two"));
  assert.deepEqual(heard, ["found", "began", 'row "one"', "lost", "found", 'row "two"']);
});

test("with another epoch everything begins anew", () => {
  const wire = new Wire();
  const { heard } = listening(wire);
  wire.say({ topic: "runs/default", epoch: "a" });
  wire.say(event(7, "before"));
  wire.say({ topic: "runs/default", epoch: "b" });
  wire.say(event(1, "after"));
  assert.deepEqual(heard.slice(-3), ["found", "began", 'row "after"']);
});

test("a topic that two listen to ends with the last of them", () => {
  const wire = new Wire();
  const one = listening(wire);
  const two = listening(wire);
  one.topic.dispose();
  assert.ok(wire.sent.every(({ op }) => op === "subscribe"));
  two.topic.dispose();
  assert.deepEqual(wire.sent.at(-1), { op: "unsubscribe", topic: "runs/default" });
});

test("what is refused says why", () => {
  const wire = new Wire();
  const { heard } = listening(wire);
  wire.say({ topic: "runs/default", error: "There is no workspace of this name." });
  assert.deepEqual(heard, ["refused There is no workspace of this name."]);
});
