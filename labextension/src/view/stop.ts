/** Stop asks once, in place. */
import { reasonOf } from "./asking.ts";
import { hasEnded, runOf } from "./clock.ts";
import { copyFrom } from "./copy.ts";
import { button, h, setText, show } from "./dom.ts";
import type { Status } from "./source.ts";
import { strings } from "./strings.ts";
import type { View } from "./view.ts";

export class StopControl {
  readonly element: HTMLElement;
  private readonly first: HTMLButtonElement;
  private readonly question: HTMLElement;
  private readonly keep: HTMLButtonElement;
  private readonly state = h("span", "stopping");
  /** Takes the place of the state while the request waits. */
  readonly notice: HTMLElement;
  private readonly busy = h("span");
  private readonly command = h("code", "terminal");
  private asked = false;
  /** The run's status when the request was sent. */
  private sent: Status | undefined;
  private late = false;
  private failure = "";

  constructor(private readonly view: View) {
    this.first = button(strings.stop, "stop", () => this.ask(true));
    this.keep = button(strings.keep, "", () => this.ask(false));
    const yes = button(strings.stop, "danger", () => void this.send());
    this.question = h("span", "question", { role: "group" }, strings.stopQuestion, yes, this.keep);
    this.question.setAttribute("aria-label", strings.stopQuestion);
    this.element = h("span", "stop-control", {}, this.first, this.question, this.state);
    const say = (message: string): void => view.say(message);
    const copy = button(strings.copy, "", () => copyFrom(copy, this.command.textContent ?? "", say));
    this.notice = h("div", "stop-notice", { hidden: true }, this.busy, " ", this.command, copy);
    view.scope.listen<KeyboardEvent>(this.question, "keydown", (event) => {
      if (event.key === "Escape") {
        this.ask(false);
      }
    });
  }

  update(): void {
    const run = runOf(this.view.source);
    const over = run === undefined || hasEnded(run);
    const stopping = !over && (this.sent !== undefined || run.status === "CancelRequested");
    show(this.first, !over && !stopping && !this.asked);
    show(this.question, !over && !stopping && this.asked);
    this.updateNotice(stopping && this.late && run.status === this.sent ? run.id : undefined);
    setText(this.state, !this.notice.hidden ? "" : stopping ? strings.stopping : over ? "" : this.failure);
    show(this.state, this.state.textContent !== "");
  }

  /** Says why the run's end waits, and goes back to the state when it no longer does. */
  private updateNotice(waiting: string | undefined): void {
    const notice = waiting === undefined ? undefined : this.view.source.stopNotice?.(waiting);
    if ((notice === undefined) === this.notice.hidden) {
      return;
    }
    setText(this.busy, notice?.text ?? "");
    setText(this.command, notice?.command ?? "");
    show(this.notice, notice !== undefined);
    this.view.say(notice === undefined ? strings.stopping : `${notice.text} ${notice.command}`);
  }

  private ask(asked: boolean): void {
    this.asked = asked;
    this.failure = "";
    this.update();
    (asked ? this.keep : this.first).focus();
  }

  private async send(): Promise<void> {
    this.asked = false;
    this.sent = runOf(this.view.source)?.status;
    this.update();
    this.view.say(strings.stopping);
    try {
      await this.view.ask("cancel", {}, (late) => {
        this.late = late;
        this.update();
      });
    } catch (error) {
      this.sent = undefined;
      this.failure = strings.stopFailed(reasonOf(error));
      this.update();
      this.view.say(this.failure);
    }
  }
}
