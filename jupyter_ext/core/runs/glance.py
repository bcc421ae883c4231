"""What a list shows of what a run tells itself: how far it is, its last line, its most telling metric, its nodes."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.store.live.growth import decode_lines
from jupyter_ext.store.live.node_file import Sample
from jupyter_ext.store.live.terminal_text import plain
from jupyter_ext.store.sweep_record import BEST_CHILD

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_LINE = 200
"""Characters of a log line that a list shows."""

_TAIL = 8 * 1024
_NODES_TAIL = 64 * 1024
_LAST_LINES = 50
_MOST_NAMES = 500
_NEW_LINE = re.compile(r"[\r\n]+")
_COUNTED = re.compile(
    r"\b(epoch|step|iter(?:ation)?|batch|round|trial|fold|task)s?\b[\s:#=\[(]*(\d+)\s*(?:/|\bof\b)\s*(\d+)",
    re.IGNORECASE,
)
_BAR = re.compile(r"(?:^|\s)(\d{1,3})%\s*\|")
_OF = re.compile(r"(\d+)/(\d+)\s*\[")
_HIGHER = re.compile(r"acc|auc|f1|precision|recall|score|map\b|iou|r2|reward|bleu|rouge|dice", re.IGNORECASE)
_LOWER = re.compile(r"loss|err|mse|mae|rmse|perplexity|ppl|wer|cer\b|nll", re.IGNORECASE)
_HELD_OUT = re.compile(r"val|test|eval|dev", re.IGNORECASE)


class _Point(msgspec.Struct):
    n: str
    v: Any = None
    k: str | None = None
    s: Any = None
    r: int | None = None


_POINTS = msgspec.json.Decoder(_Point)
_SAMPLES = msgspec.json.Decoder(Sample)


def tail_of(path: Path, size: int = _TAIL) -> bytes:
    """Return the end of a file; nothing where there is none, or a link."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.pread(file, size, max(0, os.fstat(file).st_size - size))
    except OSError:
        return b""
    finally:
        os.close(file)


def last_lines(path: Path) -> list[str]:
    """Return the last lines of a log as text alone; what a carriage return has overwritten counts as a line."""
    text = plain(_NEW_LINE.sub("\n", tail_of(path).decode("utf-8", "replace")))
    return [line.strip() for line in text.split("\n") if line.strip()][-_LAST_LINES:]


def progress_in(lines: list[str]) -> dict[str, Any] | None:
    """Tell how far a script says that it is: by ``epoch 7/30`` or the like, else by a bar as tqdm draws it.

    Returns
    -------
    dict or None
        ``text``, and ``fraction`` from 0 to 1.
    """
    for line in reversed(lines):
        found = _COUNTED.search(line)
        if found is not None and 0 < int(found[3]) >= int(found[2]):
            return {
                "text": f"{found[1].lower()} {int(found[2])}/{int(found[3])}",
                "fraction": round(int(found[2]) / int(found[3]), 4),
            }
    for line in reversed(lines[-3:]):
        bar = _BAR.search(line)
        if bar is not None and int(bar[1]) <= 100:  # noqa: PLR2004 - percent
            count = _OF.search(line)
            return {"text": f"{count[1]}/{count[2]}" if count else f"{bar[1]} %", "fraction": int(bar[1]) / 100}
    return None


def latest_samples(path: Path) -> dict[int, Sample]:
    """Return what each node of a run said last."""
    lines = tail_of(path, _NODES_TAIL)
    whole = lines[lines.find(b"\n") + 1 :] if len(lines) == _NODES_TAIL else lines
    samples, _ = decode_lines(_SAMPLES, whole[: whole.rfind(b"\n") + 1])
    return {sample.node: sample for sample in samples}


def nodes_in(path: Path) -> tuple[float | None, dict[str, Any] | None]:
    """Tell what a run's nodes said last: the CPUs' percent; ``count``, ``use`` and ``memory`` of the GPUs."""
    latest = latest_samples(path).values()
    cpus = [sample.cpu for sample in latest if sample.cpu is not None]
    gpus = [gpu for sample in latest for gpu in sample.gpus]
    uses = [gpu.util for gpu in gpus if gpu.util is not None]
    total = sum(gpu.mem_total or 0 for gpu in gpus)
    told = {
        "count": len(gpus),
        "use": round(sum(uses) / len(uses), 1) if uses else None,
        "memory": round(sum(gpu.mem or 0 for gpu in gpus) / total, 4) if total else None,
    }
    return round(sum(cpus) / len(cpus), 1) if cpus else None, told if gpus else None


def best_child(path: Path, metric: str) -> dict[str, Any] | None:
    """Give the best value of a sweep so far, as its own metrics tell it last; None where there is none.

    Parameters
    ----------
    path
        ``metrics.jsonl`` of the sweep.
    metric
        Its primary metric.
    """
    lines = tail_of(path)
    points, _ = decode_lines(_POINTS, lines[: lines.rfind(b"\n") + 1])
    values = [point.v.get("metric_value") for point in points if point.n == BEST_CHILD and isinstance(point.v, dict)]
    return {"name": metric, "last": values[-1], "best": values[-1]} if values else None


class Best:
    """The numbers that a run has logged: of each name the last, the least and the greatest.

    Parameters
    ----------
    is_whole
        Whether everything is read, from the beginning: else the best is not known.
    """

    def __init__(self, *, is_whole: bool = True) -> None:
        self.is_whole = is_whole
        self._seen: dict[str, tuple[float, float, float]] = {}

    def add(self, lines: bytes) -> None:
        """Take in lines of ``metrics.jsonl``."""
        points, _ = decode_lines(_POINTS, lines)
        for point in points:
            value = point.v
            if point.k is not None or isinstance(value, bool) or not isinstance(value, int | float):
                continue
            seen = self._seen.get(point.n)
            if seen is not None:
                self._seen[point.n] = (value, min(seen[1], value), max(seen[2], value))
            elif len(self._seen) < _MOST_NAMES:
                self._seen[point.n] = (value, value, value)

    def told(self) -> dict[str, Any] | None:
        """Give the most telling of them: how right it is, else how wrong; of held-out data rather than of training."""
        if not self._seen:
            return None
        name = min(self._seen, key=_rank)
        last, low, high = self._seen[name]
        best = high if _HIGHER.search(name) else low if _LOWER.search(name) else None
        return {"name": name, "last": last, "best": best if self.is_whole else None}


def _rank(name: str) -> tuple[int, bool]:
    kind = 0 if _HIGHER.search(name) else 1 if _LOWER.search(name) else 2
    return kind, not _HELD_OUT.search(name)
