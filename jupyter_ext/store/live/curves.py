"""The curves of v1's JSON metrics, as its studio draws them."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any

from jupyter_ext.store.live.series import spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_LINES = 8
"""Classes that are drawn; the table has them all."""


def of(kind: str, data: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the curves of an accuracy table, of residuals or of predictions.

    Returns
    -------
    list of dict
        ``title``, ``about``, which tells the axes, and ``lines``: the ``name``, ``x`` and ``y`` of each, perhaps
        ``low`` and ``high`` around it, and a ``look``: ``steps`` between edges, or a ``reference`` for the others.
    """
    if kind == "accuracy_table":
        return _of_classes(data)
    edges = data["bin_edges"]
    if kind == "residuals":
        counts = [spelled(value) for value in data["bin_counts"]]
        line = {"name": "count", "x": [spelled(edge) for edge in edges], "y": [*counts, *counts[-1:]], "look": "steps"}
        return [{"title": "Residuals", "about": "how many there are over how far off", "lines": [line]}]
    sides = pairwise(edges)
    middles = [None if low is None or high is None else spelled((low + high) / 2) for low, high in sides]
    averages, errors = data["bin_averages"], data["bin_errors"]
    lines = [
        {
            "name": "average",
            "x": middles,
            "y": [spelled(value) for value in averages],
            "low": [_sum(value, error, -1) for value, error in zip(averages, errors, strict=True)],
            "high": [_sum(value, error, 1) for value, error in zip(averages, errors, strict=True)],
        },
        {"name": "exact", "x": middles, "y": middles, "look": "reference"},
    ]
    return [{"title": "Predicted and true", "about": "average prediction over true value", "lines": lines}]


def part(some: float | None, rest: float | None) -> float | None:
    """Give what some of it are of all of it; None where that is not known."""
    return round(some / (some + rest), 4) if some is not None and rest is not None and some + rest > 0 else None


def _of_classes(data: dict[str, Any]) -> list[dict[str, Any]]:
    labels = [str(label) for label in data["class_labels"]]
    thresholds = data["probability_thresholds"]
    falling = sorted((k for k, value in enumerate(thresholds) if value is not None), key=lambda k: -thresholds[k])
    roc, precision = [], []
    for label, table in list(zip(labels, data["probability_tables"], strict=True))[:MOST_LINES]:
        counts = [table[k] for k in falling]
        recalls = [part(tp, fn) for tp, _, _, fn in counts]
        roc.append(_line(label, [part(fp, tn) for _, fp, tn, _ in counts], recalls))
        precision.append(_line(label, recalls, [part(tp, fp) for tp, fp, _, _ in counts]))
    roc.append({"name": "chance", "x": [0.0, 1.0], "y": [0.0, 1.0], "look": "reference"})
    some = f", {MOST_LINES} of {len(labels)} classes" if len(labels) > MOST_LINES else ""
    return [
        {"title": f"ROC curve{some}", "about": "true positive rate over false positive rate", "lines": roc},
        {"title": f"Precision-recall curve{some}", "about": "precision over recall", "lines": precision},
    ]


def _line(name: str, xs: Sequence[float | None], ys: Sequence[float | None]) -> dict[str, Any]:
    both = zip(xs, ys, strict=True)
    known = [(x, y) for x, y in both if x is not None and y is not None and isfinite(x) and isfinite(y)]
    return {"name": name, "x": [x for x, _ in known], "y": [y for _, y in known]}


def _sum(value: float | None, error: float | None, sign: int) -> Any:
    return None if value is None or error is None else spelled(round(value + sign * error, 6))
