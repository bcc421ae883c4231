/** Collects what must be undone, so that leaving is one call. */
export class Scope {
  private undo: (() => void)[] = [];

  add(undo: () => void): void {
    this.undo.push(undo);
  }

  listen<T extends Event = Event>(
    target: EventTarget,
    type: string,
    handler: (event: T) => void,
    options?: AddEventListenerOptions,
  ): void {
    const listener = handler as EventListener;
    target.addEventListener(type, listener, options);
    this.add(() => target.removeEventListener(type, listener, options));
  }

  /** Runs the task at most once a frame, and not at all once disposed. */
  framed(task: () => void): () => void {
    let handle = 0;
    this.add(() => cancelAnimationFrame(handle));
    return () => {
      if (handle === 0) {
        handle = requestAnimationFrame(() => {
          handle = 0;
          task();
        });
      }
    };
  }

  resized(element: Element, task: () => void): void {
    const observer = new ResizeObserver(task);
    observer.observe(element);
    this.add(() => observer.disconnect());
  }

  dispose(): void {
    for (const undo of this.undo.splice(0).reverse()) {
      undo();
    }
  }
}
