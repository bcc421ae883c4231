/** The commands of the header's menu. */
import { reasonOf } from "../asking.ts";
import { runOf } from "../clock.ts";
import { copyFrom } from "../copy.ts";
import { button } from "../dom.ts";
import { Menu } from "../menu.ts";
import type { Note } from "../note.ts";
import { downloadAll } from "../outputs/download.ts";
import type { Sheet } from "../sheet.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";
import { CompareSheet } from "./compare.ts";
import { recipeList } from "./reproduce.ts";
import { SnapshotSheet } from "./snapshot.ts";

export class Actions {
  readonly menu: Menu;
  private readonly compare: CompareSheet;
  private readonly snapshot: SnapshotSheet;

  constructor(
    private readonly view: View,
    private readonly sheet: Sheet,
    private readonly note: Note,
  ) {
    this.compare = new CompareSheet(view);
    this.snapshot = new SnapshotSheet(view);
    const known = (): boolean => this.id !== undefined;
    this.menu = new Menu(view.scope, strings.actions, [
      { label: strings.rerun, act: () => void this.rerun(), enabled: known },
      { label: strings.compareWith, act: () => this.openCompare(), enabled: known },
      { label: strings.downloadOutputs, act: () => void this.download(), enabled: () => this.files.length > 0 },
      { label: strings.openSnapshot, act: () => void this.openSnapshot(), enabled: known },
      { label: strings.copyRunId, act: () => this.copyId(), enabled: known },
      { label: strings.reproduce, act: () => void this.reproduce(), enabled: known },
    ]);
  }

  private get id(): string | undefined {
    return runOf(this.view.source)?.id;
  }

  private get files() {
    return this.view.source.get("files") ?? [];
  }

  private async rerun(): Promise<void> {
    this.note.show(strings.submitting);
    try {
      const { id } = await this.view.ask("rerun", {});
      const workspace = runOf(this.view.source)?.workspace ?? "";
      const open = this.view.source.open;
      const how = open === undefined ? this.note.code(strings.showCommand(id, workspace)) : button(strings.open, "", () => open(id));
      this.note.show(strings.submittedAs, this.note.code(id), how);
    } catch (error) {
      this.note.fail(strings.rerunFailed(reasonOf(error)));
    }
  }

  private async download(): Promise<void> {
    const { note } = this;
    const busy = (on: boolean): void => (on ? note.show(strings.gathering) : note.hide());
    const progress = { busy, tell: (text: string): void => note.tell(text) };
    await downloadAll(this.view, this.files, `${this.id}.zip`, progress, (why) => note.fail(why));
  }

  private copyId(): void {
    copyFrom(this.menu.button, this.id ?? "", (message) => this.view.say(message));
  }

  private openCompare(): void {
    this.sheet.open(strings.compareTitle, this.compare.element, this.menu.button);
    this.compare.choose();
  }

  private async openSnapshot(): Promise<void> {
    this.sheet.open(strings.snapshotTitle, this.snapshot.element, this.menu.button);
    await this.snapshot.load();
  }

  private async reproduce(): Promise<void> {
    const list = recipeList((message) => this.view.say(message));
    this.sheet.open(strings.reproduceTitle, list.element, this.menu.button);
    try {
      list.show((await this.view.ask("reproduce", {})).recipes);
    } catch (error) {
      list.fail(strings.answerFailed(reasonOf(error)));
    }
  }
}
