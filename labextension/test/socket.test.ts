import assert from "node:assert/strict";
import { test } from "node:test";
import { runOf, sameRun } from "../src/mime/named.ts";
import type { Connection, Listener } from "../src/view/connection.ts";
import { SocketSource, Sources } from "../src/view/socket.ts";

/** A connection that the test opens and breaks; it keeps what was said. */
class Wire {
  said: Record<string, unknown>[] = [];
  isOpen = false;
  ids = new Map<unknown, unknown>();
  listener: Listener | undefined;

  add(listener: Listener): void {
    this.listener = listener;
  }

  remove(): void {
    this.listener = undefined;
  }

  send(message: Record<string, unknown>): void {
    this.said.push(message);
  }

  open(epoch: string): void {
    this.isOpen = true;
    this.listener?.opened();
    this.tell({ topic: NAME, epoch });
  }

  break(absent = false): void {
    this.isOpen = false;
    this.listener?.closed(absent);
  }

  tell(message: object): void {
    this.listener?.received(message, []);
  }

  event(n: number, event: string, data: unknown): void {
    this.tell({ events: [{ topic: NAME, event, n, data }] });
  }

  /** The requests that were made since the last time. */
  asked(): unknown[] {
    const asked = this.said.splice(0).filter(({ op }) => op === "request");
    asked.forEach(({ request, id }) => this.ids.set(request, id));
    return asked.map(({ request }) => request);
  }
}

const NAME = "run/default/birds_1";

function made(): { wire: Wire; source: SocketSource } {
  const wire = new Wire();
  return { wire, source: new SocketSource(wire as unknown as Connection, NAME) };
}

test("a source goes on after its last event", async () => {
  const { wire, source } = made();
  wire.open("one");
  assert.deepEqual(wire.said, [{ op: "subscribe", topic: NAME, from: 0, epoch: "" }]);
  wire.event(3, "run", { id: "birds_1" });
  assert.equal(await source.ready, true);
  let calls = 0;
  source.on("files", () => calls++);
  wire.event(4, "files", []);
  assert.equal(calls, 1);
  const lost: boolean[] = [];
  source.onLost((now) => lost.push(now));
  wire.break();
  wire.said = [];
  wire.open("one");
  assert.deepEqual(wire.said, [{ op: "subscribe", topic: NAME, from: 4, epoch: "one" }]);
  assert.deepEqual(lost, [false, true, false]);
  wire.break();
  wire.open("another server");
  wire.break();
  wire.said = [];
  wire.open("another server");
  assert.deepEqual(wire.said, [{ op: "subscribe", topic: NAME, from: 0, epoch: "another server" }]);
});

test("what was asked is asked again, but for what must not be done twice", async () => {
  const { wire, source } = made();
  wire.open("one");
  const lines = source.request("lines", { file: "a", first: 0, count: 1 });
  const again = source.request("rerun", {});
  void source.request("follow", { file: "a" });
  assert.deepEqual(wire.asked(), ["lines", "rerun", "follow"]);
  wire.break();
  await assert.rejects(again, /look whether it was done/);
  wire.open("one");
  assert.deepEqual(wire.asked(), ["lines", "follow"]);
  wire.tell({ id: wire.ids.get("lines"), ok: { total: 7 } });
  assert.deepEqual(await lines, { total: 7 });
});

test("a log that was followed is followed again", async () => {
  const { wire, source } = made();
  wire.open("one");
  const followed = source.request("follow", { file: "build.log" });
  wire.asked();
  wire.tell({ id: wire.ids.get("follow"), ok: {} });
  await followed;
  wire.break();
  wire.open("two");
  assert.deepEqual(wire.asked(), ["follow"]);
});

test("where there is no run, or no extension, the source says so", async () => {
  const unknown = made();
  unknown.wire.open("one");
  unknown.wire.tell({ topic: NAME, error: "There is no such run." });
  assert.equal(await unknown.source.ready, false);
  const absent = made();
  absent.wire.break(true);
  assert.equal(await absent.source.ready, false);
});

test("views of one run share a source", () => {
  const sources = new Sources(new Wire() as unknown as Connection);
  assert.equal(sources.take(NAME), sources.take(NAME));
  assert.notEqual(sources.take(NAME), sources.take("run/default/birds_2"));
});

test("what names no run is none", () => {
  const run = { workspace: "default", id: "birds_1", created: 1 };
  assert.deepEqual(runOf({ ...run, more: 1 }), run);
  for (const odd of [null, 1, "x", [], {}, { ...run, id: "../x" }, { ...run, id: 1 }, { ...run, workspace: "a/b" }]) {
    assert.equal(runOf(odd), undefined);
  }
  assert.equal(runOf({ ...run, id: "x\n" }), undefined);
  assert.equal(runOf({ ...run, created: "1" }), undefined);
  assert.equal(sameRun(run, { ...run }), true);
  assert.equal(sameRun(run, { ...run, created: 2 }), false);
});
