/** The server extension's REST routes, typed; openapi.yaml tells what each does. */
import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";
import type { Status } from "../view/source.ts";

export interface Run {
  id: string;
  experiment: string;
  number: number;
  display_name: string;
  status: Status;
  reason: string | null;
  command: string;
  target: string;
  nodes: number;
  parent: string | null;
  created: number;
  started: number | null;
  ended: number | null;
  tags: Record<string, string>;
  /** In the line of its target, from 1. */
  place: number | null;
  /** As the script tells it. */
  progress: { text: string; fraction: number } | null;
  /** The last line of its log, while it lives. */
  line: string | null;
  metric: { name: string; last: number | string | null; best: number | string | null } | null;
  /** Percent of its machines. */
  cpu: number | null;
  gpu: { count: number; use: number | null; memory: number | null } | null;
}

export type Counts = Partial<Record<Status, number>>;

export interface RunsPage {
  runs: Run[];
  next: string | null;
  counts: Counts;
}

export interface Compute {
  name: string;
  type: string;
  vm_size: string;
  nodes: number;
  nodes_in_use: number;
  running: string[];
  waiting: string[];
  /** It can be scaled and removed. */
  changeable: boolean;
}

export interface Machine {
  t: number;
  cpu: number | null;
  memory: { used: number; total: number };
  gpus: {
    index: number;
    name: string;
    use: number | null;
    memory_used: number | null;
    memory_total: number | null;
    temperature: number | null;
    power: number | null;
    /** Of its multiprocessors, in MHz. */
    clock: number | null;
    /** The run that it was given to, of whatever workspace. */
    run: string | null;
  }[];
}

export interface Environment {
  /** Null for what was built for a version that is no more. */
  name: string | null;
  version: string;
  kind: string;
  what: string;
  packages: string[];
  state: "built" | "building" | "not built" | "unfinished" | "removed" | "failed";
  building: { percent: number | null; step: number | null; steps: number | null; text: string; seconds: number } | null;
  error: string | null;
  size: number | null;
  built: number | null;
  runs: number;
  live: number;
  python: string | null;
  key: string;
}

export interface BuildLog {
  text: string;
  /** Where the next part begins. */
  offset: number;
  size: number;
  state: Environment["state"];
}

export interface Model {
  name: string;
  version: number;
  run_id: string | null;
  experiment: string | null;
  created: number;
  size: number | null;
  tags: Record<string, string>;
  description: string | null;
  framework: string | null;
}

/** What goes with a run. */
export interface Deletion {
  id: string;
  folder: string;
  files: number;
  size: number;
  children: string[];
  models: string[];
  /** Why it cannot be deleted now. */
  refused: string | null;
}

/** What a notebook keeps of a run. */
export interface Bundle {
  "text/html": string;
  "text/plain": string;
}

export interface Snapshot {
  id: string;
  total: number;
  files: { name: string; size: number }[];
}

export interface RunQuery {
  experiment?: string;
  status?: readonly Status[];
  text?: string;
  after?: string;
  limit?: number;
}

/** The server has answered that it will not; its message can be shown. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** What else the answer says, such as the field that is wrong. */
    readonly body: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }
}

type Values = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export class Api {
  private skew = 0;

  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** Seconds since the epoch by the server's clock, to the second. */
  now(): number {
    return Date.now() / 1000 + this.skew;
  }

  async workspaces(): Promise<string[]> {
    return (await this.get<{ name: string }[]>(["workspaces"])).map(({ name }) => name);
  }

  async experiments(workspace: string): Promise<string[]> {
    return (await this.get<{ name: string }[]>(["workspaces", workspace, "experiments"])).map(({ name }) => name);
  }

  runs(workspace: string, query: RunQuery = {}): Promise<RunsPage> {
    return this.get(["workspaces", workspace, "runs"], { ...query });
  }

  run(workspace: string, run: string): Promise<Run> {
    return this.get(["workspaces", workspace, "runs", run]);
  }

  bundle(workspace: string, run: string): Promise<Bundle> {
    return this.get(["workspaces", workspace, "runs", run, "bundle"]);
  }

  cancel(workspace: string, run: string): Promise<{ id: string; status: Status }> {
    return this.send("POST", ["workspaces", workspace, "runs", run, "cancel"]);
  }

  rerun(workspace: string, run: string): Promise<Run> {
    return this.send("POST", ["workspaces", workspace, "runs", run, "rerun"]);
  }

  deletion(workspace: string, run: string): Promise<Deletion> {
    return this.get(["workspaces", workspace, "runs", run, "deletion"]);
  }

  remove(workspace: string, run: string): Promise<Deletion> {
    return this.send("DELETE", ["workspaces", workspace, "runs", run]);
  }

  snapshot(workspace: string, run: string): Promise<Snapshot> {
    return this.get(["workspaces", workspace, "runs", run, "snapshot"]);
  }

  addCompute(workspace: string, name: string, nodes: number): Promise<Compute> {
    return this.send("POST", ["workspaces", workspace, "computes"], { name, nodes });
  }

  scale(workspace: string, compute: string, nodes: number): Promise<Compute> {
    return this.send("PATCH", ["workspaces", workspace, "computes", compute], { nodes });
  }

  removeCompute(workspace: string, compute: string): Promise<void> {
    return this.send("DELETE", ["workspaces", workspace, "computes", compute]);
  }

  build(workspace: string, name: string, version: string): Promise<Environment> {
    return this.send("POST", ["workspaces", workspace, "environments", name, "versions", version, "build"], { force: true });
  }

  buildLog(workspace: string, name: string, version: string, offset: number): Promise<BuildLog> {
    return this.get(["workspaces", workspace, "environments", name, "versions", version, "log"], { offset });
  }

  unbuild(workspace: string, name: string, version: string): Promise<{ bytes: number }> {
    return this.send("DELETE", ["workspaces", workspace, "environments", name, "versions", version]);
  }

  get<T>(path: readonly string[], query: Values = {}): Promise<T> {
    return this.ask(path, query, { method: "GET" });
  }

  send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: readonly string[], body?: object): Promise<T> {
    return this.ask(path, {}, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  }

  /** Where a browser finds a route, as for a download. */
  url(path: readonly string[], query: Values = {}): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      [value ?? []].flat().forEach((one) => parameters.append(name, String(one)));
    }
    const address = URLExt.join(this.settings.baseUrl, "aml/api", ...path.map(encodeURIComponent));
    return parameters.size === 0 ? address : `${address}?${parameters.toString()}`;
  }

  private async ask<T>(path: readonly string[], query: Values, init: RequestInit): Promise<T> {
    const answer = await ServerConnection.makeRequest(this.url(path, query), init, this.settings);
    this.look(answer.headers.get("Date"));
    const text = await answer.text();
    if (!answer.ok) {
      const body = parsed(text);
      throw new Refused(answer.status, String(body.message ?? answer.statusText), body);
    }
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  /** A machine elsewhere may have another time; a second's difference is but the header's resolution. */
  private look(date: string | null): void {
    const skew = (Date.parse(date ?? "") - Date.now()) / 1000;
    this.skew = Math.abs(skew) > 2 ? skew : 0;
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // a proxy's page, not the server's
  }
}
