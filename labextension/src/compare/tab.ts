/** A comparison of runs in a tab of its own. */
import { Tab } from "../lab/tab.ts";
import type { IAml } from "../lab/tokens.ts";
import { Connecting } from "../mime/connecting.ts";
import { mountCompare } from "./mount.ts";

export interface Compared {
  workspace: string;
  runs: string[];
}

export function tabId({ workspace, runs }: Compared): string {
  return `jupyter-aml-compare/${workspace}/${runs.join("/")}`;
}

export class CompareTab extends Tab {
  constructor(
    aml: IAml,
    readonly compared: Compared,
  ) {
    super();
    const { trans } = aml;
    this.id = tabId(compared);
    this.addClass("jp-AmlCompareTab");
    this.title.label = trans._n("Compare %1 run", "Compare %1 runs", compared.runs.length);
    this.title.caption = compared.runs.join("\n");
    this.disposed.connect(showComparison(this.node, aml, compared));
  }
}

/** Shows a comparison in an element. Returns the function that takes it away again. */
export function showComparison(node: HTMLElement, aml: IAml, { workspace, runs }: Compared): () => void {
  const { api, sources, trans } = aml;
  const taken = runs.map((id) => ({ id, source: sources.take(`run/${workspace}/${id}`) }));
  const open = taken[0]?.source.open;
  const unmount = mountCompare(node, {
    runs: taken,
    trans,
    differences: () => api.get(["workspaces", workspace, "compare"], { run: runs }),
    code: (run, other) => api.get(["workspaces", workspace, "compare", "code"], { run: [run, other] }),
    ...(open && { open }),
  });
  const connecting = taken[0] && new Connecting(node, taken[0].source);
  return () => {
    connecting?.dispose();
    unmount();
    taken.forEach(({ source }) => sources.release(source));
  };
}
