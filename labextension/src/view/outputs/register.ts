/** Asks for a name, and registers a file or a folder as a version of that model. */
import { reasonOf } from "../asking.ts";
import { copyFrom } from "../copy.ts";
import { button, h, setAttribute, setText, show } from "../dom.ts";
import { baseName } from "../format.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";

export class RegisterForm {
  readonly element: HTMLFormElement;
  private readonly label = h("label");
  private readonly name: HTMLInputElement;
  private readonly submit: HTMLButtonElement;
  private readonly result = h("span", "", { role: "status" });
  private readonly copy: HTMLButtonElement;
  private path = "";
  private made = "";

  constructor(
    private readonly view: View,
    private readonly opener: HTMLElement,
  ) {
    this.name = h("input", "field", {
      required: true,
      maxlength: 255,
      spellcheck: "false",
      "aria-label": strings.modelName,
      input: () => (this.submit.disabled = false),
    });
    this.submit = h("button", "button", { type: "submit" }, strings.registerNow);
    this.copy = button(strings.copy, "", () => copyFrom(this.copy, this.made, (message) => view.say(message)));
    const cancel = button("✕", "flat", () => this.leave(), strings.close);
    setAttribute(cancel, "aria-label", strings.close);
    const onSubmit = (event: SubmitEvent): void => {
      event.preventDefault();
      void this.send();
    };
    const parts = [this.label, this.name, this.submit, this.result, this.copy, h("span", "push"), cancel];
    this.element = h("form", "bar register", { hidden: true, submit: onSubmit }, ...parts);
    view.scope.listen<KeyboardEvent>(this.element, "keydown", (event) => {
      if (event.key === "Escape") {
        this.leave();
      }
    });
  }

  /** Proposes a name for a file or folder of the run. */
  open(path: string): void {
    this.path = path;
    this.name.value = proposed(path);
    this.tell("", "");
    this.submit.disabled = false;
    setText(this.label, strings.registerAs(path));
    show(this.element, true);
    this.name.select();
    this.name.focus();
  }

  close(): void {
    show(this.element, false);
  }

  private leave(): void {
    this.close();
    this.opener.focus();
  }

  private tell(text: string, made: string): void {
    this.made = made;
    setText(this.result, text);
    this.element.dataset["bad"] = String(text !== "" && made === "");
    show(this.copy, made !== "");
    setAttribute(this.copy, "aria-label", strings.copyValue(made));
  }

  /** The same is not registered twice by pressing Enter twice. */
  private async send(): Promise<void> {
    this.submit.disabled = true;
    this.tell(strings.registering, "");
    delete this.element.dataset["bad"];
    try {
      const { id } = await this.view.ask("register", { name: this.name.value.trim(), path: this.path });
      this.tell(strings.registered(id), id);
    } catch (error) {
      this.tell(reasonOf(error), "");
      this.submit.disabled = false;
    }
  }
}

/** A file's name without its ending, with nothing in it that a model's name cannot have. */
export function proposed(path: string): string {
  const name = baseName(path).replace(/\.\w+$/, "");
  return name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "model";
}
