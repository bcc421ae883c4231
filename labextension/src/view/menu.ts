/** A button with a menu of commands, as ARIA describes it. */
import { button, h, setAttribute, show } from "./dom.ts";
import type { Scope } from "./scope.ts";

export interface MenuItem {
  label: string;
  act(): void;
  /** Asked each time the menu opens. */
  enabled?(): boolean;
}

interface Entry {
  item: MenuItem;
  element: HTMLElement;
}

export class Menu {
  readonly element: HTMLElement;
  readonly button: HTMLButtonElement;
  private readonly list: HTMLElement;
  private readonly entries: Entry[];

  constructor(scope: Scope, label: string, items: readonly MenuItem[]) {
    this.button = button("⋯", "menu-button", () => this.open(this.list.hidden ? 0 : -1), label);
    setAttribute(this.button, "aria-label", label);
    setAttribute(this.button, "aria-haspopup", "menu");
    this.entries = items.map((item) => ({ item, element: this.entry(item) }));
    const elements = this.entries.map(({ element }) => element);
    this.list = h("div", "menu", { role: "menu", "aria-label": label, hidden: true }, ...elements);
    this.element = h("span", "menu-holder", {}, this.button, this.list);
    this.open(-1);
    scope.listen<KeyboardEvent>(this.element, "keydown", (event) => this.key(event));
    scope.listen<FocusEvent>(this.element, "focusout", (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) {
        this.open(-1);
      }
    });
  }

  private entry(item: MenuItem): HTMLElement {
    return h("button", "menu-item", { type: "button", role: "menuitem", tabindex: -1, click: () => this.choose(item) }, item.label);
  }

  /** Opens it with the focus on one of its items, from the end where negative; -1 closes it. */
  private open(at: number): void {
    const opens = at >= 0;
    if (opens) {
      for (const { item, element } of this.entries) {
        setAttribute(element, "aria-disabled", item.enabled?.() === false ? true : null);
      }
    }
    show(this.list, opens);
    setAttribute(this.button, "aria-expanded", opens);
    this.entries[at]?.element.focus();
  }

  private choose(item: MenuItem): void {
    if (item.enabled?.() !== false) {
      this.button.focus();
      this.open(-1);
      item.act();
    }
  }

  private key(event: KeyboardEvent): void {
    const last = this.entries.length - 1;
    const at = this.entries.findIndex(({ element }) => element === document.activeElement || element.matches(":focus"));
    const moves: Record<string, number> = {
      ArrowDown: at === last ? 0 : at + 1,
      ArrowUp: at <= 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const to = moves[event.key] ?? (at >= 0 && event.key.length === 1 ? this.startingWith(event.key, at) : undefined);
    if (to !== undefined && (at >= 0 || event.key.startsWith("Arrow"))) {
      this.open(to);
    } else if (event.key === "Escape" && !this.list.hidden) {
      this.button.focus();
      this.open(-1);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private startingWith(letter: string, at: number): number | undefined {
    const order = [...this.entries.keys()].map((k) => (at + 1 + k) % this.entries.length);
    return order.find((k) => this.entries[k]?.item.label.toLowerCase().startsWith(letter.toLowerCase()));
  }
}
