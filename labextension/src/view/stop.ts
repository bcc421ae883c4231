/** Stop asks once, in place. */
import { reasonOf } from "./asking.ts";
import { hasEnded, runOf } from "./clock.ts";
import { button, h, setText, show } from "./dom.ts";
import * as strings from "./strings.ts";
import type { View } from "./view.ts";

export class StopControl {
  readonly element: HTMLElement;
  private readonly first: HTMLButtonElement;
  private readonly question: HTMLElement;
  private readonly keep: HTMLButtonElement;
  private readonly state = h("span", "stopping");
  private asked = false;
  private sent = false;
  private failure = "";

  constructor(private readonly view: View) {
    this.first = button(strings.stop, "stop", () => this.ask(true));
    this.keep = button(strings.keep, "", () => this.ask(false));
    const yes = button(strings.stop, "danger", () => void this.send());
    this.question = h("span", "question", { role: "group" }, strings.stopQuestion, yes, this.keep);
    this.question.setAttribute("aria-label", strings.stopQuestion);
    this.element = h("span", "stop-control", {}, this.first, this.question, this.state);
    view.scope.listen<KeyboardEvent>(this.question, "keydown", (event) => {
      if (event.key === "Escape") {
        this.ask(false);
      }
    });
  }

  update(): void {
    const run = runOf(this.view.source);
    const over = run === undefined || hasEnded(run);
    const stopping = !over && (this.sent || run.status === "CancelRequested");
    show(this.first, !over && !stopping && !this.asked);
    show(this.question, !over && !stopping && this.asked);
    setText(this.state, stopping ? strings.stopping : over ? "" : this.failure);
    show(this.state, this.state.textContent !== "");
  }

  private ask(asked: boolean): void {
    this.asked = asked;
    this.failure = "";
    this.update();
    (asked ? this.keep : this.first).focus();
  }

  private async send(): Promise<void> {
    this.asked = false;
    this.sent = true;
    this.update();
    this.view.say(strings.stopping);
    try {
      await this.view.ask("cancel", {});
    } catch (error) {
      this.sent = false;
      this.failure = strings.stopFailed(reasonOf(error));
      this.update();
      this.view.say(this.failure);
    }
  }
}
