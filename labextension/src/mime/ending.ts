/** Keeps the end of a run in the notebook, so that it is saved although no kernel is left to send it. */
import type { IRenderMime } from "@jupyterlab/rendermime";
import type { Api } from "../lab/api.ts";
import type { SocketSource } from "../view/socket.ts";
import { isLive } from "../view/states.ts";
import type { NamedRun } from "./named.ts";

/** Within it a kernel that lives has sent the end itself. */
const KERNEL_FIRST = 2000;

/** Returns the function that looks no more. */
export function keepEnd(
  { workspace, id }: NamedRun,
  source: SocketSource,
  api: Api,
  model: () => IRenderMime.IMimeModel | undefined,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  /** The output where it tells of a state before the end; one that nobody trusts is left as it is. */
  const outdated = (): IRenderMime.IMimeModel | undefined => {
    const run = source.get("run");
    const output = model();
    const kept = stateIn(output?.data["text/plain"]);
    const isOld = run !== undefined && !isLive(run) && kept !== undefined && kept !== run.status;
    return !isOver && isOld && output?.trusted ? output : undefined;
  };
  const keep = async (): Promise<void> => {
    timer = undefined;
    if (outdated() !== undefined) {
      const bundle = await api.bundle(workspace, id);
      const output = outdated();
      output?.setData({ data: { ...output.data, ...bundle } });
    }
  };
  const look = (): void => {
    if (timer === undefined && outdated() !== undefined) {
      timer = setTimeout(() => void keep().catch((error: unknown) => console.error(error)), KERNEL_FIRST);
    }
  };
  const off = source.on("run", look);
  look();
  return () => {
    isOver = true;
    clearTimeout(timer);
    off();
  };
}

/** The text of a run begins with a sign and its state. */
function stateIn(text: unknown): string | undefined {
  return typeof text === "string" ? /^\S (\w+) {2}/.exec(text)?.[1] : undefined;
}
