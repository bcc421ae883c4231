/** The Logs tab. */
import { hasEnded, runOf } from "../clock.ts";
import { button, h, setText, show } from "../dom.ts";
import { exactTime } from "../format.ts";
import type { Seconds, Source } from "../source.ts";
import { strings } from "../strings.ts";
import { toggle } from "../toggle.ts";
import type { Pane, View } from "../view.ts";
import { openAlone } from "./alone.ts";
import { currentFile, FileChoice } from "./files.ts";
import { Find } from "./find.ts";
import { LineList } from "./list.ts";
import { reasonLine } from "./reason.ts";
import type { Stamp } from "./row.ts";
import { LineStore } from "./store.ts";
import { stampOf } from "./times.ts";

export class LogsPane implements Pane {
  readonly element: HTMLElement;
  private readonly list: LineList;
  private readonly find: Find;
  private readonly choice: FileChoice;
  private readonly follow = toggle(strings.follow, strings.followHint, (on) => this.setFollow(on));
  private readonly wrap = toggle(strings.wrap, strings.wrapHint, (on) => this.setWrap(on));
  private readonly times = toggle(strings.times, strings.timesHint, (on) => this.setTimes(on));
  private readonly alone: HTMLButtonElement;
  private readonly empty = h("p", "empty");
  private readonly failure = h("div", "bar failure", { role: "alert", hidden: true });
  private readonly redraw: () => void;
  private readonly source: Source;
  private readonly bar: HTMLElement;
  private readonly marked: HTMLElement;
  private readonly moment = h("span");
  private store: LineStore | undefined;
  private missing = "";

  constructor(private readonly view: View) {
    this.source = view.source;
    this.redraw = view.scope.framed(() => this.draw());
    this.list = new LineList(view, undefined, () => this.listMoved());
    this.list.wrap = this.source.ui.wrap ?? false;
    this.list.following = this.source.ui.follow ?? true;
    this.list.top = this.source.ui.line ?? 0;
    this.find = new Find(view, this.list, () => this.store, this.redraw);
    this.choice = new FileChoice((file) => this.choose(file));
    this.bar = h("div", "bar", {}, this.choice.element, this.find.element, h("span", "push"));
    this.alone = button(strings.openLog, "", () => this.openAlone(), strings.openLogHint);
    this.bar.append(this.follow.element, this.wrap.element, this.times.element, this.alone);
    const charts = button(strings.showCharts, "link", () => view.showCharts());
    this.marked = h("div", "marked", { role: "status", hidden: true }, this.moment, " ", charts);
    this.element = h("div", "logs", {}, this.bar, this.failure, this.list.element, this.marked, this.empty);
    this.setWrap(this.list.wrap);
    this.setTimes(this.source.ui.times ?? false);
    view.scope.resized(this.list.element, this.redraw);
    view.scope.listen<KeyboardEvent>(this.element, "keydown", (event) => this.key(event));
    view.scope.listen<MouseEvent>(this.list.element, "click", (event) => this.clicked(event));
  }

  update(): void {
    const logs = this.source.get("logs");
    const file = currentFile(this.source);
    this.choice.update(logs?.files ?? [], file);
    if (file !== undefined && file !== this.store?.file) {
      this.open(file);
    }
    this.takeTail();
    this.find.refresh(false);
    this.draw();
  }

  shown(): void {
    this.draw();
  }

  /** Opens a file at a line. */
  showLine(file: string, line: number): void {
    this.source.ui.file = file;
    this.update();
    this.list.element.focus();
    this.list.goTo(line);
  }

  /** Opens the file that shows why the run ended, at the line that says it. */
  async showReason(): Promise<void> {
    const run = runOf(this.source);
    if (run?.log) {
      this.source.ui.file = run.log;
      this.update();
      this.list.element.focus();
      const line = await reasonLine(this.view, run.log, run.reason ?? "");
      if (line !== undefined && this.store?.file === run.log) {
        this.list.goTo(line);
      }
    }
  }

  private choose(file: string): void {
    this.source.ui.file = file;
    this.source.ui.line = 0;
    this.list.following = true;
    this.update();
  }

  private open(file: string): void {
    const store = new LineStore(this.view, file, this.redraw);
    this.store = store;
    this.list.show(store);
    this.list.current = -1;
    this.list.label(strings.logLines(file));
    this.askTail(file);
    this.find.refresh(true);
  }

