/** One uPlot, made when it is first drawn and then kept: later data goes into it. */
import uPlot from "uplot";
import { h } from "../dom.ts";
import type { Scope } from "../scope.ts";
import type { Theme } from "../theme.ts";
import { axisDuration, axisNumber } from "./ticks.ts";

export interface Drawn {
  /** A colour of the theme; absent: only the edge of an area. */
  color?: string;
  faint?: boolean;
  /** Its points alone, not joined. */
  dots?: boolean;
  /** Steps from each point to the next, and the area under them. */
  steps?: boolean;
  /** Lengths of its dashes and of the gaps between them. */
  dash?: readonly number[];
}

export interface PlotOptions {
  lines: Drawn[];
  /** Between the first two lines an area is filled. */
  band?: boolean;
  /** The vertical axis begins at nothing. */
  fromZero?: boolean;
  theme: Theme;
  scope: Scope;
  isTime(): boolean;
  /** The horizontal axis counts. */
  whole(): boolean;
  /** Index under the pointer, null when it has left. */
  pointed(index: number | null): void;
  /** A range was dragged; null: the plot was double-clicked. Absent: no zoom. */
  zoomed?: (range: [number, number] | null) => void;
  sync?: string;
  /** Where on the horizontal axis something is marked. */
  mark?: () => number | undefined;
}

const HEIGHT = 132;
const STEPS = Array.from({ length: 25 }, (_, k) => 10 ** (k - 12)).flatMap((unit) => [unit, 2 * unit, 5 * unit]);
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400, 604800];

export class Plot {
  readonly element = h("div", "plot");
  private chart: uPlot | undefined;
  private range: [number, number] | null = null;

  constructor(private readonly options: PlotOptions) {
    options.scope.resized(this.element, () => this.resize());
    options.scope.add(() => this.chart?.destroy());
    options.theme.onChange(() => this.chart?.redraw(false, true));
  }

  get width(): number {
    return Math.max(80, this.element.clientWidth);
  }

  set(data: uPlot.AlignedData, range: [number, number] | null): void {
    this.range = range;
    if (this.chart === undefined) {
      this.chart = new uPlot(this.uplotOptions(), data, this.element);
    } else {
      this.chart.setData(data);
    }
  }

  private resize(): void {
    if (this.chart !== undefined && this.element.clientWidth > 0 && this.chart.width !== this.width) {
      this.chart.setSize({ width: this.width, height: HEIGHT });
    }
  }

  private uplotOptions(): uPlot.Options {
    const { sync, zoomed } = this.options;
    const cursor: uPlot.Cursor = {
      y: false,
      points: { size: 5 },
      drag: { x: zoomed !== undefined, y: false, setScale: false },
      bind: { dblclick: () => () => (zoomed?.(null), null) },
    };
    if (sync !== undefined) {
      cursor.sync = { key: sync, scales: ["x", null], setSeries: false };
    }
    return {
      width: this.width,
      height: HEIGHT,
      legend: { show: false },
      padding: [6, 8, 0, 0],
      cursor,
      scales: {
        x: { time: false, range: (_, min, max) => this.range ?? spread(min, max) },
        y: this.options.fromZero === true ? { range: (_, __, max) => [0, 1.05 * Math.max(max, 1e-9)] } : {},
      },
      series: [{}, ...this.options.lines.map((drawn) => this.series(drawn))],
      bands: this.options.band === true ? [{ series: [2, 1], fill: () => this.options.theme.color("band") }] : [],
      axes: this.axes(),
      hooks: {
        setCursor: [(chart) => this.options.pointed(chart.cursor.idx ?? null)],
        setSelect: [(chart) => this.selected(chart)],
        draw: [(chart) => this.drawMark(chart)],
      },
    };
  }

  private series({ color, faint = false, dots = false, steps = false, dash = [] }: Drawn): uPlot.Series {
    const { theme } = this.options;
    const stepped = steps ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
    return {
      ...(dots ? { paths: () => null } : {}),
      ...(stepped === undefined ? {} : { paths: stepped, fill: () => theme.color("band") }),
      stroke: () => (color === undefined ? "transparent" : theme.color(color)),
      width: 1.5,
      alpha: faint ? 0.3 : 1,
      dash: [...dash],
      spanGaps: false,
      points: { size: dots ? 7 : 4, show: (_, __, from, to) => color !== undefined && !faint && !steps && (dots || to - from < 24) },
    };
  }

  private axes(): uPlot.Axis[] {
    const { theme, isTime } = this.options;
    const common: uPlot.Axis = {
      stroke: () => theme.color("quiet"),
      font: `10px ${theme.color("font")}`,
      grid: { stroke: () => theme.color("line"), width: 1 },
      ticks: { show: false },
    };
    const x: uPlot.Axis = {
      ...common,
      size: 27,
      gap: 7, // below the number of the vertical axis that stands at its end
      space: 46,
      grid: { show: false },
      values: (_, splits) => splits.map(isTime() ? axisDuration : axisNumber),
    };
    x.incrs = () => (isTime() ? TIME_STEPS : this.options.whole() ? STEPS.filter((step) => step >= 1) : STEPS);
    const y: uPlot.Axis = {
      ...common,
      size: 46,
      gap: 4,
      space: 26,
      values: (_, splits) => splits.map(axisNumber),
    };
    return [x, y];
  }

  private drawMark(chart: uPlot): void {
    const { ctx, bbox } = chart;
    const at = this.options.mark?.();
    const x = at === undefined ? -1 : Math.round(chart.valToPos(at, "x", true));
    if (x >= bbox.left && x <= bbox.left + bbox.width) {
      ctx.save();
      ctx.strokeStyle = this.options.theme.color("third");
      ctx.lineWidth = 1.5 * devicePixelRatio;
      ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.restore();
    }
  }

  private selected(chart: uPlot): void {
    const { left, width } = chart.select;
    if (width > 3) {
      const range: [number, number] = [chart.posToVal(left, "x"), chart.posToVal(left + width, "x")];
      chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      this.options.zoomed?.(range);
    }
  }
}

/** One point alone still has a place in the middle. */
function spread(min: number, max: number): [number, number] {
  return min === max ? [min - 1, max + 1] : [min, max];
}
