// A Source for tests: topics are set by hand, and requests are answered from what the test put here.

export class Scripted {
  constructor() {
    this.topics = {};
    this.listeners = {};
    this.ui = {};
    this.asked = [];
    this.delay = 0;
    this.silent = false; // a busy kernel: nothing is answered until it is set to false and released
    this.held = [];
    this.logs = {}; // file -> {total, line: number -> text, time: number -> when it was written}
    this.blobs = {}; // name -> Uint8Array
    this.snapshot = {}; // the same, of what was sent
    this.runs = []; // others of the workspace
    this.before = null; // what `previous` tells
    this.waitingNotice = "The kernel is busy: this loads when its cell ends";
  }

  stopNotice(run) {
    return { text: "The kernel is busy: the run stops when its cell ends. At once, in a terminal:", command: `jupyter aml cancel ${run}` };
  }

  get(topic) {
    return this.topics[topic];
  }

  on(topic, callback) {
    (this.listeners[topic] ??= new Set()).add(callback);
    return () => this.listeners[topic].delete(callback);
  }

  set(topic, value) {
    this.topics[topic] = value;
    this.listeners[topic]?.forEach((callback) => callback());
  }

  listenerCount() {
    return Object.values(this.listeners).reduce((sum, set) => sum + set.size, 0);
  }

  async request(op, params) {
    this.asked.push({ op, params });
    if (this.silent) {
      await new Promise((release) => this.held.push(release));
    }
    if (this.delay > 0) {
      await new Promise((done) => setTimeout(done, this.delay));
    }
    return this[`answer_${op}`](params);
  }

  release() {
    this.silent = false;
    this.held.splice(0).forEach((release) => release());
  }

  answer_lines({ file, first, count }) {
    const log = this.logs[file];
    if (log === undefined) {
      throw new Error(`There is no log ${file}.`);
    }
    const end = Math.min(log.total, first + count);
    const lines = [];
    for (let line = first; line < end; line += 1) {
      lines.push(log.line(line));
    }
    const times = log.time === undefined ? [] : lines.map((_, k) => [first + k + 1, log.time(first + k)]);
    return { file, first, total: log.total, lines, times: times.filter(([, time]) => time !== undefined) };
  }

  answer_line_at({ file, time }) {
    const log = this.logs[file];
    const times = Array.from({ length: log.total }, (_, n) => log.time?.(n));
    const line = times.findLastIndex((each) => typeof each === "number" && each <= time);
    return line < 0 ? { line: null, text: "" } : { line, text: log.line(line) };
  }

  answer_follow({ file }) {
    this.pushTail(file);
    return {};
  }

  answer_search({ file, query, case: matchCase }) {
    const log = this.logs[file];
    const wanted = matchCase ? query : query.toLowerCase();
    const lines = [];
    let total = 0;
    for (let line = 0; line < log.total; line += 1) {
      const text = matchCase ? log.line(line) : log.line(line).toLowerCase();
      if (text.includes(wanted)) {
        total += 1;
        if (lines.length < 10000) {
          lines.push(line);
        }
      }
    }
    return { total, lines };
  }

  answer_series({ name, axis, from, to }) {
    const { series } = this.topics.metrics.find((metric) => metric.name === name);
    const inside = series[axis].map((x, k) => [x, series.y[k]]).filter(([x]) => x >= from && x <= to);
    return { x: inside.map(([x]) => x), y: inside.map(([, y]) => y) };
  }

  answer_file(params) {
    return this.partOf({ ...this.blobs, ...this.logBlobs() }, params);
  }

  answer_snapshot_file(params) {
    return this.partOf(this.snapshot, params);
  }

  logBlobs() {
    const text = ({ total, line }) => Array.from({ length: total }, (_, n) => `${line(n)}\n`).join("");
    return Object.fromEntries(Object.entries(this.logs).map(([name, log]) => [name, new TextEncoder().encode(text(log))]));
  }

  partOf(blobs, { name, offset, limit }) {
    const blob = blobs[name];
    if (blob === undefined) {
      throw new Error(`There is no file ${name}.`);
    }
    const mime = name.endsWith(".png") ? "image/png" : name.endsWith(".pt") ? "application/octet-stream" : "text/plain";
    return { name, size: blob.length, mime, offset, data: blob.slice(offset, offset + limit) };
  }