  /** By itself the tail is that of the file being written; a file that the reader chose has to be asked for. */
  private askTail(file: string): void {
    const { ui } = this.source;
    if (ui.file === file) {
      ui.pinned = true;
    }
    if (ui.pinned === true && this.source.get("tail")?.file !== file) {
      this.view.ask("follow", { file }).catch(() => undefined); // its lines still come when asked for
    }
  }

  private takeTail(): void {
    const store = this.store;
    const tail = this.source.get("tail");
    if (store === undefined) {
      return;
    }
    if (tail?.file === store.file) {
      store.accept(tail);
    } else {
      const known = this.source.get("logs")?.files?.find(({ name }) => name === store.file)?.lines ?? 0;
      store.setTotal(Math.max(known, store.total));
      if (store.total === 0) {
        store.probe();
      }
    }
  }

  private draw(): void {
    if (this.element.clientHeight === 0) {
      return;
    }
    const total = this.store?.total ?? 0;
    show(this.list.element, total > 0);
    show(this.empty, total === 0);
    show(this.bar, this.store !== undefined);
    if (total === 0) {
      setText(this.empty, emptyText(this.source, this.store !== undefined));
    }
    this.showMissing(this.store?.failure ?? "");
    this.list.render();
    if (this.list.stamp !== undefined) {
      this.store?.wantTimes();
    }
    this.follow.set(this.list.following);
  }

  private listMoved(): void {
    show(this.marked, false);
    this.source.ui.follow = this.list.following;
    this.source.ui.line = this.list.top;
    this.redraw();
  }

  private setFollow(on: boolean): void {
    this.list.following = on;
    this.listMoved();
  }

  private setWrap(on: boolean): void {
    this.list.wrap = on;
    this.source.ui.wrap = on;
    this.wrap.set(on);
    this.list.element.classList.toggle("aml-wrapped", on);
    this.redraw();
  }

  private setTimes(on: boolean): void {
    this.source.ui.times = on;
    this.times.set(on);
    this.list.stamp = on ? (store, line) => this.stamp(store.time(line)) : undefined;
    this.list.element.classList.toggle("aml-timed", on);
    this.redraw();
  }

  /** What has no time when the run is over will never have one. */
  private stamp(time: Seconds | null | undefined): Stamp {
    const run = runOf(this.source);
    return stampOf(time === undefined && hasEnded(run) ? null : time, run?.started ?? null);
  }

  private clicked({ target }: MouseEvent): void {
    const line = (target as HTMLElement).closest<HTMLElement>("[data-line]")?.dataset["line"];
    if (line !== undefined && document.getSelection()?.isCollapsed !== false) {
      this.mark(Number(line) - 1);
    }
  }

  /** Marks the moment at which a line was written in the charts, where both are there. */
  private mark(line: number): void {
    const time = this.store?.time(line);
    const hasCharts = (this.source.get("metrics") ?? []).some((metric) => metric.series !== undefined);
    if (typeof time === "number" && hasCharts) {
      this.source.ui.moment = time;
      this.list.current = line;
      setText(this.moment, strings.marked(exactTime(time).slice(-8)));
      show(this.marked, true);
      this.redraw();
    }
  }

  private openAlone(): void {
    const name = this.store?.file;
    if (name !== undefined) {
      this.complain("");
      void openAlone(this.view, name, this.alone, (why) => this.complain(why));
    }
  }

  /** Says why lines are missing, and takes only that back. */
  private showMissing(failure: string): void {
    if (failure !== this.missing) {
      this.missing = failure;
      this.complain(failure === "" ? "" : strings.linesFailed(failure));
    }
  }

  private complain(why: string): void {
    setText(this.failure, why);
    show(this.failure, why !== "");
  }

  private key(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f") {
      event.preventDefault();
      event.stopPropagation();
      this.find.focus();
    } else if (event.key === "Enter" && event.target === this.list.element && this.list.current >= 0) {
      this.mark(this.list.current);
    }
  }
}

/** Why there are no lines: what the run waits for, before its script has a log to write. */
function emptyText(source: Source, hasFile: boolean): string {
  const status = runOf(source)?.status ?? "";
  const phase = source.get("phases")?.find(({ state }) => state === "active");
  const isQueued = status === "Queued";
  if (isQueued || (status === "Preparing" && phase?.note)) {
    const then = isQueued ? strings.queuedLog : strings.noLog(status);
    return phase?.note ? strings.noLogYet(strings.told(phase.name), strings.told(phase.note), then) : then;
  }
  return hasFile ? strings.emptyLog : strings.noLog(status);
}
