/** One node: its CPU and memory, and beneath them a row for each GPU. */
import { arrange, h, setText, show } from "../dom.ts";
import { ofSize, size } from "../format.ts";
import type { Gpu, NodeInfo } from "../source.ts";
import { strings } from "../strings.ts";
import type { Theme } from "../theme.ts";
import { Meter, type Pointer } from "./meter.ts";

const percent = (value: number): string => `${Math.round(value)} %`;
const ofTotal = (total: number | null) => (value: number): string =>
  total === null ? size(value) : ofSize(value, total);

export class NodeBlock {
  readonly element: HTMLElement;
  private readonly host = h("span", "host");
  private readonly facts = h("span", "quiet node-facts");
  private readonly noGpu = h("p", "no-gpu quiet", {}, strings.noGpu);
  private readonly gpuList = h("div", "gpus");
  private readonly cpu: Meter;
  private readonly memory: Meter;
  private readonly gpus = new Map<number, GpuRow>();

  constructor(private readonly pointer: Pointer) {
    this.cpu = new Meter(strings.cpu, "accent", pointer);
    this.memory = new Meter(strings.nodeMemory, "second", pointer);
    const name = h("div", "device", {}, this.host, this.facts);
    const own = h("div", "device-row", {}, name, this.cpu.element, this.memory.element);
    this.element = h("section", "node", {}, own, this.gpuList, this.noGpu);
  }

  update(node: NodeInfo, isOneOfSeveral: boolean): void {
    const name = isOneOfSeveral ? strings.nodeOf(node.node, node.host) : node.host;
    const { t, cpu, mem } = node.history;
    setText(this.host, name);
    const facts = node.ranks.length > 0 ? [strings.ranks(node.ranks)] : [];
    if (node.cpus !== null) {
      facts.push(strings.cpus(node.cpus));
    }
    setText(this.facts, facts.join(" · "));
    this.element.setAttribute("aria-label", name);
    this.cpu.update(
      { history: { t, values: cpu, max: 100 }, now: node.cpu, whole: 100, text: percent },
      name,
    );
    const total = node.mem_total;
    this.memory.update(
      { history: { t, values: mem, max: total }, now: node.mem, whole: total, text: ofTotal(total) },
      name,
    );
    this.updateGpus(node.gpus, t);
  }

  draw(theme: Theme): void {
    for (const part of [this.cpu, this.memory, ...this.gpus.values()]) {
      part.draw(theme);
    }
  }

  private updateGpus(gpus: readonly Gpu[], t: readonly number[]): void {
    show(this.noGpu, gpus.length === 0);
    this.element.classList.toggle("aml-cpu-only", gpus.length === 0);
    const rows = gpus.map((gpu) => {
      const row = this.gpus.get(gpu.i) ?? new GpuRow(gpu.i, this.pointer);
      this.gpus.set(gpu.i, row);
      row.update(gpu, t);
      return row.element;
    });
    arrange(this.gpuList, rows);
  }
}

class GpuRow {
  readonly element: HTMLElement;
  private readonly model = h("span", "model quiet");
  private readonly use: Meter;
  private readonly memory: Meter;
  private readonly temperature: Meter;
  private readonly power: Meter;
  private readonly clock: Meter;
  private readonly processes = h("div", "gpu-processes quiet");

  constructor(
    private readonly index: number,
    pointer: Pointer,
  ) {
    this.use = new Meter(strings.utilisation, "accent", pointer);
    this.memory = new Meter(strings.memory, "second", pointer);
    this.temperature = new Meter(strings.temperature, "third", pointer);
    this.power = new Meter(strings.power, "fourth", pointer);
    this.clock = new Meter(strings.clock, "fourth", pointer);
    const name = h("div", "device gpu", {}, h("span", "", {}, strings.gpu(index)), this.model);
    this.element = h("div", "device-row", {}, name, ...this.meters.map((meter) => meter.element), this.processes);
  }

  private get meters(): Meter[] {
    return [this.use, this.memory, this.temperature, this.power, this.clock];
  }

  update(gpu: Gpu, t: readonly number[]): void {
    const { name, util, mem, mem_total: total, temp, power, clock, history } = gpu;
    setText(this.model, name ?? "");
    this.model.title = name ?? "";
    const of = `${strings.gpu(this.index)} ${name ?? ""}`;
    this.use.update({ history: { t, values: history.util, max: 100 }, now: util, whole: 100, text: percent }, of);
    this.memory.update(
      { history: { t, values: history.mem, max: total }, now: mem, whole: total, text: ofTotal(total) },
      of,
    );
    const celsius = (value: number): string => `${Math.round(value)} °C`;
    const watts = (value: number): string => `${Math.round(value)} W`;
    this.temperature.update({ history: { t, values: history.temp, max: 110 }, now: temp, whole: null, text: celsius }, of);
    this.power.update({ history: { t, values: history.power, max: null }, now: power, whole: null, text: watts }, of);
    const gigahertz = (megahertz: number): string => `${(megahertz / 1000).toFixed(2)} GHz`;
    this.clock.update({ history: { t, values: history.clock, max: null }, now: clock, whole: null, text: gigahertz }, of);
    const told = processesOf(gpu);
    setText(this.processes, told);
    this.processes.title = told;
    show(this.processes, told !== "");
  }

  draw(theme: Theme): void {
    this.meters.forEach((meter) => meter.draw(theme));
  }
}

function processesOf({ procs, others }: Gpu): string {
  const own = (procs ?? []).map(({ pid, name, rank, mem }) =>
    strings.processOf(name, pid, rank, mem === null ? "" : size(mem)),
  );
  return [...own, ...(others ? [strings.otherProcesses(others)] : [])].join(" · ");
}
