/** What differs between the runs, fact by fact, in groups. */
import { factValue } from "../view/actions/compare.ts";
import { reasonOf } from "../view/asking.ts";
import { button, h, setText } from "../view/dom.ts";
import { strings } from "../view/strings.ts";
import { type Toggle, toggle } from "../view/toggle.ts";
import { swatch } from "./legend.ts";
import type { Differences, Host, Words } from "./model.ts";

const GROUPS = ["arguments", "metrics", "data", "environment", "packages", "git", "tags", "run"];

interface Row {
  group: string;
  name: string;
  values: (string | null)[];
  differs: boolean;
}

export class Facts {
  readonly element: HTMLElement;
  private readonly summary = h("span", "quiet", { role: "status" });
  private readonly place = h("div", "comparison");
  private readonly all: Toggle;
  private found: Differences | undefined;
  private showsAll = false;

  constructor(private readonly host: Host) {
    this.all = toggle(host.trans.__("Show what is the same"), "", (on) => this.turn(on));
    const again = button(host.trans.__("Refresh"), "", () => void this.load());
    const bar = h("div", "bar", {}, this.summary, h("span", "push"), this.all.element, again);
    this.element = h("div", "facts-pane", {}, bar, this.place);
  }

  async load(): Promise<void> {
    const { trans } = this.host;
    setText(this.summary, trans.__("Loading…"));
    try {
      this.found = await this.host.differences();
      this.draw();
    } catch (error) {
      setText(this.summary, trans.__("There is no answer: %1", reasonOf(error)));
    }
  }

  private turn(all: boolean): void {
    this.showsAll = all;
    this.all.set(all);
    this.draw();
  }

  private draw(): void {
    const { trans } = this.host;
    if (this.found === undefined) {
      return;
    }
    const { facts, same } = this.found;
    const differ = trans._n("%1 fact differs", "%1 facts differ", facts.length);
    setText(this.summary, `${differ}, ${trans._n("%1 is the same", "%1 are the same", same.length)}`);
    const rows = rowsOf(this.found, this.showsAll);
    const nothing = h("p", "empty", {}, trans.__("Nothing differs between these runs."));
    this.place.replaceChildren(rows.length === 0 ? nothing : table(trans, this.found, rows));
  }
}

/** Group by group; what all runs have comes first. */
export function rowsOf({ facts, same, runs }: Differences, all: boolean): Row[] {
  const rows: Row[] = facts.map((fact) => ({ ...fact, differs: true }));
  for (const { group, name, value } of all ? same : []) {
    rows.push({ group, name, values: runs.map(() => value), differs: false });
  }
  const rank = ({ group }: Row): number => (GROUPS.includes(group) ? GROUPS.indexOf(group) : GROUPS.length);
  const lacks = ({ values }: Row): number => Number(values.includes(null));
  return rows.sort((a, b) => rank(a) - rank(b) || lacks(a) - lacks(b) || a.name.localeCompare(b.name, "en", { numeric: true }));
}

function table(trans: Words, { runs }: Differences, rows: readonly Row[]): HTMLElement {
  const heads = runs.map(({ id }, k) => h("th", "", { scope: "col" }, h("span", "column-head", {}, swatch(k), id)));
  const head = h("tr", "", {}, h("th", "", { scope: "col" }, trans.__("Fact")), ...heads);
  const groups = [...new Set(rows.map(({ group }) => group))];
  const sections = groups.map((group) => {
    const title = h("th", "group-head", { scope: "rowgroup", colspan: runs.length + 1 }, groupName(trans, group));
    const facts = rows.filter((each) => each.group === group);
    return h("tbody", "", {}, h("tr", "", {}, title), ...facts.map((fact) => row(trans, fact)));
  });
  return h("table", "table different", {}, h("thead", "", {}, head), ...sections);
}

function row(trans: Words, { group, name, values, differs }: Row): HTMLElement {
  const ours = group === "run" || group === "environment";
  const cells = values.map((value) =>
    value === null
      ? h("td", "none", { title: trans.__("This run has none"), "aria-label": trans.__("none") }, strings.unknown)
      : h("td", "", {}, (ours ? factValue(name, value) : value) ?? ""),
  );
  const mark = differs ? h("span", "differs", { title: trans.__("This differs") }, "≠") : h("span", "differs");
  return h("tr", differs ? "" : "same-fact", {}, h("th", "", { scope: "row" }, mark, ours ? strings.told(name) : name), ...cells);
}

function groupName(trans: Words, group: string): string {
  const names: Record<string, string> = {
    run: trans.__("Run"),
    arguments: trans.__("Arguments"),
    environment: trans.__("Environment"),
    packages: trans.__("Packages"),
    git: trans.__("Git"),
    data: trans.__("Data"),
    tags: trans.__("Tags"),
    metrics: trans.__("Metrics, last values"),
  };
  return names[group] ?? group;
}