  answer_cancel() {
    return {};
  }

  answer_rerun() {
    return { id: "birds_1764_aa01" };
  }

  answer_runs({ query }) {
    return { runs: this.runs.filter(({ id, experiment }) => `${id} ${experiment}`.includes(query)) };
  }

  answer_compare({ run }) {
    const different = [
      ["status", this.topics.run.status, "Completed"],
      ["--learning_rate", "0.1", "0.05"],
      ["--resume", null, "given"],
      ["environment python condaDependencies", "torch==2.13.0, numpy==2.3.4, pillow==12.0.0", "torch==2.12.1, numpy==2.3.4"],
      ["metric val/accuracy", "0.9312", "0.9127"],
    ];
    return { runs: [this.topics.run.id, run], different, same: 31 };
  }

  answer_snapshot() {
    const files = Object.entries(this.snapshot).map(([name, bytes]) => ({ name, size: bytes.length }));
    return { id: "9f86d081-884c-7d65-9a2f-eaa0c55ad015", total: files.length, files };
  }

  answer_reproduce() {
    const { id, command } = this.topics.run;
    return {
      recipes: [
        { title: "The same files, arguments, environment and target", note: "", code: `%aml rerun ${id}` },
        { title: "From a cell", note: "The folder is sent as it is now.", code: `%aml_submit --env birds:2 --experiment pytorch-birds --source /home/me/birds ${command}` },
        { title: "The source from git", note: "The folder had changes that were not committed.", code: `git clone https://git.example/birds.git ${id}\ngit -C ${id} checkout 4be1f0c9d3` },
      ],
    };
  }

  answer_register({ name }) {
    if (!/^[\w.-]+$/.test(name)) {
      throw new Error(`'${name}' cannot be a model's name: use letters, digits, '-', '.' and '_'.`);
    }
    return { id: `${name}:3` };
  }

  answer_tags({ set, remove }) {
    const details = this.topics.details.map((table) => {
      const tags = { ...Object.fromEntries(table.rows), ...set };
      remove.forEach((name) => delete tags[name]);
      return table.tags ? { ...table, rows: Object.entries(tags) } : table;
    });
    this.set("details", details);
    return {};
  }

  answer_previous() {
    return this.before ?? { id: null, details: [] };
  }

  // The last 500 lines of a file, as the source pushes them.
  pushTail(file) {
    const { total } = this.logs[file];
    const first = Math.max(0, total - 500);
    this.set("tail", this.answer_lines({ file, first, count: 500 }));
  }
}

const LOG = "user_logs/std_log.txt";
const BUILD = "system_logs/build.log";

function trainingLine(n) {
  const esc = "\u001b";
  const epoch = Math.floor(n / 4) + 1;
  return [
    `${esc}[1mepoch ${epoch}/30${esc}[0m  started`,
    `  loss ${esc}[33m${(2 / epoch + 0.1).toFixed(4)}${esc}[0m  acc ${esc}[32m${(1 - 0.8 / epoch).toFixed(3)}${esc}[0m`,
    `  10%|#         |\r  50%|#####     |\r 100%|##########| 40/40 [00:0${epoch % 10}<00:00, 9.1it/s]`,
    `  ${esc}[2msaved outputs/checkpoints/epoch_${epoch}.pt${esc}[0m ${esc}[36mINFO${esc}[0m lr=${(0.1 / epoch).toExponential(2)}`,
  ][n % 4];
}

function wave(count, fn, t0, metric) {
  const step = Array.from({ length: count }, (_, k) => k + 1);
  const y = step.map(fn);
  const numbers = y.filter((value) => typeof value === "number");
  return {
    kind: "scalar",
    count,
    last: y[count - 1],
    min: Math.min(...numbers),
    max: Math.max(...numbers),
    series: { step, time: step.map((k) => t0 + k * 4), y },
    ...metric,
  };
}

const noise = (k) => Math.sin(k * 12.9898) * 0.5 + Math.sin(k * 78.233) * 0.5;

