/** A menu at a point of the page: JupyterLab's own, with its keys and roles. */
import { MenuSvg } from "@jupyterlab/ui-components";
import { CommandRegistry } from "@lumino/commands";
import type { Point } from "./tree.tsx";

export interface Item {
  label: string;
  act(): unknown;
  enabled?: boolean;
}

/** Undefined stands for a line between items. */
export function openMenu(items: readonly (Item | undefined)[], { x, y }: Point): void {
  const commands = new CommandRegistry();
  const menu = new MenuSvg({ commands });
  menu.addClass("jp-AmlMenu");
  items.forEach((item, index) => {
    if (item === undefined) {
      menu.addItem({ type: "separator" });
      return;
    }
    const command = `item-${index}`;
    commands.addCommand(command, {
      label: item.label,
      isEnabled: () => item.enabled ?? true,
      execute: () => item.act(),
      describedBy: { args: { type: "object", properties: {} } },
    });
    menu.addItem({ command });
  });
  const before = document.activeElement;
  menu.aboutToClose.connect(() => {
    // What was chosen is executed after the menu has closed, and may have taken the focus.
    setTimeout(() => {
      if (before instanceof HTMLElement && document.activeElement === document.body) {
        before.focus({ preventScroll: true });
      }
      menu.dispose();
    }, 0);
  });
  menu.open(x, y);
}
