/** What the form asks of the server. */
import type { TranslationBundle } from "@jupyterlab/translation";
import { type Api, type Compute, type Environment, Refused } from "../lab/api.ts";
import { reasonOf } from "../view/asking.ts";
import type { Choices, Desk, Fault, Preview } from "./form_model.ts";

export class ServerDesk implements Desk {
  constructor(
    private readonly api: Api,
    private readonly workspace: string,
    private readonly trans: TranslationBundle,
  ) {}

  preview(asked: object): Promise<Preview> {
    return this.api.send("POST", ["workspaces", this.workspace, "submit", "preview"], asked);
  }

  submit(asked: object): Promise<{ id: string }> {
    return this.api.send("POST", ["workspaces", this.workspace, "submit"], asked);
  }

  async choices(folder: string): Promise<Choices> {
    const { api, workspace, trans } = this;
    const place = ["workspaces", workspace];
    const [{ scripts }, experiments, environments, computes] = await Promise.all([
      api.get<{ scripts: string[] }>([...place, "scripts"], { folder }),
      api.experiments(workspace),
      api.get<Environment[]>([...place, "environments"]),
      api.get<Compute[]>([...place, "computes"]),
    ]);
    return {
      scripts,
      experiments,
      environments: environments.flatMap(({ name, version, state }) =>
        name === null ? [] : [{ name, about: `${trans.__("version %1", version)}, ${stateOf(state, trans)}` }],
      ),
      computes: computes.map(({ name, nodes, nodes_in_use }) => ({
        name,
        about: trans._n("%1 node, %2 in use", "%1 nodes, %2 in use", nodes, nodes_in_use),
      })),
    };
  }

  faults(error: unknown): Fault[] {
    const told = error instanceof Refused ? error.body["errors"] : undefined;
    if (Array.isArray(told) && told.length > 0) {
      return told as Fault[];
    }
    return [{ field: "", message: reasonOf(error) }];
  }
}

function stateOf(state: Environment["state"], trans: TranslationBundle): string {
  const names: Record<Environment["state"], string> = {
    built: trans.__("built"),
    building: trans.__("being built"),
    "not built": trans.__("not built yet"),
    unfinished: trans.__("its build was not finished"),
    removed: trans.__("removed, built anew when it is used"),
    failed: trans.__("its build failed"),
  };
  return names[state];
}