// As if several ranks had logged it.
function ranked(metric) {
  const { y } = metric.series;
  const low = y.map((v, k) => v * (0.85 + 0.05 * noise(k)));
  const high = y.map((v, k) => v * (1.2 + 0.1 * noise(k + 5)));
  return { ...metric, series: { ...metric.series, low, high } };
}

export function metricsOf(t0, points = 60) {
  return [
    wave(points, (k) => 2 / Math.sqrt(k) + 0.12 * noise(k), t0, { name: "train/loss" }),
    ranked(wave(points, (k) => 2.1 / Math.sqrt(k) + 0.25 + 0.1 * noise(k + 9), t0, { name: "val/loss" })),
    wave(points, (k) => 1 - 0.9 / Math.sqrt(k) + 0.02 * noise(k), t0, { name: "val/accuracy", description: "top 1" }),
    wave(points, (k) => (k % 17 === 0 ? "NaN" : 0.1 * 0.97 ** k), t0, { name: "lr" }),
    { name: "final accuracy", kind: "scalar", count: 1, last: 0.9312, min: 0.9312, max: 0.9312 },
    { name: "device", kind: "scalar", count: 1, last: "cpu", min: null, max: null },
    { name: "best epoch", kind: "scalar", count: 1, last: 27, min: 27, max: 27 },
    { name: "diverged", kind: "scalar", count: 1, last: "Infinity", min: null, max: null },
    {
      name: "per class",
      kind: "table",
      count: 1,
      last: null,
      min: null,
      max: null,
      columns: { label: ["duck", "heron", "wren", "owl"], precision: [0.91, 0.94, 0.88, 0.97], recall: [0.9, 0.92, 0.93, 0.89] },
    },
    { name: "confusion", kind: "image", count: 2, last: null, min: null, max: null, artifact: "outputs/plots/confusion.png", artifacts: ["outputs/plots/first.png", "outputs/plots/confusion.png"] },
    { name: "cm", kind: "json", count: 1, last: null, min: null, max: null, artifact: "outputs/cm.json" },
    { name: "classes", kind: "json", count: 1, last: "classes", min: null, max: null, artifact: "classes", matrix: { labels: ["duck", "heron", "wren"], rows: [[42, 1, 0], [3, 37, 2], [0, "NaN", 51]] } },
    { name: "predicted", kind: "json", count: 1, last: "predicted", min: null, max: null, artifact: "predicted", curves: [{ title: "Predicted and true", about: "average prediction over true value", lines: [{ name: "average", x: [1, 3, 5], y: [1.1, 3.2, 4.9], low: [1, 3, 4.6], high: [1.2, 3.4, 5.2] }, { name: "exact", x: [1, 3, 5], y: [1, 3, 5], look: "reference" }] }], columns: { from: [0, 2, 4], to: [2, 4, 6], count: [10, 20, 9], average: [1.1, 3.2, 4.9], error: [0.1, 0.2, 0.3] } },
  ];
}

function nodeOf(index, gpuCount, t0, now) {
  const t = Array.from({ length: Math.min(600, Math.max(2, Math.floor(now - t0))) }, (_, k) => t0 + k);
  const level = (base, swing, phase) => t.map((_, k) => Math.max(0, base + swing * Math.sin(k / 9 + phase) + swing * 0.5 * noise(k + phase)));
  const last = (values) => values[values.length - 1];
  const cpu = level(45, 18, index);
  const mem = t.map((_, k) => 4e9 + 6e9 * Math.min(1, k / 60) + index * 1e9);
  const gpus = Array.from({ length: gpuCount }, (_, i) => {
    const history = {
      util: level(78, 20, i * 3 + index).map((v) => Math.min(100, v)),
      mem: t.map((_, k) => 61e9 * Math.min(1, k / 30)),
      temp: t.map((_, k) => 38 + 28 * (1 - Math.exp(-k / 40)) + noise(k)),
      power: level(420, 120, i + index),
      clock: level(1755, 40, i + index),
    };
    const rank = index * gpuCount + i;
    const procs = [{ pid: 4100 + rank, name: "python", rank, mem: 60e9 }];
    return { i, procs, others: i, clock: last(history.clock), name: "NVIDIA H100 80GB HBM3", util: last(history.util), mem: last(history.mem), mem_total: 80e9, temp: last(history.temp), power: last(history.power), history };
  });
  const ranks = gpuCount === 0 ? [index] : gpus.map((_, i) => index * gpuCount + i);
  return { node: index, host: gpuCount === 0 ? "laptop" : `gpu-node-${index + 1}`, ranks, cpus: gpuCount === 0 ? 2 : 96, cpu: last(cpu), mem: last(mem), mem_total: gpuCount === 0 ? 16e9 : 540e9, history: { t, cpu, mem }, gpus };
}

