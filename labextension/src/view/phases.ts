/** The line of phases: widths follow the time spent, and a failed one is where it stops. */
import { hasEnded, runOf } from "./clock.ts";
import { arrange, button, h, setAttribute, setText, show } from "./dom.ts";
import { duration, exactTime, ticking } from "./format.ts";
import type { Phase, RunTopic } from "./source.ts";
import { strings } from "./strings.ts";
import type { Tip } from "./tip.ts";
import type { View } from "./view.ts";

interface Part {
  element: HTMLElement;
  name: HTMLElement;
  time: HTMLElement;
  phase: Phase;
}

export class PhaseLine {
  readonly element: HTMLElement;
  private readonly line = h("ol", "phases", { "aria-label": strings.phases });
  private readonly reason = h("span", "reason-text");
  private readonly reasonRow: HTMLElement;
  private readonly link: HTMLButtonElement;
  private readonly parts = new Map<string, Part>();

  constructor(
    private readonly view: View,
    private readonly tip: Tip,
  ) {
    this.link = button(strings.showInLog, "link", () => view.showReason());
    this.reasonRow = h("div", "reason", {}, this.reason, this.link);
    this.element = h("div", "progress", {}, this.line, this.reasonRow);
    view.clock.onTick(() => this.updateTimes());
  }

  update(): void {
    const shown = reached(this.view.source.get("phases") ?? []);
    arrange(
      this.line,
      shown.map((phase) => this.part(phase).element),
    );
    this.updateTimes();
  }

  private part(phase: Phase): Part {
    let part = this.parts.get(phase.name);
    if (part === undefined) {
      const name = h("span", "phase-name", {}, strings.told(phase.name));
      const time = h("span", "phase-time");
      const element = h("li", "phase", { tabindex: 0 }, h("div", "phase-bar"), name, " ", time);
      part = { element, name, time, phase };
      this.parts.set(phase.name, part);
      const made = part;
      this.tip.on(element, () => this.describe(made.phase));
    }
    part.phase = phase;
    part.element.dataset["state"] = phase.state;
    setAttribute(part.element, "aria-current", phase.state === "active" ? "step" : null);
    return part;
  }

  private updateTimes(): void {
    for (const { element, time, phase } of this.parts.values()) {
      const spent = this.spent(phase);
      element.style.flexGrow = String(Math.round(spent * 10) / 10);
      const format = phase.state === "active" ? ticking : duration;
      setText(time, phase.start === null ? "" : format(spent));
      setAttribute(element, "aria-label", [this.describe(phase), time.textContent].filter(Boolean).join(", "));
    }
    this.updateReason();
  }

  private updateReason(): void {
    const run = runOf(this.view.source);
    const said = run?.reason ?? run?.standing;
    const reason = said ? strings.told(said) : this.idle(run);
    setText(this.reason, reason);
    show(this.reasonRow, reason !== "");
    show(this.link, Boolean(run?.log));
    this.reasonRow.dataset["bad"] = String(run?.status === "Failed" || run?.status === "NotResponding");
  }

  private idle(run: RunTopic | undefined): string {
    const since = run?.gpus_idle ?? null;
    const tells = since !== null && run?.status === "Running";
    return tells ? strings.gpusIdle(duration(this.view.clock.now() - since)) : "";
  }

  private spent(phase: Phase): number {
    if (phase.start === null) {
      return 0;
    }
    const run = runOf(this.view.source);
    const end = phase.end ?? (hasEnded(run) ? (run?.ended ?? phase.start) : this.view.clock.now());
    return Math.max(0, end - phase.start);
  }

  private describe(phase: Phase): string {
    const lines = [`${strings.told(phase.name)}: ${strings.phaseStates[phase.state]}`];
    if (phase.start !== null) {
      lines.push(strings.phaseTimes(exactTime(phase.start), phase.end === null ? null : exactTime(phase.end)));
    }
    if (phase.note !== null) {
      lines.push(strings.told(phase.note));
    }
    const { reason = null } = runOf(this.view.source) ?? {};
    if (reason !== null && (phase.state === "failed" || phase.state === "canceled")) {
      lines.push(strings.told(reason));
    }
    return lines.join("\n");
  }
}

/** The phases up to where the run stopped. */
export function reached(phases: readonly Phase[]): readonly Phase[] {
  const end = phases.findIndex((phase) => phase.state === "failed" || phase.state === "canceled");
  return end < 0 ? phases : phases.slice(0, end + 1);
}
