/** What the view is shown from. A source pushes topics and answers requests; the view knows nothing else of it. */

export interface Source {
  /** The latest value of a topic; undefined until there is one. */
  get<T extends Topic>(topic: T): Topics[T] | undefined;
  /** Calls back after every new value of a topic. Returns the function that ends it. */
  on(topic: Topic, callback: () => void): () => void;
  /** Rejects with an Error whose message can be shown. It may take long: the view says so by itself. */
  request<O extends Operation>(op: O, params: Requests[O]["params"]): Promise<Requests[O]["result"]>;
  /** Choices that outlive a remount of the same run. */
  readonly ui: Choices;
  /** The sentence shown while a request waits for long, where this source knows the reason. */
  readonly waitingNotice?: string;
  /** The same for a request to stop the run; the command does it without the source. */
  stopNotice?(run: string): StopNotice;
  /** Opens the monitor of another run, where this source's host has a place for it. */
  open?(run: string): void;
  /** Shows a comparison of runs of the workspace in a place of its own, where its host has one. */
  compare?(runs: readonly string[]): void;
}

export interface StopNotice {
  text: string;
  command: string;
}

export type Seconds = number;

/** JSON has no NaN and no infinities: they come as strings. */
export type Num = number | string | null;

export type Scalar = number | string | boolean | null;

export type Status =
  | "NotStarted"
  | "Starting"
  | "Provisioning"
  | "Preparing"
  | "Queued"
  | "Running"
  | "Finalizing"
  | "Completed"
  | "Failed"
  | "CancelRequested"
  | "Canceled"
  | "NotResponding";

export interface RunTopic {
  id: string;
  experiment: string;
  /** In its experiment, from 1; null until it is known. */
  number: number | null;
  workspace: string;
  command: string;
  status: Status;
  reason: string | null;
  /** The log that shows the reason. */
  log: string | null;
  created: Seconds | null;
  started: Seconds | null;
  ended: Seconds | null;
  /** Where in the line it is, in words, while it waits. */
  standing: string | null;
  /** Since when its GPUs have done nothing, where that is long. */
  gpus_idle: Seconds | null;
  is_sweep: boolean;
  /** The run's clock when this was sent. */
  now: Seconds;
}

export interface Phase {
  name: string;
  start: Seconds | null;
  end: Seconds | null;
  note: string | null;
  state: "pending" | "active" | "done" | "failed" | "canceled";
}

export type LogGroup = "script" | "build" | "system";

export interface LogFile {
  name: string;
  size: number;
  lines: number | null;
  group: LogGroup;
}

export interface LogsTopic {
  files: LogFile[];
  active: string | null;
}

export interface Lines {
  file: string;
  /** Number of lines[0] in the file, from 0. */
  first: number;
  /** Lines in the whole file. */
  total: number;
  lines: string[];
  /** When they were written: each entry tells of the lines before `end` that no earlier entry tells of, null where
   * nobody watched. Lines beyond the last entry have no time yet. */
  times?: [end: number, written: Seconds | null][];
}

export interface Series {
  step: number[];
  time: Seconds[];
  /** Where several ranks logged, their mean, and the smallest and largest around it. */
  y: Num[];
  low?: Num[];
  high?: Num[];
}

export interface Metric {
  name: string;
  kind: "scalar" | "list" | "row" | "table" | "image" | "json";
  /** Points; of tables their rows, of images and JSON metrics how many there are. */
  count: number;
  last: Scalar | Scalar[] | Record<string, unknown>;
  min: Num;
  max: Num;
  series?: Series;
  columns?: Record<string, Scalar[]>;
  /** What is drawn of them; absent: the lines that the columns suggest. */
  curves?: Curve[];
  /** Of a confusion matrix: a row for each true class, a column for each predicted one. */
  matrix?: { labels: string[]; rows: Num[][] };
  artifact?: string;
  /** Of a JSON metric. */
  schema?: string;
  /** The latest of them, oldest first, where there were several. */
  artifacts?: string[];
  description?: string;
}

/** Lines in one chart; `about` tells its axes. */
export interface Curve {
  title: string;
  about: string;
  lines: CurveLine[];
}

export interface CurveLine {
  name: string;
  x: Num[];
  y: Num[];
  /** Around y. */
  low?: Num[];
  high?: Num[];
  /** Steps from each x to the next; or what the others are compared with. */
  look?: "steps" | "reference";
}

export interface Gpu {
  i: number;
  name: string | null;
  util: number | null;
  mem: number | null;
  mem_total: number | null;
  temp: number | null;
  power: number | null;
  /** MHz. */
  clock: number | null;
  /** The run's own on this card; null: they were not listed yet. */
  procs: GpuProcess[] | null;
  /** How many are not of this run. */
  others: number | null;
  history: { util: Num[]; mem: Num[]; temp: Num[]; power: Num[]; clock: Num[] };
}

export interface GpuProcess {
  pid: number;
  name: string;
  rank: number | null;
  mem: number | null;
}

