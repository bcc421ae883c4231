/** The view as an anywidget: topics are synced traits, requests are custom messages. */
import { mount } from "./mount.ts";
import type { Choices, Operation, Requests, Source, StopNotice, Topic, Topics } from "./source.ts";
import { strings, translateWith } from "./strings.ts";

export { mount, translateWith };

/** What is used of anywidget's model. */
export interface WidgetModel {
  get(name: string): unknown;
  on(event: string, callback: (message: Answer, buffers: DataView[]) => void): void;
  off(event: string, callback: (message: Answer, buffers: DataView[]) => void): void;
  send(content: object): void;
}

interface Answer {
  id?: number;
  ok?: object;
  error?: string;
}

interface Waiting {
  resolve(result: object): void;
  reject(error: Error): void;
}

/** One source for a model, however many views it has and whenever they come. */
export class WidgetSource implements Source {
  readonly ui: Choices = {};
  readonly waitingNotice = strings.kernelBusy;
  private readonly waiting = new Map<number, Waiting>();
  private count = 0;

  constructor(private readonly model: WidgetModel) {
    model.on("msg:custom", this.answered);
  }

  get<T extends Topic>(topic: T): Topics[T] | undefined {
    return (this.model.get(topic) ?? undefined) as Topics[T] | undefined;
  }

  on(topic: Topic, callback: () => void): () => void {
    const listener = (): void => callback();
    this.model.on(`change:${topic}`, listener);
    return () => this.model.off(`change:${topic}`, listener);
  }

  /** A busy kernel answers when its cell ends, so nothing here gives up. */
  request<O extends Operation>(op: O, params: Requests[O]["params"]): Promise<Requests[O]["result"]> {
    const id = ++this.count;
    return new Promise<object>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.model.send({ id, op, params });
    }) as Promise<Requests[O]["result"]>;
  }

  stopNotice(run: string): StopNotice {
    return { text: strings.kernelBusyStop, command: strings.cancelCommand(run, this.get("run")?.workspace ?? "default") };
  }

  dispose(): void {
    this.model.off("msg:custom", this.answered);
    this.waiting.clear();
  }

  private readonly answered = (message: Answer, buffers: DataView[]): void => {
    const waiting = this.waiting.get(message?.id ?? 0);
    if (waiting === undefined) {
      return;
    }
    this.waiting.delete(message.id ?? 0);
    if (message.error !== undefined) {
      waiting.reject(new Error(message.error));
    } else {
      const data = buffers?.[0];
      waiting.resolve(data === undefined ? (message.ok ?? {}) : { ...message.ok, data: bytes(data) });
    }
  };
}

function bytes(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

interface Mounting {
  model: WidgetModel;
  el: HTMLElement;
}

/** Called once for each model. */
export default function widget(): {
  initialize(context: { model: WidgetModel }): () => void;
  render(context: Mounting): () => void;
} {
  let source: WidgetSource | undefined;
  return {
    initialize({ model }) {
      const made = new WidgetSource(model);
      source = made;
      return () => made.dispose();
    },
    render({ model, el }) {
      source ??= new WidgetSource(model);
      return mount(el, source);
    },
  };
}
