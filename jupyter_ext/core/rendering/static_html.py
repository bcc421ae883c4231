"""The monitor without a script: what a saved notebook shows where nothing runs.

Hosts of notebooks remove scripts and style sheets, some remove SVG too. So styles stand in the elements,
colours are mid-tones that read on white and on black, and what a chart shows stands beside it as numbers.
"""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING, Any

from jupyter_ext.core.rendering.ansi import to_html
from jupyter_ext.core.rendering.charts import WIDTH, chart, colour, curves
from jupyter_ext.core.rendering.spelling import count, duration, moment, ran, run_time, sign
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.spelling import NO_FORMULA, number, size_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jupyter_ext.store.live.feed import RunFeed

TAIL_LINES = 40
"""Last lines of the log that are kept."""

_MOST_CHARTS = 12
_MOST_ROWS = 20
_MOST_TRIALS = 50
_MOST_COLUMNS = 8
_MOST_VALUES = 60
_MOST_FILES = 30
_LONGEST_LINE = 400
_LONGEST_CELL = 300
_IMAGE_BYTES = 120_000
_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"})
_COLOURS = {"Completed": "#16a34a", "Failed": "#dc2626", "Canceled": "#8b949e", "NotResponding": "#b7791f"}
_ACTIVE = "#2563eb"
_PHASE_SIGNS = {"done": "✓", "failed": "✕", "canceled": "■", "active": "●", "pending": ""}

_FAINT = "opacity:.7"
_CELL = "padding:2px 12px 2px 0;text-align:left;vertical-align:top;border:0;background:none"
_TITLE = "margin:14px 0 4px;font-weight:600"
_PLAIN = f"font-weight:normal;{_FAINT}"


def render(feed: RunFeed) -> str:
    """Make the HTML of a run as it is now.

    Parameters
    ----------
    feed
        The run's feed, refreshed by its owner.
    """
    run = feed.run()
    metrics = feed.metrics()
    parts = [
        _header(run),
        _phases(feed.phases(), run["now"]),
        _trials(feed.trials(), run["now"]),
        _log(feed),
        _charts(metrics),
        _values(metrics),
        _matrices(metrics),
        _tables(metrics),
        _images(feed, metrics),
        _nodes(feed.nodes()),
        _outputs(feed.files()),
        _details(feed.details(), run),
    ]
    body = "".join(part for part in parts if part)
    return (
        f'<div {NO_FORMULA} style="font-size:13px;line-height:1.5;max-width:100%;overflow:hidden;'
        f'font-variant-numeric:tabular-nums">{body}</div>'
    )


def _header(run: dict[str, Any]) -> str:
    status = str(run["status"])
    colour = _COLOURS.get(status, _ACTIVE)
    head = (
        f'<div><b style="color:{colour}">{sign(status)} {escape(status)}</b> &nbsp;'
        f"<b>{escape(run['experiment'])} / {escape(run['id'])}</b> &nbsp;"
        f"<code>{escape(_cut(run['command'], _LONGEST_CELL))}</code> &nbsp;"
        f'<span style="{_FAINT}">{run_time(run)}</span></div>'
    )
    if run["reason"]:
        head += f'<div style="color:{colour}">{escape(_cut(run["reason"], 2000))}</div>'
    return head


def _phases(phases: Sequence[dict[str, Any]], now: float) -> str:
    told = []
    for phase in phases:
        if phase["start"] is None:
            continue
        time = duration((phase["end"] or now) - phase["start"])
        note = f' title="{escape(phase["note"])}"' if phase["note"] else ""
        told.append(f"<span{note}>{_PHASE_SIGNS[phase['state']]} {phase['name']} {time}</span>")
    return f'<div style="{_FAINT}">{" &nbsp;&gt;&nbsp; ".join(told)}</div>' if told else ""


def _trials(told: dict[str, Any] | None, now: float) -> str:
    if told is None or not told["trials"]:
        return ""
    trials = told["trials"]
    names = told["parameters"][:_MOST_COLUMNS]
    rows = [
        (
            str(trial["number"]),
            f"{sign(trial['status'])} {trial['status']}",
            *(number(trial["parameters"].get(name)) for name in names),
            *("" if trial[key] is None else number(trial[key]) for key in ("best", "last")),
            duration(ran({**trial, "now": now})),
        )
        for trial in trials[:_MOST_TRIALS]
    ]
    head = ("Trial", "State", *names, f"Best {told['metric']}", "Last", "Duration")
    more = len(trials) - _MOST_TRIALS
    note = f'<div style="{_FAINT}">and {more} more, none of them better</div>' if more > 0 else ""
    return f'<div style="{_TITLE}">Trials <span style="{_PLAIN}">best first</span></div>{_table(rows, head)}{note}'


