"""The monitor as plain text, for terminals and for whatever shows nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext.core.rendering.spelling import count, duration, run_time, sign
from jupyter_ext.store.live.terminal_text import plain
from jupyter_ext.store.spelling import number, size_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_ext.store.live.feed import RunFeed

TAIL_LINES = 10
"""Last lines of the log that are shown."""

_MOST_METRICS = 20
_MOST_FILES = 10
_LONGEST_LINE = 200


def render(feed: RunFeed) -> str:
    """Make the text of a run as it is now.

    Parameters
    ----------
    feed
        The run's feed, refreshed by its owner.
    """
    run = feed.run()
    lines = [_header(run)]
    lines += [told for told in (run["reason"], run["standing"], _idle(run)) if told]
    lines += _phases(feed.phases(), run["now"])
    lines += _metrics(feed.metrics())
    lines += _files("Outputs", feed.files())
    lines += _files("Logs", feed.logs()["files"])
    tail = feed.tail()
    if tail["lines"]:
        lines += ["", f"{tail['file']} ({count(tail['total'], 'line')})"]
        lines += [f"  {line[:_LONGEST_LINE]}" for line in map(plain, tail["lines"][-TAIL_LINES:])]
    return "\n".join(plain(line) for line in lines)


def _header(run: dict[str, Any]) -> str:
    name = f"{run['experiment']} / {run['id']}"
    parts = (f"{sign(run['status'])} {run['status']}", name, run["command"], run_time(run))
    return "  ".join(part for part in parts if part)


def _idle(run: dict[str, Any]) -> str:
    if run["gpus_idle"] is None or run["status"] != "Running":
        return ""
    return f"Its GPUs have done nothing for {duration(run['now'] - run['gpus_idle'])}."


def _phases(phases: Sequence[dict[str, Any]], now: float) -> list[str]:
    told = [
        f"{phase['name']} {duration((phase['end'] or now) - phase['start'])}"
        for phase in phases
        if phase["start"] is not None
    ]
    return [" > ".join(told)] if told else []


def _metrics(metrics: Sequence[dict[str, Any]]) -> list[str]:
    lines = (plain(f"  {metric['name']}  {_metric(metric)}") for metric in metrics[:_MOST_METRICS])
    told = [line.replace("\n", " ")[:_LONGEST_LINE] for line in lines]
    if len(metrics) > _MOST_METRICS:
        told.append(f"  and {len(metrics) - _MOST_METRICS} more")
    return ["", "Metrics", *told] if told else []


def _metric(metric: dict[str, Any]) -> str:
    many = metric["count"] > 1
    if metric["kind"] in {"row", "table"}:
        last = ", ".join(f"{name} {number(cells[-1])}" for name, cells in metric["columns"].items() if cells)
        return f"{count(metric['count'], 'row')}{', the last' if many else ''}: {last}"
    if metric["kind"] == "json":
        return f"{metric['schema'].replace('_', ' ')}, in the file {metric['artifact']}"
    told = number(metric["last"])
    if metric["kind"] == "image":
        return f"{told}  ({metric['count']} images)" if many else told
    if many and metric["min"] is not None:
        told += f"  ({count(metric['count'], 'point')}, {number(metric['min'])} to {number(metric['max'])})"
    return told


def _files(title: str, files: Sequence[dict[str, Any]]) -> list[str]:
    told = [f"  {file['name']}  {size_text(file['size'])}" for file in files[:_MOST_FILES]]
    if len(files) > _MOST_FILES:
        told.append(f"  and {len(files) - _MOST_FILES} more")
    return ["", title, *told] if told else []
