import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run } from "../src/lab/api.ts";
import type { Status } from "../src/view/source.ts";
import { layoutOf, scrolledTo, visible } from "../src/panel/layout.ts";
import { FIRST, understood } from "../src/panel/memory.ts";
import { entriesOf, type Order } from "../src/panel/order.ts";
import { plain } from "../src/panel/plain.ts";
import { kept, NOTHING, select } from "../src/panel/selection.ts";
import { RunStore } from "../src/panel/store.ts";
import { ago, nameOf, tellingLine } from "../src/panel/words.ts";

const ALL: Order = FIRST.order;
const trans = {
  __: (text: string, ...values: unknown[]) => text.replace(/%(\d)/g, (_, n: string) => String(values[Number(n) - 1])),
} as Parameters<typeof tellingLine>[1];

function run(id: string, created: number, more: Partial<Run> = {}): Run {
  const status: Status = more.status ?? "Completed";
  return {
    id,
    experiment: "birds",
    number: created,
    display_name: id,
    status,
    reason: null,
    command: "train.py --lr 0.1",
    target: "local",
    nodes: 1,
    parent: null,
    created,
    started: created,
    ended: status === "Completed" || status === "Failed" ? created + 10 : null,
    tags: {},
    place: null,
    progress: null,
    line: null,
    metric: null,
    cpu: null,
    gpu: null,
    ...more,
  };
}

const keys = (runs: Run[], order: Partial<Order>): string[] => entriesOf(runs, { ...ALL, ...order }).map(({ key }) => key);

test("live runs stand on top, whatever the order", () => {
  const runs = [run("old", 1), run("live", 2, { status: "Running" }), run("new", 3), run("waits", 4, { status: "Queued" })];
  assert.deepEqual(keys(runs, {}), ["run waits", "run live", "run new", "run old"]);
  assert.deepEqual(keys(runs, { sort: "oldest" }), ["run live", "run waits", "run old", "run new"]);
  assert.deepEqual(keys(runs, { sort: "name" }), ["run live", "run waits", "run old", "run new"]);
});

test("the longest run is first, one that lives by how long it has; what waited before it began does not count", () => {
  const runs = [
    run("a", 100, { ended: 101 }),
    run("b", 50, { ended: 150 }),
    run("never", 10, { status: "Failed", started: null, ended: 900 }),
    run("c", 90, { status: "Running" }),
    run("waits", 20, { status: "Queued", started: null }),
    run("d", 80, { status: "Running" }),
  ];
  const order = ["run d", "run c", "run waits", "run b", "run a", "run never"];
  assert.deepEqual(keys(runs, { sort: "longest" }), order);
});

test("every word has to be found: in name, experiment, arguments or tags", () => {
  const runs = [run("one", 1, { tags: { kind: "trial" } }), run("two", 2, { experiment: "mnist" }), run("three", 3)];
  assert.deepEqual(keys(runs, { text: "kind=trial" }), ["run one"]);
  assert.deepEqual(keys(runs, { text: "MNIST two" }), ["run two"]);
  assert.deepEqual(keys(runs, { text: "--lr birds" }), ["run three", "run one"]);
  assert.deepEqual(keys(runs, { text: "nothing" }), []);
});

test("runs are filtered by their state", () => {
  const runs = [run("ok", 1), run("bad", 2, { status: "Failed" }), run("on", 3, { status: "Preparing" }), run("off", 4, { status: "Canceled" })];
  assert.deepEqual(keys(runs, { filter: "failed" }), ["run bad"]);
  assert.deepEqual(keys(runs, { filter: "live" }), ["run on"]);
  assert.deepEqual(keys(runs, { filter: "canceled" }), ["run off"]);
});

test("groups stand where their first run would, and can be folded", () => {
  const runs = [run("a", 1), run("b", 2, { experiment: "mnist" }), run("c", 3), run("d", 0, { experiment: "mnist", status: "Running" })];
  const entries = entriesOf(runs, { ...ALL, grouped: true });
  assert.deepEqual(
    entries.map(({ key, level }) => `${level} ${key}`),
    ["1 group mnist", "2 run d", "2 run b", "1 group birds", "2 run c", "2 run a"],
  );
  assert.deepEqual([entries[0]?.count, entries[0]?.live], [2, 1]);
  assert.deepEqual(keys(runs, { grouped: true, folded: ["mnist"] }), ["group mnist", "group birds", "run c", "run a"]);
});

test("many changes are drawn once, and only some move rows", () => {
  const waiting: (() => void)[] = [];
  const store = new RunStore((tell) => waiting.push(tell));
  let drawn = 0;
  store.subscribe(() => (drawn += 1));
  store.put([run("a", 1, { status: "Running" }), run("b", 2)]);
  store.put([run("a", 1, { status: "Running", line: "epoch 1" })]);
  assert.equal(waiting.length, 1);
  waiting.splice(0).forEach((tell) => tell());
  assert.equal(drawn, 1);
  const { placing, version } = store;
  store.put([run("a", 1, { status: "Running", line: "epoch 2", tags: {} })]);
  assert.deepEqual([store.placing, store.version > version], [placing, true]);
  store.put([run("a", 1)]);
  assert.ok(store.placing > placing);
});

test("what is not told again is gone once everything has been", () => {
  const store = new RunStore((tell) => tell());
  store.put([run("a", 1), run("b", 2)]);
  store.begin();
  store.put([run("b", 2), run("c", 3)]);
  assert.equal(store.size, 3);
  store.settle();
  assert.deepEqual([...store.all()].map(({ id }) => id).sort(), ["b", "c"]);
  store.remove(["b", "unknown"]);
  assert.equal(store.size, 1);
});

