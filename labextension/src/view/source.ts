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
  workspace: string;
  command: string;
  status: Status;
  reason: string | null;
  /** The log that shows the reason. */
  log: string | null;
  created: Seconds | null;
  started: Seconds | null;
  ended: Seconds | null;
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
  count: number;
  last: Scalar | Scalar[] | Record<string, unknown>;
  min: Num;
  max: Num;
  series?: Series;
  columns?: Record<string, Scalar[]>;
  artifact?: string;
  /** The latest of them, oldest first, where there were several. */
  artifacts?: string[];
  description?: string;
}

export interface Gpu {
  i: number;
  name: string | null;
  util: number | null;
  mem: number | null;
  mem_total: number | null;
  temp: number | null;
  power: number | null;
  history: { util: Num[]; mem: Num[]; temp: Num[]; power: Num[] };
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

export interface DetailTable {
  title: string;
  rows: [string, string][];
}

export interface Topics {
  run: RunTopic;
  phases: Phase[];
  logs: LogsTopic;
  tail: Lines;
  metrics: Metric[];
  nodes: NodeInfo[];
  files: OutputFile[];
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
  cancel: { params: Record<string, never>; result: object };
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
  query?: string;
  matchCase?: boolean;
  line?: number;
  axis?: Axis;
  smoothing?: number;
  output?: string;
  folded?: string[];
  /** The reader has chosen a log once: the tail no longer moves on by itself. */
  pinned?: boolean;
}
