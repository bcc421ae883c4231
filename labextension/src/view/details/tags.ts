/** The run's tags: changed, removed and added in place. */
import { reasonOf } from "../asking.ts";
import { button, h, setAttribute, setText, show } from "../dom.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";
import { factRow } from "./fact.ts";
import type { Fact } from "./same.ts";

export class Tags {
  readonly element: HTMLElement;
  private readonly list = h("dl", "facts-list");
  private readonly failure = h("p", "failure", { role: "alert", hidden: true });
  private readonly name = field(strings.tagName);
  private readonly value = field(strings.tagValue);
  private rows: readonly Fact[] = [];
  private drawn = "";
  /** The tag whose value is being changed: nothing is drawn anew meanwhile. */
  private editing = "";

  constructor(private readonly view: View) {
    const add = h("button", "button", { type: "submit" }, strings.addTag);
    const form = h("form", "add-tag", { submit: (event: SubmitEvent) => void this.add(event) }, this.name, this.value, add);
    this.element = h("section", "detail", { "aria-label": strings.tags }, h("h3", "title", {}, strings.tags), this.list);
    this.element.append(form, this.failure);
  }

  update(rows: readonly Fact[]): void {
    this.rows = rows;
    this.draw();
  }

  private draw(): void {
    const text = JSON.stringify(this.rows);
    if (this.editing === "" && text !== this.drawn) {
      this.drawn = text;
      const focused = this.list.querySelector(":focus")?.getAttribute("aria-label");
      this.list.replaceChildren(...this.rows.map(([name, value]) => this.row(name, value)));
      const buttons = [...this.list.querySelectorAll("button")];
      buttons.find((each) => each.getAttribute("aria-label") === focused)?.focus();
    }
  }

  private row(name: string, value: string): HTMLElement {
    const edit = button(strings.edit, "flat copy", () => this.edit(row, name, value));
    setAttribute(edit, "aria-label", strings.editTag(name));
    const remove = button("✕", "flat copy", () => void this.remove(name), strings.removeTag(name));
    setAttribute(remove, "aria-label", strings.removeTag(name));
    const row: HTMLElement = factRow(name, value, (message) => this.view.say(message), edit, remove);
    return row;
  }

  private edit(row: HTMLElement, name: string, value: string): void {
    this.stop(name);
    const input = field(name);
    input.value = value;
    const save = h("button", "button", { type: "submit" }, strings.save);
    const keydown = (event: KeyboardEvent): void => {
      if (event.key === "Escape") {
        event.stopPropagation();
        this.stop();
        this.focusRow(name);
      }
    };
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      void this.send({ [name]: input.value }, []).then((ok) => {
        if (ok) {
          this.stop();
          this.focusRow(name);
        }
      });
    };
    const form = h("form", "edit-tag", { submit, keydown }, input, save);
    row.querySelector("dd")?.replaceChildren(form);
    input.select();
    input.focus();
  }

  /** Ends the change under way, and begins another where one is named. */
  private stop(editing = ""): void {
    if (this.editing !== "") {
      this.drawn = "";
    }
    this.editing = "";
    this.draw();
    this.editing = editing;
  }

  private focusRow(name: string): void {
    const at = this.rows.findIndex(([each]) => each === name);
    this.list.children[at]?.querySelector("button")?.focus();
  }

  private async remove(name: string): Promise<void> {
    if (await this.send({}, [name])) {
      this.name.focus();
    }
  }

  private async add(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const name = this.name.value.trim();
    if (name !== "" && (await this.send({ [name]: this.value.value }, []))) {
      this.name.value = "";
      this.value.value = "";
      this.name.focus();
    }
  }

  /** The rows are drawn when the topic tells of the change. */
  private async send(set: Record<string, string>, remove: string[]): Promise<boolean> {
    show(this.failure, false);
    try {
      await this.view.ask("tags", { set, remove });
      this.view.say(strings.tagsChanged);
      return true;
    } catch (error) {
      setText(this.failure, strings.tagsFailed(reasonOf(error)));
      show(this.failure, true);
      return false;
    }
  }
}

function field(label: string): HTMLInputElement {
  return h("input", "field", { "aria-label": label, placeholder: label, spellcheck: "false" });
}
