import assert from "node:assert/strict";
import { test } from "node:test";
import { follow } from "../src/lab/topic.ts";
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

function listening(wire: Wire): { leave: () => void; heard: string[] } {
  const heard: string[] = [];
  const leave = follow(wire as unknown as Connection, "runs/default", {
    event: (name, data) => heard.push(`${name} ${JSON.stringify(data)}`),
    began: () => heard.push("began"),
    lost: (lost) => heard.push(lost ? "lost" : "found"),
    refused: (reason) => heard.push(`refused ${reason}`),
  });
  return { leave, heard };
}

const event = (n: number, data: unknown): object => ({ events: [{ topic: "runs/default", event: "row", n, data }] });

test("what was missed comes once, in its order", () => {
  const wire = new Wire();
  const { heard } = listening(wire);
  wire.say({ topic: "runs/default", epoch: "a" });
  wire.say(event(1, "one"));
  wire.say({ events: [{ topic: "runs/other", event: "row", n: 2, data: "not ours" }] });
  wire.listeners.forEach((listener) => listener.closed(false));
  wire.listeners.forEach((listener) => listener.opened());
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

test("two who follow a topic share its subscription, and the later one knows what the other does", () => {
  const wire = new Wire();
  const one = listening(wire);
  wire.say({ topic: "runs/default", epoch: "a" });
  wire.say(event(1, { id: "a", status: "Running" }));
  wire.say(event(2, { id: "b" }));
  wire.say(event(3, { id: "a", status: "Completed" }));
  wire.say({ events: [{ topic: "runs/default", event: "gone", n: 4, data: { id: "b" } }] });
  const two = listening(wire);
  assert.deepEqual(two.heard, ["found", "began", 'row {"id":"a","status":"Completed"}']);
  wire.say(event(5, { id: "c" }));
  assert.equal(one.heard.at(-1), 'row {"id":"c"}');
  assert.equal(two.heard.at(-1), 'row {"id":"c"}');
  one.leave();
  assert.deepEqual(wire.sent.map(({ op }) => op), ["subscribe"]);
  two.leave();
  assert.deepEqual(wire.sent.at(-1), { op: "unsubscribe", topic: "runs/default" });
  assert.equal(wire.listeners.size, 0);
});

test("what is refused says why", () => {
  const wire = new Wire();
  const { heard } = listening(wire);
  wire.say({ topic: "runs/default", error: "There is no workspace of this name." });
  assert.deepEqual(heard, ["refused There is no workspace of this name."]);
});

test("who comes while the server is away, or after it refused, is told so", () => {
  const wire = new Wire();
  listening(wire);
  wire.say({ topic: "runs/default", epoch: "a" });
  wire.listeners.forEach((listener) => listener.closed(false));
  assert.deepEqual(listening(wire).heard, ["lost", "began"]);
  wire.listeners.forEach((listener) => listener.closed(true));
  assert.deepEqual(listening(wire).heard, ["lost", "began", "refused "]);
});
