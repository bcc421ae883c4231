/** Images as such; other artefacts as text, when asked for. */
import { reasonOf } from "../asking.ts";
import { BlobUrl, load, toBlob, toText } from "../blobs.ts";
import { button, h, setText, show } from "../dom.ts";
import { baseName, size } from "../format.ts";
import type { Metric } from "../source.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";
import { type Card, Frame } from "./card.ts";

const MOST_IMAGE = 32 << 20;
const MOST_TEXT = 256 << 10;

export class ImageCard implements Card {
  readonly element: HTMLElement;
  private readonly frame = new Frame("image");
  private readonly image = h("img", "picture", { decoding: "async" });
  private readonly url: BlobUrl;
  private readonly steps: HTMLElement;
  private metric: Metric | undefined;
  private loaded = "";
  /** Counted from the newest; 0 stays the newest when more come. */
  private back = 0;

  constructor(private readonly view: View) {
    this.element = this.frame.element;
    this.url = new BlobUrl(view.scope);
    const older = button("←", "flat", () => this.step(1), strings.older);
    const newer = button("→", "flat", () => this.step(-1), strings.newer);
    older.setAttribute("aria-label", strings.older);
    newer.setAttribute("aria-label", strings.newer);
    this.steps = h("span", "image-steps", {}, older, newer);
    this.frame.readout.after(this.steps);
    this.frame.body.append(this.image);
  }

  set(metric: Metric): void {
    this.metric = metric;
    this.frame.name(metric);
    this.image.alt = metric.name;
  }

  draw(): void {
    const all = this.all;
    const artifact = all.at(-1 - this.back);
    show(this.steps, all.length > 1);
    setText(this.frame.readout, all.length > 1 ? strings.position(String(all.length - this.back), String(all.length)) : "");
    const version = `${artifact} ${this.back === 0 ? this.metric?.count : ""}`;
    if (artifact !== undefined && version !== this.loaded) {
      this.loaded = version;
      setText(this.frame.facts, artifact);
      this.image.alt = `${this.metric?.name}: ${baseName(artifact)}`;
      void this.fetch(artifact, version);
    }
  }

  private get all(): readonly string[] {
    const { artifacts, artifact } = this.metric ?? {};
    return artifacts ?? (artifact === undefined ? [] : [artifact]);
  }

  private step(by: number): void {
    this.back = Math.min(this.all.length - 1, Math.max(0, this.back + by));
    this.draw();
  }

  private async fetch(artifact: string, version: string): Promise<void> {
    try {
      const blob = toBlob(await load(this.view, artifact, { limit: MOST_IMAGE }));
      if (version === this.loaded) {
        this.image.src = this.url.set(blob);
      }
    } catch (error) {
      setText(this.frame.facts, strings.imageFailed(reasonOf(error)));
    }
  }
}

export class TextCard implements Card {
  readonly element: HTMLElement;
  private readonly frame = new Frame("artifact");
  private readonly open: HTMLButtonElement;
  private readonly text = h("pre", "code", { tabindex: 0, hidden: true });
  private metric: Metric | undefined;

  constructor(private readonly view: View) {
    this.element = this.frame.element;
    this.open = button(strings.showText, "", () => void this.fetch());
    this.frame.body.append(this.open, this.text);
  }

  set(metric: Metric): void {
    this.metric = metric;
    this.frame.name(metric);
    setText(this.frame.facts, metric.artifact ?? "");
  }

  draw(): void {
    show(this.open, this.metric?.artifact !== undefined);
  }

  private async fetch(): Promise<void> {
    setText(this.text, strings.loading);
    show(this.text, true);
    try {
      const loaded = await load(this.view, this.metric?.artifact ?? "", { limit: MOST_TEXT });
      setText(this.text, toText(loaded) ?? strings.noPreview);
      setText(this.frame.facts, loaded.size > MOST_TEXT ? strings.firstPart(size(MOST_TEXT)) : "");
    } catch (error) {
      setText(this.text, strings.fileFailed(reasonOf(error)));
    }
  }
}