export async function picture(width = 320, height = 220) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  for (let i = 0; i < 4; i += 1) {
    for (let j = 0; j < 4; j += 1) {
      context.fillStyle = `hsl(210 70% ${i === j ? 35 : 92 - ((i * 7 + j * 3) % 5) * 4}%)`;
      context.fillRect((j * width) / 4, (i * height) / 4, width / 4 - 1, height / 4 - 1);
    }
  }
  return new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
}

const PHASES = ["Snapshot", "Prepare", "Queue", "Run", "Finish"];

function phasesOf(times, states, notes, t0) {
  let at = t0;
  return PHASES.map((name, k) => {
    const state = states[k];
    const start = state === "pending" ? null : at;
    at += times[k] ?? 0;
    return { name, state, start, end: state === "done" || state === "failed" ? at : null, note: notes[k] ?? null };
  });
}

const NOTES = ["12 files, 48 KB", "image cached", "place 1 in the queue", "1 of 1 node up"];

// Learning rates that were tried; the last one has begun just now.
function trialsOf(run, started) {
  const trials = [0.001, 0.01, 0.03, 0.1, 0.3, 1].map((rate, k) => ({
    id: `${run.id}_${k}`,
    number: k,
    parameters: { "--learning_rate": rate, optimizer: k % 2 === 0 ? "adam" : "sgd" },
    status: k === 5 ? "Running" : k === 4 ? "Failed" : "Completed",
    reason: k === 4 ? "The script ended with code 1." : null,
    best: k === 5 ? null : [0.41, 0.62, 0.9312, 0.88, 0.1][k],
    last: k === 5 ? null : [0.4, 0.62, 0.93, 0.87, "NaN"][k],
    started: started + k * 20,
    ended: k === 5 ? null : started + k * 20 + 18 + k,
  }));
  const rank = ({ best }) => best ?? -Infinity;
  return { metric: "val/accuracy", goal: "MAXIMIZE", parameters: ["--learning_rate", "optimizer"], trials: trials.sort((a, b) => rank(b) - rank(a)) };
}