def _log(feed: RunFeed) -> str:
    tail = feed.tail()
    lines = tail["lines"][-TAIL_LINES:]
    if not lines:
        return ""
    text = to_html("\n".join(_cut(line, _LONGEST_LINE) for line in lines))
    shown = f"last {len(lines)} of {tail['total']} lines" if tail["total"] > len(lines) else count(len(lines), "line")
    # A reversed column begins at its end: the last lines are in sight without a script.
    return (
        f'<div style="{_TITLE}">{escape(tail["file"])} <span style="{_PLAIN}">{shown}</span></div>'
        '<div style="display:flex;flex-direction:column-reverse;max-height:340px;overflow:auto;'
        'border:1px solid rgba(128,128,128,.35);border-radius:3px"><pre style="margin:0;padding:6px 8px;'
        "white-space:pre-wrap;overflow-wrap:anywhere;font-size:12px;line-height:1.4;border:0;background:none;"
        f'color:inherit">{text}</pre></div>'
    )


def _charts(metrics: Sequence[dict[str, Any]]) -> str:
    drawn = [metric for metric in metrics if "series" in metric]
    if not drawn:
        return ""
    cards = "".join(
        f'<div style="display:inline-block;vertical-align:top;width:{WIDTH}px;margin:0 16px 8px 0">'
        f"<div><b>{escape(_cut(metric['name'], 30))}</b> &nbsp;{escape(number(metric['last']))}</div>"
        f'<div style="font-size:11px;{_FAINT}">{number(metric["min"])} to {number(metric["max"])}, '
        f"{_steps(metric['series'])}{count(metric['count'], 'point')}</div>{chart(metric)}</div>"
        for metric in drawn[:_MOST_CHARTS]
    )
    more = len(drawn) - _MOST_CHARTS
    note = f'<div style="{_FAINT}">{count(more, "metric")} more in the live monitor.</div>' if more > 0 else ""
    return f'<div style="{_TITLE}">Metrics</div>{cards}{note}'


def _steps(series: dict[str, Any]) -> str:
    steps = series["step"]
    return f"steps {number(min(steps))} to {number(max(steps))}, " if steps else ""


def _values(metrics: Sequence[dict[str, Any]]) -> str:
    charted = [metric for metric in metrics if "series" in metric][:_MOST_CHARTS]
    rows = [
        (metric["name"], number(metric["last"]))
        for metric in metrics
        if metric["kind"] in {"scalar", "list"} and metric not in charted
    ]
    return f'<div style="{_TITLE}">Values</div>{_table(rows[:_MOST_VALUES])}' if rows else ""


def _tables(metrics: Sequence[dict[str, Any]]) -> str:
    parts = []
    for metric in metrics:
        columns = metric.get("columns")
        if not columns:
            continue
        names = list(columns)[:_MOST_COLUMNS]
        rows = list(zip(*(columns[name][-_MOST_ROWS:] for name in names), strict=False))
        told = [[number(value) for value in row] for row in rows]
        drawn = "".join(map(_curve, metric.get("curves") or ()))
        parts.append(f'<div style="{_TITLE}">{escape(metric["name"])}</div>{drawn}{_table(told, names)}')
    return "".join(parts[:_MOST_CHARTS])


def _curve(curve: dict[str, Any]) -> str:
    names = " &nbsp;".join(
        f'<span style="color:{colour(line, k)}">{escape(_cut(line["name"], 30))}</span>'
        for k, line in enumerate(curve["lines"])
    )
    return (
        f'<div style="display:inline-block;vertical-align:top;width:{WIDTH}px;margin:0 16px 8px 0">'
        f"<div>{escape(curve['title'])}</div>"
        f'<div style="font-size:11px"><span style="{_FAINT}">{escape(curve["about"])}</span> &nbsp;{names}</div>'
        f"{curves(curve)}</div>"
    )


def _matrices(metrics: Sequence[dict[str, Any]]) -> str:
    return "".join(
        f'<div style="{_TITLE}">{escape(metric["name"])} '
        f'<span style="{_PLAIN}">true class by predicted class</span></div>'
        f"{_matrix(**metric['matrix'])}"
        for metric in metrics
        if "matrix" in metric
    )


