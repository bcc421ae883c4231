"""The schemas of v1's JSON metrics: what a confusion matrix, an accuracy table, residuals and predictions hold."""

from .exceptions import UserErrorException

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

_FORMS = {
    "confusion_matrix": '{"class_labels": ["a", "b"], "matrix": [[3, 1], [0, 5]]}',
    "accuracy_table": '{"class_labels": ["a", "b"], "probability_thresholds": [0.0, 1.0], '
    '"probability_tables": [[[5, 4, 0, 0], [0, 0, 4, 5]], [[4, 5, 0, 0], [0, 0, 5, 4]]]}',
    "residuals": '{"bin_edges": [0, 1, 2], "bin_counts": [3, 4]}',
    "predictions": '{"bin_edges": [0, 1, 2], "bin_counts": [3, 4], '
    '"bin_averages": [0.4, 1.6], "bin_errors": [0.1, 0.2]}',
}
_COUNTS = 4  # true positives, false positives, true negatives, false negatives


def check(kind: str, name: str, value: "Any") -> "dict[str, Any]":
    """Give the data of a JSON metric, of the schema that SDK v1 documents for its kind.

    Parameters
    ----------
    kind
        ``confusion_matrix``, ``accuracy_table``, ``residuals`` or ``predictions``.
    name
        The metric's name.
    value
        What is logged: plain values.

    Raises
    ------
    UserErrorException
        When it is not of that schema.
    """
    wrong = _wrong(kind, value)
    if wrong:
        form = '{{"schema_type": "{}", "data": {}}}'.format(kind, _FORMS[kind])
        raise UserErrorException("log_{}({!r}): {}; it takes a dictionary like {}.".format(kind, name, wrong, form))
    data: "dict[str, Any]" = value["data"]
    return data


def _wrong(kind: str, value: "Any") -> str:
    if not isinstance(value, dict):
        return "it is no dictionary"
    if value.get("schema_type", kind) != kind:
        return '"schema_type" is {!r}'.format(value["schema_type"])
    data = value.get("data")
    return _WRONG[kind](data) if isinstance(data, dict) else '"data" is missing, or no dictionary'


def _wrong_matrix(data: "dict[str, Any]") -> str:
    return _wrong_labels(data) or _wrong_shape(data, "matrix", [len(data["class_labels"])] * 2)


def _wrong_accuracy(data: "dict[str, Any]") -> str:
    thresholds = data.get("probability_thresholds")
    if not isinstance(thresholds, list) or not _has_shape(thresholds, [len(thresholds)]):
        return '"probability_thresholds" is no list of numbers'
    wrong = _wrong_labels(data)
    return wrong or _wrong_shape(data, "probability_tables", [len(data["class_labels"]), len(thresholds), _COUNTS])


def _wrong_residuals(data: "dict[str, Any]") -> str:
    return _wrong_bins(data, ["bin_counts"])


def _wrong_predictions(data: "dict[str, Any]") -> str:
    return _wrong_bins(data, ["bin_counts", "bin_averages", "bin_errors"])


def _wrong_labels(data: "dict[str, Any]") -> str:
    labels = data.get("class_labels")
    return "" if isinstance(labels, list) and labels else '"class_labels" is no list of names'


def _wrong_bins(data: "dict[str, Any]", names: "list[str]") -> str:
    edges = data.get("bin_edges")
    if not isinstance(edges, list) or not edges or not _has_shape(edges, [len(edges)]):
        return '"bin_edges" is no list of numbers'
    told = (_wrong_shape(data, name, [len(edges) - 1]) for name in names)
    return next((wrong for wrong in told if wrong), "")


def _wrong_shape(data: "dict[str, Any]", name: str, shape: "list[int]") -> str:
    if name not in data:
        return '"{}" is missing'.format(name)
    return "" if _has_shape(data[name], shape) else '"{}" is not {} numbers'.format(name, " x ".join(map(str, shape)))


def _has_shape(value: "Any", shape: "list[int]") -> bool:
    if not shape:
        return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
    return isinstance(value, list) and len(value) == shape[0] and all(_has_shape(one, shape[1:]) for one in value)


_WRONG = {
    "confusion_matrix": _wrong_matrix,
    "accuracy_table": _wrong_accuracy,
    "residuals": _wrong_residuals,
    "predictions": _wrong_predictions,
}
