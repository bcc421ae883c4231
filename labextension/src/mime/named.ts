/** The run that an output names. Anybody may have written the notebook: what is not as it must be names none. */

const WORKSPACE = /^[A-Za-z0-9][\w-]{2,32}$/;
const RUN_ID = /^[A-Za-z0-9][\w.-]{0,254}$/;

export interface NamedRun {
  workspace: string;
  id: string;
  /** Tells it from a run of the same name in another home. */
  created: number;
}

export function runOf(data: unknown): NamedRun | undefined {
  if (typeof data !== "object" || data === null) {
    return undefined;
  }
  const { workspace, id, created } = data as Record<string, unknown>;
  const valid =
    typeof workspace === "string" &&
    WORKSPACE.test(workspace) &&
    typeof id === "string" &&
    RUN_ID.test(id) &&
    typeof created === "number";
  return valid ? { workspace, id, created } : undefined;
}

/** The runs of one workspace that an output compares. */
export function runsOf(data: unknown): NamedRun[] | undefined {
  const { workspace, runs } = (typeof data === "object" && data !== null ? data : {}) as Record<string, unknown>;
  const named = Array.isArray(runs) ? runs.map((run: object) => runOf({ ...run, workspace })) : [];
  return named.length > 1 && named.every((run) => run !== undefined) ? named : undefined;
}

export function sameRun(a: NamedRun, b: NamedRun | undefined): boolean {
  return a.workspace === b?.workspace && a.id === b.id && a.created === b.created;
}
