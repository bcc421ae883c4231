/** The first line: state, which run, what it executes, how long, Stop, and the menu. */
import { Actions } from "./actions/actions.ts";
import { hasEnded, ran, runOf } from "./clock.ts";
import { copyFrom } from "./copy.ts";
import { h, icon, setAttribute, setText } from "./dom.ts";
import { duration, exactTime, ticking } from "./format.ts";
import { Note } from "./note.ts";
import type { Sheet } from "./sheet.ts";
import type { RunTopic, Status } from "./source.ts";
import { GLYPHS, toneOf, wordOf } from "./states.ts";
import { StopControl } from "./stop.ts";
import { strings } from "./strings.ts";
import type { Tip } from "./tip.ts";
import type { View } from "./view.ts";

export class Header {
  readonly element: HTMLElement;
  private readonly glyph = h("span", "glyph");
  private readonly word = h("span", "word");
  private readonly state: HTMLElement;
  private readonly experiment = h("span", "experiment");
  private readonly id: HTMLButtonElement;
  private readonly command = h("code", "command");
  private readonly time = h("span", "time");
  private readonly stop: StopControl;
  private status = "";

  constructor(
    private readonly view: View,
    tip: Tip,
    sheet: Sheet,
  ) {
    this.state = h("span", "state", {}, this.glyph, this.word);
    this.id = h("button", "id", { type: "button", click: () => this.copyId() });
    this.stop = new StopControl(view);
    const name = h("span", "name", {}, this.experiment, h("span", "quiet", {}, " / "), this.id);
    const note = new Note((message) => view.say(message));
    const { menu } = new Actions(view, sheet, note);
    const line = h("div", "header", {}, this.state, name, this.command, this.time, this.stop.element, menu.element);
    this.element = h("div", "head", {}, line, this.stop.notice, note.element);
    tip.on(this.time, () => timesOf(runOf(view.source)));
    tip.on(this.command, () => this.command.textContent ?? "");
    setAttribute(this.time, "tabindex", 0);
    view.clock.onTick(() => this.updateTime());
  }

  update(): void {
    const run = runOf(this.view.source);
    this.stop.update();
    if (run === undefined) {
      setText(this.word, strings.noRun);
      return;
    }
    this.updateState(run.status);
    setText(this.experiment, run.experiment);
    setText(this.id, run.id);
    setAttribute(this.id, "aria-label", strings.copyId(run.id));
    setText(this.command, run.command);
    this.updateTime();
  }

  private updateState(status: Status): void {
    if (status === this.status) {
      return;
    }
    const tone = toneOf(status);
    const word = wordOf(status);
    this.state.dataset["tone"] = tone;
    this.glyph.replaceChildren(icon(GLYPHS[tone], tone === "busy" ? "spin" : ""));
    setText(this.word, word);
    if (this.status !== "") {
      this.view.say(strings.stateIs(word));
    }
    this.status = status;
  }

  private updateTime(): void {
    const run = runOf(this.view.source);
    if (run !== undefined) {
      const text = timeOf(run, this.view.clock.now());
      setText(this.time, text);
      setAttribute(this.time, "aria-label", `${strings.elapsed}: ${text}`);
    }
  }

  private copyId(): void {
    const run = runOf(this.view.source);
    if (run !== undefined) {
      copyFrom(this.id, run.id, (message) => this.view.say(message));
    }
  }
}

function timeOf(run: RunTopic, now: number): string {
  const spent = ran(run, now);
  if (spent !== null) {
    return hasEnded(run) ? duration(spent) : ticking(spent);
  }
  if (hasEnded(run)) {
    return strings.didNotRun;
  }
  return run.created === null ? "" : strings.waits(ticking(now - run.created));
}

function timesOf(run: RunTopic | undefined): string {
  if (run === undefined) {
    return "";
  }
  const lines = run.created === null ? [] : [strings.created(exactTime(run.created))];
  if (run.started !== null) {
    lines.push(strings.began(exactTime(run.started)));
  }
  if (run.ended !== null) {
    lines.push(strings.finished(exactTime(run.ended)));
  }
  return lines.join("\n");
}
