"""What get_metrics() gives for the lines of metrics.jsonl, in v1's shapes."""

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Iterable

ARTIFACT_KINDS = frozenset(("image", "confusion_matrix", "accuracy_table", "residuals", "predictions"))


def metric_values(records: "Iterable[dict[str, Any]]", run_id: str = "", name: "str | None" = None) -> "dict[str, Any]":
    """Give each metric the value that v1's ``get_metrics`` gives it.

    Parameters
    ----------
    records
        The decoded lines, in the order in which they were written.
    run_id
        The run's id, which is part of the address of an image.
    name
        The one metric that is wanted, or None for all.

    Returns
    -------
    dict
        By name: a value that was logged once is itself, several are a list; a row or a table of one row is a
        dictionary of values, a longer one of lists; an image or a JSON metric is the address of its file.
        Whole numbers among floats become floats.
    """
    scalars: "dict[str, list[Any]]" = {}
    others: "dict[str, Any]" = {}
    for record in records:
        kind = record.get("k")
        if kind is None:
            key = record["n"]
            try:
                scalars[key].append(record["v"])
            except KeyError:
                others.pop(key, None)
                scalars[key] = [record["v"]]
        else:
            _add(record, kind, scalars, others, run_id)
    result = {key: _collapse(values) for key, values in scalars.items()}
    result.update((key, _finish(value)) for key, value in others.items())
    if name is not None:
        return {name: result[name]} if name in result else {}
    return result


def _add(
    record: "dict[str, Any]",
    kind: str,
    scalars: "dict[str, list[Any]]",
    others: "dict[str, Any]",
    run_id: str,
) -> None:
    """Add a line that is not a plain scalar; a name that changes its kind begins anew."""
    key, value = record["n"], restore(record)
    if kind in {"float", "list"}:
        others.pop(key, None)
        scalars.setdefault(key, []).extend(value if kind == "list" else [value])
        return
    scalars.pop(key, None)
    wanted = list if kind in ARTIFACT_KINDS else _Columns
    if not isinstance(others.get(key), wanted):
        others[key] = wanted()
    if kind in ARTIFACT_KINDS:
        others[key].append("aml://artifactId/ExperimentRun/dcid.{}/{}".format(run_id, value))
    else:
        others[key].add(value if kind == "table" else {name: [cell] for name, cell in value.items()})


class _Columns:
    """The columns of a table that grows; a cell that a row has not is None."""

    def __init__(self) -> None:
        self.length = 0
        self.columns: "dict[str, list[Any]]" = {}

    def add(self, columns: "dict[str, list[Any]]") -> None:
        for name, cells in columns.items():
            self.columns.setdefault(name, [None] * self.length).extend(cells)
        self.length = max(map(len, self.columns.values()), default=0)
        for cells in self.columns.values():
            cells.extend([None] * (self.length - len(cells)))


def restore(record: "dict[str, Any]") -> "Any":
    """Put back the numbers that JSON does not know.

    Parameters
    ----------
    record
        A decoded line. A scalar of kind ``float`` is their name; in a list, a row or a table they are
        null, and ``"x"`` tells where they stand: ``[[index, "NaN"]]``, ``[[column, "NaN"]]``,
        ``[[column, index, "NaN"]]``.
    """
    value = record["v"]
    if record.get("k") == "float":
        return float(value)
    for path in record.get("x") or ():
        target = value
        for key in path[:-2]:
            target = target[key]
        target[path[-2]] = float(path[-1])
    return value


def _finish(value: "list[str] | _Columns") -> "Any":
    if isinstance(value, _Columns):
        return {name: _collapse(cells) for name, cells in value.columns.items()}
    return _collapse(value)


def _collapse(values: "list[Any]") -> "Any":
    """Turn one value into itself, and a mix of whole numbers and floats into floats."""
    if len(values) == 1:
        return values[0]
    kinds = set(map(type, values))
    if float in kinds and int in kinds and kinds <= {int, float, type(None)}:
        return [None if value is None else float(value) for value in values]
    return values
