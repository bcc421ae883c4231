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
  running: string[];
  waiting: string[];
}

export interface Environment {
  name: string;
  version: string;
  kind: string;
  what: string;
  packages: string[];
}

export interface Model {
  name: string;
  version: number;
  run_id: string | null;
  created: string;
  tags: Record<string, string>;
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
  constructor(private readonly settings: ServerConnection.ISettings) {}

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

  cancel(workspace: string, run: string): Promise<{ id: string; status: Status }> {
    return this.send("POST", ["workspaces", workspace, "runs", run, "cancel"]);
  }

  computes(workspace: string): Promise<Compute[]> {
    return this.get(["workspaces", workspace, "computes"]);
  }

  environments(workspace: string): Promise<Environment[]> {
    return this.get(["workspaces", workspace, "environments"]);
  }

  models(workspace: string): Promise<Model[]> {
    return this.get(["workspaces", workspace, "models"]);
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
    const text = await answer.text();
    if (!answer.ok) {
      const body = parsed(text);
      throw new Refused(answer.status, String(body.message ?? answer.statusText), body);
    }
    return (text === "" ? undefined : JSON.parse(text)) as T;
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
