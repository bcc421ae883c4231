/** Shows one file: an image, the beginning of a text, or why not. */
import { reasonOf } from "../asking.ts";
import { BlobUrl, type FileOperation, load, toBlob, toText } from "../blobs.ts";
import { h, setText, show } from "../dom.ts";
import { size } from "../format.ts";
import { strings } from "../strings.ts";
import type { View } from "../view.ts";
import type { ListedFile } from "./tree.ts";

const MOST_TEXT = 128 << 10;
const MOST_IMAGE = 32 << 20;
const IMAGE = /\.(png|jpe?g|gif|webp|bmp|svg|avif)$/i;

export class Preview {
  readonly element: HTMLElement;
  private readonly note = h("p", "quiet preview-note", { role: "status" }, strings.pickFile);
  private readonly image = h("img", "picture", { hidden: true });
  private readonly text = h("pre", "code", { tabindex: 0, hidden: true });
  private readonly url: BlobUrl;
  private version = "";
  private name = "";

  /** Reads by one of the requests for a part of a file. */
  constructor(
    private readonly view: View,
    private readonly op: FileOperation = "file",
  ) {
    this.url = new BlobUrl(view.scope);
    this.element = h("div", "preview", {}, this.note, this.image, this.text);
  }

  /** Shows the file, or anew where it has changed. */
  async open(file: ListedFile): Promise<void> {
    const version = `${file.name} ${file.size} ${file.t}`;
    if (version === this.version) {
      return;
    }
    this.version = version;
    if (file.name !== this.name) {
      this.name = file.name;
      this.put(strings.loading);
    }
    try {
      await this.read(file, () => version === this.version);
    } catch (error) {
      this.put(strings.fileFailed(reasonOf(error)));
    }
  }

  /** A folder is only named. */
  clear(): void {
    this.version = "";
    this.name = "";
    this.put(strings.pickFile);
  }

  private async read(file: ListedFile, isCurrent: () => boolean): Promise<void> {
    if (file.size === 0) {
      this.put(strings.emptyFile);
    } else if (IMAGE.test(file.name)) {
      await this.readImage(file, isCurrent);
    } else {
      await this.readText(file, isCurrent);
    }
  }

  private async readImage(file: ListedFile, isCurrent: () => boolean): Promise<void> {
    if (file.size > MOST_IMAGE) {
      this.put(strings.imageTooLarge);
      return;
    }
    const blob = toBlob(await load(this.view, file.name, { op: this.op }));
    if (isCurrent()) {
      this.image.src = this.url.set(blob);
      this.image.alt = file.name;
      this.put("", this.image);
    }
  }

  private async readText(file: ListedFile, isCurrent: () => boolean): Promise<void> {
    const loaded = await load(this.view, file.name, { op: this.op, limit: MOST_TEXT });
    const text = toText(loaded);
    if (!isCurrent()) {
      return;
    }
    if (text === undefined) {
      this.put(strings.noPreview);
    } else {
      setText(this.text, text);
      this.put(loaded.size > MOST_TEXT ? strings.firstPart(size(MOST_TEXT)) : "", this.text);
    }
  }

  private put(note: string, content?: HTMLElement): void {
    setText(this.note, note);
    show(this.note, note !== "");
    show(this.image, content === this.image);
    show(this.text, content === this.text);
    if (content !== this.image) {
      this.url.clear();
    }
  }
}