test("of ten thousand rows those in sight are drawn", () => {
  const layout = layoutOf(Array.from({ length: 10_000 }, (_, at) => (at % 2 === 0 ? 40 : 20)));
  assert.equal(layout.height, 300_000);
  assert.deepEqual(visible(layout, 0, 100, 0), { first: 0, end: 4 });
  assert.deepEqual(visible(layout, 150_000, 100, 2), { first: 4998, end: 5006 });
  assert.deepEqual(visible(layout, 299_950, 100, 2), { first: 9996, end: 10_000 });
  assert.deepEqual(visible(layoutOf([]), 0, 100, 2), { first: 0, end: 0 });
  assert.equal(scrolledTo(layout, 0, 500, 100), 0);
  assert.equal(scrolledTo(layout, 4, 0, 100), 60);
  assert.equal(scrolledTo(layout, 1, 0, 100), 0);
});

test("clicks select as people know them", () => {
  const all = ["a", "b", "c", "d"];
  const one = select(NOTHING, all, "b", "only");
  assert.deepEqual([...one.keys], ["b"]);
  assert.deepEqual([...select(one, all, "d", "range").keys], ["b", "c", "d"]);
  assert.deepEqual([...select(one, all, "a", "range").keys], ["a", "b"]);
  const two = select(one, all, "d", "toggle");
  assert.deepEqual([...two.keys].sort(), ["b", "d"]);
  assert.deepEqual([...select(two, all, "b", "toggle").keys], ["d"]);
  assert.deepEqual([...select(NOTHING, all, "c", "range").keys], ["c"]);
  assert.deepEqual([...kept(two, (key) => key !== "d").keys], ["b"]);
  assert.equal(kept(two, () => true), two);
});

test("what was kept by another version is as at first", () => {
  assert.deepEqual(understood(undefined), FIRST);
  assert.deepEqual(understood({ open: 3, order: { sort: "bogus", folded: "x", text: 5 }, workspace: {} }), FIRST);
  const chosen = { ...FIRST, workspace: "team", filtering: true, order: { ...ALL, text: "x", grouped: true, folded: ["birds"] } };
  assert.deepEqual(understood(JSON.parse(JSON.stringify(chosen))), chosen);
});

test("a run says the most telling thing there is", () => {
  const live = { status: "Running" as const };
  const progress = { text: "epoch 7/30", fraction: 0.2 };
  assert.equal(tellingLine(run("a", 1, { ...live, progress, line: "loss 1" }), trans), "epoch 7/30");
  assert.equal(tellingLine(run("a", 1, { ...live, line: "loading data" }), trans), "loading data");
  assert.equal(tellingLine(run("a", 1, live), trans), "Running");
  const places = [1, 2, 3, 11, 22].map((place) => tellingLine(run("a", 1, { status: "Queued", place }), trans));
  assert.deepEqual(places, ["1st in line", "2nd in line", "3rd in line", "11th in line", "22nd in line"]);
  assert.equal(tellingLine(run("a", 1, { metric: { name: "acc", last: 0.91, best: 0.93 } }), trans), "acc 0.93");
  assert.equal(tellingLine(run("a", 1, { metric: { name: "acc", last: "nan", best: null } }), trans), "acc NaN");
  assert.equal(tellingLine(run("a", 1, { status: "Failed", reason: "ValueError: shape" }), trans), "ValueError: shape");
  assert.equal(tellingLine(run("a", 1, { status: "Canceled" }), trans), "Canceled");
});

test("moments are told as people do, and a clock that jumps does not matter", () => {
  const noon = new Date(2026, 10, 29, 12).getTime() / 1000;
  assert.equal(ago(noon, noon + 5, "en"), "now");
  assert.equal(ago(noon + 500, noon, "en"), "now");
  assert.equal(ago(noon - 150, noon, "en"), "2m ago");
  assert.equal(ago(noon - 3 * 3600, noon, "en"), "3h ago");
  assert.equal(ago(noon - 13 * 3600, noon, "en"), "yesterday");
  assert.equal(ago(noon - 3 * 86_400, noon, "en"), "3d ago");
  assert.equal(ago(noon - 30 * 86_400, noon, "en"), "Oct 30");
  assert.equal(ago(noon - 400 * 86_400, noon, "en"), "Oct 25, 2025");
});

test("a build's log is text without a terminal's codes", () => {
  assert.equal(plain("\u001b[31mred\u001b[0m <script>\r\nnext"), "red <script>\nnext");
  assert.equal(plain("10 %\r50 %\rdone\n"), "done\n");
  assert.equal(plain("\u001b]0;title\u0007a\u0000b"), "ab");
});

test("runs are told apart by what differs: their name, else number and arguments, and the parameters of trials", () => {
  assert.equal(nameOf(run("birds_1796074929_d7e4f246", 12)), "birds #12 train.py --lr 0.1");
  assert.equal(nameOf(run("birds_1", 12, { display_name: "with more layers" })), "with more layers");
  assert.equal(nameOf(run("birds_1", 3, { command: "" })), "birds #3");
  const tags = { hyperparameters: '{"--lr": 0.3, "--units": 2}' };
  assert.equal(nameOf(run("HD_1_0", 4, { parent: "HD_1", tags })), "birds #4 --lr 0.3 --units 2");
  assert.equal(nameOf(run("HD_1_0", 4, { parent: "HD_1", tags: { hyperparameters: "{" } })), "birds #4 train.py --lr 0.1");
});
