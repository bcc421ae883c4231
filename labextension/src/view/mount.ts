/** Puts the run monitor into an element. */
import { asking } from "./asking.ts";
import { Clock, runOf } from "./clock.ts";
import { DetailsPane } from "./details/pane.ts";
import { h, setText } from "./dom.ts";
import { Header } from "./header.ts";
import { LogsPane } from "./logs/pane.ts";
import { MetricsPane } from "./metrics/pane.ts";
import { NodesPane } from "./nodes/pane.ts";
import { OutputsPane } from "./outputs/pane.ts";
import { PhaseLine } from "./phases.ts";
import { Scope } from "./scope.ts";
import { Sheet } from "./sheet.ts";
import type { Source, Topic } from "./source.ts";
import { strings } from "./strings.ts";
import { ensureStyles } from "./styles.ts";
import { Tabs } from "./tabs.ts";
import { Theme } from "./theme.ts";
import { Tip } from "./tip.ts";
import { TrialsPane } from "./trials/pane.ts";
import type { Pane, View } from "./view.ts";

/** Shows the run that the source tells of. Returns the function that takes everything away again. */
export function mount(element: HTMLElement, source: Source): () => void {
  const scope = new Scope();
  const root = h("div", "", { role: "region", "aria-label": strings.monitor, "data-lm-suppress-shortcuts": "true" });
  root.className = "aml";
  element.append(root);
  ensureStyles(root);
  scope.add(() => root.remove());
  keepHeight(root, source, scope);
  keepKeys(root, scope);

  const spoken = h("div", "spoken", { role: "status", "aria-live": "polite" });
  const { ask, notice } = asking(source, scope);
  const theme = new Theme(root, scope);
  const view: View = {
    source,
    scope,
    clock: new Clock(source, scope),
    theme,
    ask,
    say: (message) => setText(spoken, message),
    showReason: () => {
      sheet.close();
      tabs.choose("logs");
      void logs.showReason();
    },
    showLine: (file, line) => {
      tabs.choose("logs");
      logs.showLine(file, line);
    },
    showCharts: () => tabs.choose("metrics"),
  };
  const tip = new Tip(root, scope);
  const tabs = new Tabs(view);
  const sheet = new Sheet(scope, [tabs.list, tabs.panels]);
  const header = new Header(view, tip, sheet);
  const phases = new PhaseLine(view, tip);
  const logs = new LogsPane(view);
  const body = h("div", "body", {}, tabs.list, tabs.panels, sheet.element);
  root.append(header.element, phases.element, body, notice, tip.element, spoken);
  theme.apply();

  const parts: [id: string, pane: Pane, topics: Topic[]][] = [
    ["logs", logs, ["run", "phases", "logs", "tail"]],
    ["metrics", new MetricsPane(view), ["run", "metrics"]],
    ["nodes", new NodesPane(view), ["run", "nodes"]],
    ["outputs", new OutputsPane(view), ["run", "files"]],
    ["details", new DetailsPane(view), ["details"]],
  ];
  parts.forEach(([id, pane, topics]) => addPart(view, tabs, id, pane, topics));
  tabs.showChosen();
  let hasTrials = false;
  whenever(view, ["run"], () => {
    if (!hasTrials && runOf(source)?.is_sweep === true) {
      hasTrials = true;
      addPart(view, tabs, "trials", new TrialsPane(view), ["run", "trials"], true);
      labelTabs(tabs, source);
      tabs.showChosen();
    }
  });
  whenever(view, ["run"], () => header.update());
  whenever(view, ["run", "phases"], () => phases.update());
  whenever(view, ["metrics", "nodes", "files", "trials"], () => labelTabs(tabs, source));
  return () => scope.dispose();
}

function addPart(view: View, tabs: Tabs, id: string, pane: Pane, topics: Topic[], first = false): void {
  tabs.add(id, pane, first);
  whenever(view, topics, () => {
    if (tabs.isShown(id)) {
      pane.update();
    }
  });
}

/** Runs the task now, and at most once a frame when one of the topics has changed. */
function whenever({ source, scope }: View, topics: Topic[], task: () => void): void {
  const later = scope.framed(task);
  for (const topic of topics) {
    scope.add(source.on(topic, later));
  }
  task();
}

function labelTabs(tabs: Tabs, source: Source): void {
  const counted = (label: string, n: number): string => (n > 0 ? `${label} ${n}` : label);
  const nodes = source.get("nodes") ?? [];
  const gpus = nodes.reduce((sum, node) => sum + node.gpus.length, 0);
  tabs.label("trials", counted(strings.tabs.trials, source.get("trials")?.trials.length ?? 0));
  tabs.label("logs", strings.tabs.logs);
  tabs.label("metrics", counted(strings.tabs.metrics, source.get("metrics")?.length ?? 0));
  tabs.label("nodes", counted(strings.tabs.nodes, nodes.length) + (gpus > 0 ? ` · ${strings.gpuCount(gpus)}` : ""));
  tabs.label("outputs", counted(strings.tabs.outputs, source.get("files")?.length ?? 0));
  tabs.label("details", strings.tabs.details);
}

/** A letter typed in here is no command of the notebook around it. */
function keepKeys(root: HTMLElement, scope: Scope): void {
  scope.listen<KeyboardEvent>(root, "keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey) {
      event.stopPropagation();
    }
  });
}

/** The reader's own height stays over a remount, and the rules follow into a shadow root. */
function keepHeight(root: HTMLElement, source: Source, scope: Scope): void {
  root.style.height = source.ui.height ?? "";
  scope.resized(root, () => {
    ensureStyles(root);
    if (root.style.height !== "") {
      source.ui.height = root.style.height;
    }
  });
}