def _matrix(labels: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    most = max((value for row in rows for value in row if isinstance(value, (int, float))), default=0) or 1
    head = "".join(f'<th style="{_CELL};font-weight:600">{escape(_cut(label, 30))}</th>' for label in ("", *labels))
    body = "".join(
        f'<tr><th style="{_CELL};font-weight:600">{escape(_cut(label, 30))}</th>'
        + "".join(
            f'<td style="padding:2px 12px;text-align:right;border:0;background:{_shade(value, most)}">'
            f"{escape(number(value))}</td>"
            for value in row
        )
        + "</tr>"
        for label, row in zip(labels, rows, strict=True)
    )
    return (
        f'<table style="border-collapse:collapse;margin:0;font-size:12px"><thead><tr>{head}</tr></thead>{body}</table>'
    )


def _shade(value: Any, most: float) -> str:
    share = max(0.0, value / most) if isinstance(value, (int, float)) else 0.0
    return f"rgba(59,130,246,{0.5 * share:.2f})"


def _images(feed: RunFeed, metrics: Sequence[dict[str, Any]]) -> str:
    room = _IMAGE_BYTES
    parts = []
    for metric in metrics:
        if metric["kind"] != "image" or not isinstance(metric["last"], str):
            continue
        try:
            about, data = feed.read_file(metric["last"], 0, room + 1)
        except UserErrorException:
            continue
        name = escape(metric["name"])
        if len(data) > room or about["mime"] not in _IMAGES:
            told = f"{escape(metric['last'])}, {size_text(about['size'])}"
            parts.append(f'<div style="{_TITLE}">{name}</div><div style="{_FAINT}">{told}</div>')
            continue
        room -= len(data)
        source = f"data:{about['mime']};base64,{base64.b64encode(data).decode()}"
        parts.append(f'<div style="{_TITLE}">{name}</div><img alt="{name}" style="max-width:100%" src="{source}"/>')
    return "".join(parts)


def _nodes(nodes: Sequence[dict[str, Any]]) -> str:
    if not nodes:
        return ""
    rows: list[Sequence[str]] = []
    for node in nodes:
        memory = f"{_size(_most(node['history']['mem']))} of {_size(node['mem_total'])}"
        cpu = _percent(_mean(node["history"]["cpu"]))
        rows.append((f"{node['node']} {node['host']}", f"{node['cpus']} CPUs", cpu, memory, ""))
        rows += [
            (
                "",
                f"GPU {gpu['i']} {gpu['name'] or ''}",
                _percent(_mean(gpu["history"]["util"])),
                f"{_size(_most(gpu['history']['mem']))} of {_size(gpu['mem_total'])}",
                _heat(gpu),
            )
            for gpu in node["gpus"]
        ]
    head = ("Node", "", "Mean use", "Most memory", "")
    none = "" if any(node["gpus"] for node in nodes) else f'<div style="{_FAINT}">No GPU.</div>'
    return f'<div style="{_TITLE}">Nodes</div>{_table(rows, head)}{none}'


def _heat(gpu: dict[str, Any]) -> str:
    temperature = _most(gpu["history"]["temp"])
    power, clock = _mean(gpu["history"]["power"]), _mean(gpu["history"]["clock"])
    told = [
        "" if temperature is None else f"{temperature:.0f} °C",
        "" if power is None else f"{power:.0f} W",
        "" if clock is None else f"{clock:.0f} MHz",
    ]
    return " ".join(part for part in told if part)


def _outputs(files: Sequence[dict[str, Any]]) -> str:
    if not files:
        return ""
    rows = [(file["name"], size_text(file["size"])) for file in files[:_MOST_FILES]]
    total = f"{count(len(files), 'file')}, {size_text(sum(file['size'] for file in files))}"
    more = f'<div style="{_FAINT}">and {len(files) - _MOST_FILES} more</div>' if len(files) > _MOST_FILES else ""
    return f'<div style="{_TITLE}">Outputs <span style="{_PLAIN}">{total}</span></div>{_table(rows)}{more}'


def _details(tables: Sequence[dict[str, Any]], run: dict[str, Any]) -> str:
    words = (("Created", "created"), ("Started", "started"), ("Ended", "ended"))
    times = [(word, moment(run[key])) for word, key in words if run[key]]
    parts = [
        f'<div style="{_TITLE}">{escape(table["title"])}</div>{_table(table["rows"])}'
        for table in tables
        if table["rows"]
    ]
    if times:
        parts.append(f'<div style="{_TITLE}">Times</div>{_table(times)}')
    if not parts:
        return ""
    return f'<details style="margin-top:12px"><summary>Details</summary>{"".join(parts)}</details>'


def _table(rows: Iterable[Sequence[str]], head: Sequence[str] = ()) -> str:
    titles = "".join(f'<th style="{_CELL};font-weight:600">{escape(_cut(name, 60))}</th>' for name in head)
    cells = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escape(_cut(str(cell), _LONGEST_CELL))}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    top = f"<thead><tr>{titles}</tr></thead>" if titles else ""
    return f'<table style="border-collapse:collapse;margin:0;font-size:12px">{top}<tbody>{cells}</tbody></table>'


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]} …"


def _size(value: float | None) -> str:
    return "?" if value is None else size_text(value)


def _percent(value: float | None) -> str:
    return "?" if value is None else f"{value:.0f} %"


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _mean(values: Iterable[float | None]) -> float | None:
    known = _known(values)
    return sum(known) / len(known) if known else None


def _most(values: Iterable[float | None]) -> float | None:
    return max(_known(values), default=None)
