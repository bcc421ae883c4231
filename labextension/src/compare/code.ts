/** What differs between the files of two runs' snapshots, line by line. */
import { reasonOf } from "../view/asking.ts";
import { h, setAttribute, setText, show } from "../view/dom.ts";
import { size } from "../view/format.ts";
import { strings } from "../view/strings.ts";
import type { ChangedFile, CodeDifferences, Host } from "./model.ts";
import { countsOf, type DiffLine, hunksOf } from "./unified.ts";

const SIGNS: Record<ChangedFile["change"], string> = { changed: "±", added: "+", removed: "−" };
/** Lines that are drawn at first: a file of many thousands is asked for. */
const MOST_LINES = 2000;

export class Code {
  readonly element: HTMLElement;
  private readonly summary = h("span", "quiet", { role: "status" });
  private readonly list: HTMLElement;
  private readonly place = h("div", "diff-place", { tabindex: 0, role: "region" });
  private readonly split: HTMLElement;
  private readonly before: HTMLSelectElement;
  private readonly after: HTMLSelectElement;
  private asked = 0;

  constructor(private readonly host: Host) {
    const { trans } = host;
    this.list = h("ul", "diff-files", { "aria-label": trans.__("Files that differ") });
    this.before = this.chooser(0);
    this.after = this.chooser(1);
    const choice = h("span", "diff-runs", {}, h("label", "", {}, trans.__("From"), " ", this.before), h("label", "", {}, trans.__("to"), " ", this.after));
    show(choice, host.runs.length > 2);
    this.split = h("div", "split", {}, this.list, this.place);
    this.element = h("div", "code-pane", {}, h("div", "bar", {}, choice, this.summary), this.split);
  }

  async load(): Promise<void> {
    const { trans } = this.host;
    const ticket = ++this.asked;
    setText(this.summary, trans.__("Loading…"));
    show(this.split, false);
    try {
      const found = await this.host.code(this.before.value, this.after.value);
      if (ticket === this.asked) {
        this.draw(found);
      }
    } catch (error) {
      if (ticket === this.asked) {
        setText(this.summary, trans.__("There is no answer: %1", reasonOf(error)));
      }
    }
  }

  private chooser(k: number): HTMLSelectElement {
    const options = this.host.runs.map(({ id }) => h("option", "", { value: id }, id));
    const select = h("select", "field", { change: () => void this.load() }, ...options);
    select.selectedIndex = k;
    return select;
  }

  private draw({ same, files, more }: CodeDifferences): void {
    const { trans } = this.host;
    const differ = trans._n("%1 file differs", "%1 files differ", files.length + more);
    const rest = trans._n("%1 is the same", "%1 are the same", same);
    const left = more > 0 ? ` · ${trans.__("the first %1 are listed", files.length)}` : "";
    setText(this.summary, `${differ}, ${rest}${left}`);
    show(this.split, files.length > 0);
    const buttons = files.map((file) => this.entry(file));
    this.list.replaceChildren(...buttons.map((each) => h("li", "", {}, each)));
    buttons[Math.max(0, files.findIndex(({ change }) => change === "changed"))]?.click();
  }

  private entry(file: ChangedFile): HTMLButtonElement {
    const { trans } = this.host;
    const words = { changed: trans.__("changed"), added: trans.__("added"), removed: trans.__("removed") };
    const sign = h("span", `sign ${file.change}`, { "aria-hidden": "true" }, SIGNS[file.change]);
    const label = `${file.name}, ${words[file.change]}`;
    const entry = h("button", "diff-file", { type: "button", title: label, "aria-label": label }, sign, h("span", "file-name", {}, file.name));
    entry.addEventListener("click", () => {
      for (const each of this.list.querySelectorAll("button")) {
        setAttribute(each, "aria-current", each === entry ? "true" : null);
      }
      this.show(file, words[file.change]);
    });
    return entry;
  }

  private show(file: ChangedFile, word: string): void {
    const { trans } = this.host;
    const hunks = file.diff === null ? [] : hunksOf(file.diff);
    const { added, removed } = countsOf(hunks);
    const sizes = file.sizes.map((bytes) => (bytes === null ? trans.__("none") : size(bytes))).join(" → ");
    const counts = hunks.length > 0 ? ` · +${added} −${removed}` : "";
    const head = h("div", "diff-head", {}, h("strong", "", {}, file.name), ` ${word} · ${sizes}${counts}`);
    setAttribute(this.place, "aria-label", trans.__("Differences of %1", file.name));
    const why = h("p", "empty", {}, trans.__("Its lines are not shown: %1.", file.why === null ? trans.__("they are the same") : strings.told(file.why)));
    this.place.replaceChildren(head, hunks.length > 0 ? this.table(hunks, MOST_LINES) : why);
    this.place.scrollTop = 0;
  }

  private table(hunks: DiffLine[][], most: number): HTMLElement {
    const { trans } = this.host;
    const table = h("table", "diff");
    let left = most;
    for (const [k, lines] of hunks.entries()) {
      if (left > 0) {
        const gap = h("tr", "diff-gap", {}, h("td", "", { colspan: 4 }, "⋯"));
        table.append(h("tbody", "", {}, k > 0 || (lines[0]?.before ?? lines[0]?.after ?? 1) > 1 ? gap : null, ...lines.slice(0, left).map(lineRow)));
        left -= lines.length;
      }
    }
    if (left < 0) {
      const all = h("button", "button", { type: "button", click: () => table.replaceWith(this.table(hunks, Infinity)) }, trans.__("Show all lines"));
      table.append(h("tbody", "", {}, h("tr", "", {}, h("td", "", { colspan: 4 }, all))));
    }
    return table;
  }
}

function lineRow({ sign, before, after, text, isOpen }: DiffLine): HTMLElement {
  const kind = sign === "+" ? "added" : sign === "-" ? "removed" : "";
  const number = (n: number | undefined): HTMLElement => h("td", "diff-number", {}, n === undefined ? "" : String(n));
  return h("tr", `diff-line ${kind}`.trim(), {}, number(before), number(after), h("td", "diff-sign", {}, sign), h("td", "diff-text", {}, isOpen ? `${text} ⏎̸` : text));
}