/** A run in one of its states: running, finished, failed, queued, gpus; or a sweep. */
export async function scenario(kind) {
  const source = new Scripted();
  const now = Date.now() / 1000;
  const t0 = now - 148;
  const started = t0 + 14.2;
  const command = "pytorch_train.py --num_epochs 30 --output_dir ./outputs --learning_rate 0.1";
  const run = { id: "birds_1763_9f2c", experiment: "pytorch-birds", number: 12, workspace: "default", command, status: "Running", reason: null, log: null, created: t0, started, ended: null, standing: null, gpus_idle: null, now };
  const D = "done";
  const P = "pending";
  source.logs[LOG] = { total: 118, line: trainingLine, time: (n) => (n < 115 ? started + n * 1.1 : undefined) };
  source.logs[BUILD] = { total: 24, line: (n) => `Step ${n + 1}/24 : RUN pip install part-${n}` };
  const files = [
    { name: LOG, size: 9000, lines: null, group: "script" },
    { name: BUILD, size: 900, lines: 24, group: "build" },
    { name: "system_logs/runner.log", size: 300, lines: 0, group: "system" },
  ];
  source.blobs["outputs/plots/confusion.png"] = await picture();
  source.blobs["outputs/cm.json"] = new TextEncoder().encode('{"schema_type": "confusion_matrix",\n "data": [[9, 1], [2, 8]]}');
  source.blobs["outputs/model.pt"] = new Uint8Array(3_400_000).map((_, k) => k % 251);
  source.blobs["outputs/report.txt"] = new TextEncoder().encode("epochs 30\nbest accuracy 0.9312 <b>not bold</b>\n");
  source.blobs["logs/events.log"] = new TextEncoder().encode("started\n");
  const sent = { "pytorch_train.py": "import torch\n\nprint('<b>hello</b>')\n", "lib/data.py": "SIZE = 224\n", "README.md": "# Birds\n", "weights.bin": "\0\u0001" };
  source.snapshot = Object.fromEntries(Object.entries(sent).map(([name, text]) => [name, new TextEncoder().encode(text)]));
  source.runs = [
    { id: "birds_1762_31fe", experiment: "pytorch-birds", command: command.replace("0.1", "0.05"), status: "Completed", created: t0 - 3600 },
    { id: "birds_1762_0c1d", experiment: "pytorch-birds", command: "pytorch_train.py --num_epochs 3", status: "Failed", created: t0 - 7200 },
    { id: "mnist_1761_11aa", experiment: "mnist", command: "train.py", status: "Canceled", created: t0 - 86400 },
  ];
  if (kind === "queued") {
    Object.assign(run, { status: "Queued", started: null, standing: "3rd in line for gpu-cluster" });
    source.set("phases", phasesOf([0.2, 14, 60], [D, D, "active", P, P], NOTES, t0));
    source.set("run", run);
    source.set("logs", { files: [], active: null });
    return source;
  }
  if (kind === "sweep") {
    run.is_sweep = true;
    source.set("trials", trialsOf(run, started));
  }
  const ended = { running: null, gpus: null, sweep: null, finished: started + 131, failed: started + 17 }[kind];
  const running = ended === null;
  run.ended = ended;
  source.set("phases", phasesOf([0.2, 14, 0, kind === "failed" ? 17 : 130, 0.8], running ? [D, D, D, "active", P] : kind === "failed" ? [D, D, D, "failed", P] : [D, D, D, D, D], NOTES, t0));
  if (kind === "finished") {
    run.status = "Completed";
  }
  if (kind === "failed") {
    Object.assign(run, { status: "Failed", log: LOG, reason: "The script ended with code 1. ValueError: shape '[32, 3]' is invalid for input of size 12" });
    const trace = ["Traceback (most recent call last):", '  File "pytorch_train.py", line 41, in <module>', "    main()", '  File "pytorch_train.py", line 33, in main', "    x = x.view(32, 3)", "\u001b[31mValueError: shape '[32, 3]' is invalid for input of size 12\u001b[0m"];
    source.logs[LOG] = { total: 46, line: (n) => (n < 40 ? trainingLine(n) : trace[n - 40]) };
  }
  source.set("run", run);
  source.set("logs", { files, active: LOG });
  source.pushTail(LOG);
  source.set("metrics", kind === "failed" ? metricsOf(started, 5).slice(0, 3) : metricsOf(started));
  source.set("nodes", kind === "gpus" ? [0, 1].map((k) => nodeOf(k, 2, started, now)) : [nodeOf(0, 0, started, now)]);
  source.set("files", kind === "failed" ? [] : Object.entries(source.blobs).map(([name, bytes]) => ({ name, size: bytes.length, t: now - 5 })));
  source.set("details", [
    { title: "Run", rows: [["id", run.id], ["experiment", run.experiment], ["created", "2026-11-21 05:30:12"], ["command", `python ${command}`]] },
    { title: "Tags", rows: [["kind", "trial"], ["owner", "me"]], tags: true },
    { title: "Environment", rows: [["name", "birds:2"], ["kind", "virtual environment"], ["python", "3.11.2"], ["packages", "torch==2.13.0\nnumpy==2.3.4\npillow==12.0.0"]] },
    { title: "Snapshot", rows: [["id", "b3:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"], ["files", "12"], ["size", "48 KB"]] },
    { title: "Git", rows: [["branch", "main"], ["commit", "4be1f0c9d3"], ["changes", "2 files changed since"]] },
  ]);
  source.before = {
    id: "birds_1762_31fe",
    details: source.topics.details?.map(({ title, rows }) => ({
      title,
      rows: [...rows.filter(([name]) => name !== "python"), ...(title === "Git" ? [["remote", "origin"]] : [])]
        .map(([name, value]) => [name, name === "packages" ? "torch==2.12.1\nnumpy==2.3.4" : name === "id" ? "birds_1762_31fe" : value]),
    })),
  };
  return source;
}
