"""What v1's JSON metrics are drawn as: a confusion matrix as a matrix, the others as curves and columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.json_metrics import check
from jupyter_ext.store.live import curves
from jupyter_ext.store.live.curves import part
from jupyter_ext.store.live.metric import SHOWN_ROWS
from jupyter_ext.store.live.series import spelled

if TYPE_CHECKING:
    from jupyter_ext.store.live.metric import Metric
    from jupyter_ext.store.live.output_files import OutputFiles

MOST_CLASSES = 40
"""Of a matrix that is drawn; a larger one is a file."""

_LARGEST = 1024 * 1024


class JsonMetrics:
    """Reads the files of JSON metrics, each once.

    Parameters
    ----------
    files
        The run's.
    """

    def __init__(self, files: OutputFiles) -> None:
        self._files = files
        self._drawn: dict[str, tuple[int, dict[str, Any]]] = {}

    def drawn(self, metric: Metric) -> dict[str, Any]:
        """Give ``matrix``, or ``columns`` and ``curves``; nothing of one that cannot be drawn.

        Parameters
        ----------
        metric
            One of the kind ``json``.
        """
        known = self._drawn.get(metric.name)
        if known is None or known[0] != metric.count:
            known = self._drawn[metric.name] = (metric.count, self._draw(metric))
        return known[1]

    def _draw(self, metric: Metric) -> dict[str, Any]:
        kind = metric.entries[-1].k or ""
        try:
            about, content = self._files.read(str(metric.last), 0, _LARGEST)
            if about["size"] > _LARGEST:
                return {}
            data = check(kind, metric.name, json.loads(content))
        except (UserErrorException, ValueError):
            return {}
        if kind == "confusion_matrix":
            return _matrix(data)
        columns = _accuracy(data) if kind == "accuracy_table" else _bins(data)
        told = {name: [spelled(value) for value in values[:SHOWN_ROWS]] for name, values in columns.items()}
        return {"columns": told, "curves": curves.of(kind, data)}


def _matrix(data: dict[str, Any]) -> dict[str, Any]:
    labels = [str(label) for label in data["class_labels"]]
    if len(labels) > MOST_CLASSES:
        return {}
    return {"matrix": {"labels": labels, "rows": [[spelled(value) for value in row] for row in data["matrix"]]}}


def _bins(data: dict[str, Any]) -> dict[str, list[Any]]:
    edges = data["bin_edges"]
    columns = {"from": edges[:-1], "to": edges[1:], "count": data["bin_counts"]}
    if "bin_averages" in data:
        columns |= {"average": data["bin_averages"], "error": data.get("bin_errors", [])}
    return columns


def _accuracy(data: dict[str, Any]) -> dict[str, list[Any]]:
    """Give a row for each class and threshold, with what the counts in it come to."""
    names = ("class", "threshold", "TP", "FP", "TN", "FN", "precision", "recall")
    rows = [
        (str(label), threshold, *counts, part(counts[0], counts[1]), part(counts[0], counts[3]))
        for label, table in zip(data["class_labels"], data["probability_tables"], strict=True)
        for threshold, counts in zip(data["probability_thresholds"], table, strict=True)
    ]
    return {name: [row[k] for row in rows] for k, name in enumerate(names)}