export interface NodeInfo {
  node: number;
  host: string;
  ranks: number[];
  cpus: number | null;
  cpu: number | null;
  mem: number | null;
  mem_total: number | null;
  history: { t: Seconds[]; cpu: Num[]; mem: Num[] };
  gpus: Gpu[];
}

export interface OutputFile {
  name: string;
  size: number;
  t: Seconds;
}

/** What a sweep has tried so far. */
export interface TrialsTopic {
  metric: string;
  goal: "MAXIMIZE" | "MINIMIZE";
  parameters: string[];
  /** The best first; those without a value come last. */
  trials: Trial[];
}

export interface Trial {
  id: string;
  number: number;
  parameters: Record<string, unknown>;
  status: Status;
  reason: string | null;
  /** Of the primary metric. */
  best: Num;
  last: Num;
  started: Seconds | null;
  ended: Seconds | null;
}

export interface DetailTable {
  title: string;
  rows: [string, string][];
  /** Its rows are the run's tags, which can be changed; it is there even where there are none. */
  tags?: boolean;
}

export interface Topics {
  run: RunTopic;
  phases: Phase[];
  logs: LogsTopic;
  tail: Lines;
  metrics: Metric[];
  nodes: NodeInfo[];
  files: OutputFile[];
  /** Null where the run is no sweep. */
  trials: TrialsTopic | null;
  details: DetailTable[];
}

export type Topic = keyof Topics;

export interface FileChunk {
  name: string;
  /** Size of the whole file. */
  size: number;
  mime: string;
  offset: number;
  data: Uint8Array;
}

export interface Requests {
  lines: { params: { file: string; first: number; count: number }; result: Lines };
  /** The last line that was whole at a time, to the second; null where there is none, or nobody watched. */
  line_at: { params: { file: string; time: Seconds }; result: { line: number | null; text: string } };
  follow: { params: { file: string }; result: object };
  search: {
    params: { file: string; query: string; case: boolean };
    result: { total: number; lines: number[] };
  };
  series: {
    params: { name: string; axis: Axis; from: number; to: number; pixels: number };
    result: { x: number[]; y: Num[]; low?: Num[]; high?: Num[] };
  };
  file: { params: { name: string; offset: number; limit: number }; result: FileChunk };
  cancel: { params: Nothing; result: object };
  /** Submits the same run again: its snapshot, arguments, environment and target. */
  rerun: { params: Nothing; result: { id: string } };
  /** The latest runs that the run can be compared with, those of its experiment first; the query is a part of an id or
   * of an experiment's name. */
  runs: { params: { query: string }; result: { runs: RunRow[] } };
  compare: { params: { run: string }; result: Comparison };
  /** Its files, the first 5,000 of `total`. */
  snapshot: { params: Nothing; result: { id: string; total: number; files: SnapshotFile[] } };
  /** As `file`, of the snapshot. */
  snapshot_file: { params: { name: string; offset: number; limit: number }; result: FileChunk };
  reproduce: { params: Nothing; result: { recipes: Recipe[] } };
  /** Registers a file, or the files under a folder, as the next version of a model; `id` is `name:version`. */
  register: { params: { name: string; path: string }; result: { id: string } };
  /** The topic `details` tells what came of it. */
  tags: { params: { set: Record<string, string>; remove: string[] }; result: object };
  /** The run of the experiment before this one, null where it is the first. */
  previous: { params: Nothing; result: { id: string | null; details: DetailTable[] } };
}

type Nothing = Record<string, never>;

export interface RunRow {
  id: string;
  experiment: string;
  command: string;
  status: Status;
  created: Seconds;
}

export interface Comparison {
  runs: [id: string, other: string];
  /** Facts that differ: `--lr`, `environment name`, `metric loss`; null where one run has none. */
  different: [name: string, value: string | null, other: string | null][];
  /** How many do not. */
  same: number;
}

export interface SnapshotFile {
  name: string;
  size: number;
}

/** A way to make the run again, to be copied. */
export interface Recipe {
  title: string;
  /** What it does not bring back; empty where it brings back all. */
  note: string;
  code: string;
}

export type Operation = keyof Requests;

export type Axis = "step" | "time";

/** Every choice is absent until the reader has made it. */
export interface Choices {
  tab?: string;
  height?: string;
  file?: string;
  follow?: boolean;
  wrap?: boolean;
  times?: boolean;
  query?: string;
  matchCase?: boolean;
  line?: number;
  /** The column by which trials are ordered; absent: the best first. */
  trialOrder?: { column: string; down: boolean };
  axis?: Axis;
  smoothing?: number;
  /** Marked in every chart: when a line of the log was written. */
  moment?: Seconds;
  /** A file of the outputs, or a folder. */
  output?: string;
  /** Details that are as in the previous run are folded. */
  same?: boolean;
  folded?: string[];
  /** The reader has chosen a log once: the tail no longer moves on by itself. */
  pinned?: boolean;
}
